import type { Meter } from '../http/meter.ts';
import type { CallContext } from '../rest/call-context.ts';
import { type ScanEnd, type ScanSink, scanList } from '../rest/scan-list.ts';
import { LARGEST_PAGE } from '../rest/slices.ts';
import type { Catalogues } from './catalogues/catalogues.ts';
import { listLicenses } from './catalogues/licenses.ts';
import { listRoles } from './catalogues/roles.ts';
import type { WebexClient } from './client.ts';
import { getGroup, listGroups, MEMBERS_PER_REQUEST, MOST_GROUPS_WITH_MEMBERS } from './groups/groups.ts';
import { membersOf } from './groups/memberships.ts';
import { groupIdOf, personIdOf, uuidOf } from './ids.ts';
import { getPeopleByIds, getPerson, listPeople, mostPeopleAtOnce, type PeopleById } from './people/people.ts';
import type { Person } from './people/person.ts';
import { listMemberships, type ScimMembership } from './people/scim.ts';
import { findPersonByEmail } from './people/writes.ts';
import type { Group, GroupMember, License, PersonParts, Role } from './records.ts';

/** The groups of a person, by their public ids. */
export interface Membership {
  readonly id: string;
  readonly groups: readonly string[];
}

/**
 * Fresh reads of whole lists of one organization, for work in the background. Nothing is taken from memory or kept
 * there. Each read counts its requests in a meter of the caller.
 */
export class WebexScan {
  readonly #client: WebexClient;
  readonly #catalogues: Catalogues;
  readonly #organizationId: string;
  readonly #context: CallContext;

  constructor(client: WebexClient, catalogues: Catalogues, organizationId: string, context: CallContext) {
    this.#client = client;
    this.#catalogues = catalogues;
    this.#organizationId = organizationId;
    this.#context = context;
  }

  /** Number of groups when they were last listed; undefined if they were not. It may be out of date. */
  get knownGroups(): number | undefined {
    return this.#catalogues.size.groups;
  }

  /**
   * All people without presence, pages of 1,000, or of 100 with calling data.
   * Throws as `scanList`.
   */
  people(calling: boolean, sink: ScanSink<Person>, meter: Meter): Promise<ScanEnd> {
    const needs: PersonParts = { basic: true, admin: true, presence: false, calling };
    const most = mostPeopleAtOnce({}, needs);
    const context = { ...this.#context, meter };
    return scanList(
      {
        fetch: (from, max) => listPeople(this.#client, context, {}, needs, from, max),
        size: this.#catalogues.pageSizes.of('people', [needs.presence, needs.calling], most),
        leftOut: () => meter.recordsLeftOut,
        most,
      },
      sink,
    );
  }

  /**
   * Groups by name with their first members, 50 in a request.
   * @param prefix the beginning of their names; undefined: all groups. Webex may ignore it, so check what comes
   * Throws as `scanList`.
   */
  groups(prefix: string | undefined, sink: ScanSink<Group>, meter: Meter): Promise<ScanEnd> {
    const context = { ...this.#context, meter };
    const filter = { displayNameStartsWith: prefix };
    return scanList(
      {
        fetch: async (from, max) => {
          const slice = await listGroups(this.#client, context, filter, true, from, max);
          if (prefix === undefined) this.#catalogues.size.groups = slice.total;
          return slice;
        },
        size: this.#catalogues.pageSizes.of('groups', true, MOST_GROUPS_WITH_MEMBERS),
        leftOut: () => meter.recordsLeftOut,
        most: MOST_GROUPS_WITH_MEMBERS,
        byIndex: true,
      },
      sink,
    );
  }

  /**
   * All members of a group, without a request for those that came with it. Never throws because of one group: what
   * cannot be read is incomplete.
   */
  members(group: Group, sink: ScanSink<GroupMember>, meter: Meter): Promise<ScanEnd> {
    return scanList(
      {
        fetch: membersOf(this.#client, { ...this.#context, meter }, group),
        size: this.#catalogues.pageSizes.of('members', null, MEMBERS_PER_REQUEST),
        leftOut: () => meter.recordsLeftOut,
        most: MEMBERS_PER_REQUEST,
        byIndex: true,
        unreadable: 'incomplete',
      },
      sink,
    );
  }

  /**
   * All people with the groups that each is in, by SCIM, 1,000 in a request and several requests at once. Who is in none
   * comes as well.
   * Throws as `scanList`.
   */
  memberships(sink: ScanSink<Membership>, meter: Meter): Promise<ScanEnd> {
    const context = { ...this.#context, meter };
    const organizationUuid = uuidOf(this.#organizationId) ?? '';
    const toPublic = ({ id, groups }: ScimMembership): Membership => ({
      id: personIdOf(id, this.#organizationId) ?? id,
      groups: groups.map((uuid) => groupIdOf(uuid, this.#organizationId) ?? uuid),
    });
    return scanList<Membership>(
      {
        fetch: async (from, max) => {
          const slice = await listMemberships(this.#client, context, organizationUuid, from, max);
          return { ...slice, records: slice.records.map(toPublic) };
        },
        size: this.#catalogues.pageSizes.of('memberships', null, LARGEST_PAGE),
        leftOut: () => meter.recordsLeftOut,
        most: LARGEST_PAGE,
        byIndex: true,
      },
      sink,
    );
  }

  /** One group with its first members; null if Webex does not know the id. Throws upstream errors. */
  group(id: string, meter: Meter): Promise<Group | null> {
    return getGroup(this.#client, { ...this.#context, meter }, id, true);
  }

  /** All licenses, with their seats as Webex counts them at this moment. Throws IncompleteList and upstream errors. */
  licenses(meter: Meter): Promise<License[]> {
    return listLicenses(this.#client, { ...this.#context, meter });
  }

  /** All roles. Throws IncompleteList and upstream errors. */
  roles(meter: Meter): Promise<Role[]> {
    return listRoles(this.#client, { ...this.#context, meter });
  }

  /** People by id, 85 at most, with their names and addresses only. Throws upstream errors. */
  peopleByIds(ids: readonly string[], meter: Meter): Promise<PeopleById> {
    return getPeopleByIds(this.#client, { ...this.#context, meter }, ids);
  }

  /** One person, with calling data if it is asked for; null if Webex does not know the id. Throws upstream errors. */
  person(id: string, calling: boolean, meter: Meter): Promise<Person | null> {
    const needs = { basic: true, admin: true, presence: true, calling };
    return getPerson(this.#client, { ...this.#context, meter }, id, needs);
  }

  /** The person with this address; undefined if nobody has it. Throws upstream errors. */
  async personByEmail(email: string, meter: Meter): Promise<Person | undefined> {
    return (await findPersonByEmail(this.#client, { ...this.#context, meter }, email)).person;
  }
}
