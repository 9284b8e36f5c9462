import { type UpstreamCall, UpstreamRejected } from '../../errors/upstream.ts';
import type { CallContext } from '../rest/call-context.ts';
import type { PageSizes } from '../rest/page-size.ts';
import { readAll } from '../rest/read-all.ts';
import {
  changeLicenses,
  type LicenseChange,
  type LicensesOfUser,
  type SiteChange,
} from './catalogues/license-writes.ts';
import { isCallingLicense, listLicenses } from './catalogues/licenses.ts';
import { listRoles } from './catalogues/roles.ts';
import type { WebexClient } from './client.ts';
import { isRefusedRequest } from './failures.ts';
import { type FoundGroups, findGroups, getGroup, listMembers, MEMBERS_PER_REQUEST } from './groups/groups.ts';
import {
  changeGroup,
  createGroup,
  deleteGroup,
  type GroupChanges,
  type NewGroup,
  type WrittenGroup,
} from './groups/writes.ts';
import type { PersonChanges } from './people/body.ts';
import { getPeopleByIds, getPerson, IDS_PER_REQUEST } from './people/people.ts';
import type { Person } from './people/person.ts';
import {
  createPerson,
  deletePerson,
  type FoundByEmail,
  findPersonByEmail,
  replacePerson,
  type WrittenPerson,
} from './people/writes.ts';
import type { Group, GroupMember, License, Role } from './records.ts';

/**
 * Fresh reads and writes of one Webex organization. Every read asks Webex; nothing is taken from memory. A client that
 * closes its connection ends none of them, because half a change is worse than a whole one.
 */
export class WebexAdmin {
  /** Webex's id of the organization. */
  readonly organizationId: string;
  readonly #client: WebexClient;
  readonly #pageSizes: PageSizes;
  readonly #context: CallContext;

  /** @param pageSizes how many records of each list Webex bears at once */
  constructor(
    client: WebexClient,
    pageSizes: PageSizes,
    organizationId: string,
    { meter, lane, limit, mayStart }: CallContext,
  ) {
    this.organizationId = organizationId;
    this.#client = client;
    this.#pageSizes = pageSizes;
    this.#context = { meter, lane, limit, mayStart };
  }

  /**
   * The whole person; null if they do not exist. If Webex refuses the request, it is sent once more without calling data,
   * and the person has no calling part then. Throws UpstreamRejected if that is refused, too.
   */
  async readPerson(id: string): Promise<Person | null> {
    const parts = { basic: true, admin: true, presence: true, calling: true };
    try {
      return await getPerson(this.#client, this.#context, id, parts);
    } catch (error) {
      if (!isRefusedRequest(error)) throw error;
      return getPerson(this.#client, this.#context, id, { ...parts, calling: false });
    }
  }

  findPerson(email: string): Promise<FoundByEmail> {
    return findPersonByEmail(this.#client, this.#context, email);
  }

  createPerson(changes: PersonChanges, calling: boolean): Promise<WrittenPerson> {
    return createPerson(this.#client, this.#context, changes, calling);
  }

  /**
   * Throws UpstreamRejected if the person may have calling data that Webex did not show: replacing would lose it.
   * @param calling whether the person has a calling license afterwards
   */
  async replacePerson(person: Person, changes: PersonChanges, calling: boolean): Promise<WrittenPerson> {
    if (!person.parts.calling && (await this.#holdsCallingLicense(person))) {
      throw new UpstreamRejected(
        'Webex refuses to show the calling data of this user, and a change would lose it. Nothing was sent. Try again later.',
        { method: 'GET', path: '/people/:id' },
      );
    }
    return replacePerson(this.#client, this.#context, person, changes, calling);
  }

  async #holdsCallingLicense({ licenseIds }: Person): Promise<boolean> {
    if (licenseIds.length === 0) return false;
    return (await this.listLicenses()).some((each) => licenseIds.includes(each.id) && isCallingLicense(each));
  }

  deletePerson(id: string): Promise<UpstreamCall> {
    return deletePerson(this.#client, this.#context, id);
  }

  changeLicenses(
    personId: string,
    licenses: readonly LicenseChange[],
    sites: readonly SiteChange[],
  ): Promise<LicensesOfUser> {
    return changeLicenses(this.#client, this.#context, personId, licenses, sites);
  }

  /** All licenses, with their seats as Webex counts them at this moment. */
  listLicenses(): Promise<License[]> {
    return listLicenses(this.#client, this.#context);
  }

  listRoles(): Promise<Role[]> {
    return listRoles(this.#client, this.#context);
  }

  /** The group with its first members; null if it does not exist. */
  readGroup(id: string): Promise<Group | null> {
    return getGroup(this.#client, this.#context, id, true);
  }

  /** All members of a group. Throws UpstreamNotFound for a group that Webex does not know, and what `readAll` throws. */
  async readMembers(groupId: string): Promise<readonly GroupMember[]> {
    const { records } = await readAll<GroupMember>({
      fetch: (from, max) => listMembers(this.#client, this.#context, groupId, from, max),
      most: MEMBERS_PER_REQUEST,
      size: this.#pageSizes.of('members', null, MEMBERS_PER_REQUEST),
      absent: 'error',
      byIndex: true,
    });
    return [...records.values()];
  }

  /** Those of these ids that are people of the organization. */
  async knownPeople(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const known = new Set<string>();
    for (let start = 0; start < ids.length; start += IDS_PER_REQUEST) {
      const chunk = ids.slice(start, start + IDS_PER_REQUEST);
      const { found } = await getPeopleByIds(this.#client, this.#context, chunk);
      for (const { id } of found) known.add(id);
    }
    return known;
  }

  /** The groups of exactly this name, and when Webex has looked by its own clock. */
  findGroups(displayName: string): Promise<FoundGroups> {
    return findGroups(this.#client, this.#context, displayName);
  }

  createGroup(group: NewGroup): Promise<WrittenGroup> {
    return createGroup(this.#client, this.#context, group);
  }

  changeGroup(id: string, changes: GroupChanges): Promise<WrittenGroup> {
    return changeGroup(this.#client, this.#context, id, changes);
  }

  deleteGroup(id: string): Promise<UpstreamCall> {
    return deleteGroup(this.#client, this.#context, id);
  }
}
