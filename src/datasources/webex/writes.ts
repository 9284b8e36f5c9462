import type { UpstreamCall } from '../../errors.ts';
import type { CallContext } from './call.ts';
import {
  changeLicenses,
  type LicenseChange,
  type LicensesOfUser,
  type SiteChange,
} from './catalogues/license-writes.ts';
import { listLicenses } from './catalogues/licenses.ts';
import { listRoles } from './catalogues/roles.ts';
import type { WebexClient } from './client.ts';
import {
  changeGroup,
  createGroup,
  deleteGroup,
  type GroupChanges,
  type NewGroup,
  type WrittenGroup,
} from './groups/group-writes.ts';
import { type FoundGroups, findGroups, getGroup, listMembers, MEMBERS_PER_REQUEST } from './groups/groups.ts';
import { getPeopleByIds, getPerson, IDS_PER_REQUEST } from './people/people.ts';
import {
  createPerson,
  deletePerson,
  type FoundByEmail,
  findPersonByEmail,
  replacePerson,
  type WrittenPerson,
} from './people/people-writes.ts';
import type { Person } from './people/person.ts';
import type { PersonChanges } from './people/person-body.ts';
import type { Group, GroupMember, License, Role } from './records.ts';

/**
 * Changes of one Webex organization, and the reading that goes with them: always anew, past everything that
 * is remembered. A client that goes away ends nothing of it, as half a change is worse than a whole one.
 */
export class WebexWrites {
  readonly #client: WebexClient;
  readonly #context: CallContext;

  constructor(client: WebexClient, { meter, lane }: CallContext) {
    this.#client = client;
    this.#context = { meter, lane };
  }

  /** The whole person; null where there is none. */
  readPerson(id: string): Promise<Person | null> {
    return getPerson(this.#client, this.#context, id, {
      basic: true,
      admin: true,
      presence: true,
      calling: true,
    });
  }

  findPerson(email: string): Promise<FoundByEmail> {
    return findPersonByEmail(this.#client, this.#context, email);
  }

  createPerson(changes: PersonChanges, calling: boolean): Promise<WrittenPerson> {
    return createPerson(this.#client, this.#context, changes, calling);
  }

  /** @param calling whether the person has a calling license afterwards */
  replacePerson(person: Person, changes: PersonChanges, calling: boolean): Promise<WrittenPerson> {
    return replacePerson(this.#client, this.#context, person, changes, calling);
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

  /** The group with its first members; null where there is none. */
  readGroup(id: string): Promise<Group | null> {
    return getGroup(this.#client, this.#context, id, true);
  }

  /** Everybody in a group. */
  async readMembers(groupId: string): Promise<readonly GroupMember[]> {
    const members: GroupMember[] = [];
    let from: string | undefined;
    do {
      const slice = await listMembers(this.#client, this.#context, groupId, from, MEMBERS_PER_REQUEST);
      members.push(...slice.records);
      from = slice.next;
    } while (from !== undefined);
    return members;
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
