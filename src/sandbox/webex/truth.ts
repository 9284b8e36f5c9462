import { encodeId, groupUuid, personUuid } from './ids.ts';
import type { Administered } from './state/organizations.ts';
import type { GroupRecord, LicenseRecord, Organization, PersonRecord } from './state/records.ts';

/** A person as it is, whatever Webex would show of it. */
export interface PersonTruth {
  readonly id: string;
  readonly uuid: string;
  readonly email: string;
  readonly displayName: string;
  readonly firstName: string | undefined;
  readonly lastName: string | undefined;
  readonly nickName: string | undefined;
  readonly department: string | undefined;
  readonly title: string | undefined;
  readonly manager: string | undefined;
  readonly managerId: string | undefined;
  readonly locationId: string | undefined;
  readonly extension: string | undefined;
  readonly timezone: string | undefined;
  readonly invitePending: boolean;
  readonly loginEnabled: boolean;
  readonly licenseIds: readonly string[];
  /** Names may repeat: two subscriptions can hold licenses of one name. */
  readonly licenseNames: readonly string[];
  readonly roleIds: readonly string[];
  readonly roleNames: readonly string[];
  readonly groupNames: readonly string[];
}

/** A license as it is: its counts do not lag. */
export interface LicenseTruth {
  readonly id: string;
  readonly name: string;
  /** Undefined: unlimited. */
  readonly totalUnits: number | undefined;
  readonly consumedUnits: number;
  readonly subscriptionId: string | undefined;
  readonly siteUrl: string | undefined;
  /** Email addresses of the holders within the organization. */
  readonly holders: readonly string[];
}

export interface GroupTruth {
  readonly id: string;
  readonly uuid: string;
  readonly displayName: string;
  readonly description: string | undefined;
  readonly memberIds: readonly string[];
}

export interface RoleTruth {
  readonly id: string;
  readonly name: string;
  /** Email addresses. */
  readonly holders: readonly string[];
}

/** What is true in one organization of the sandbox, to compare with what a client believes. */
export class Truth {
  readonly #find: () => Administered;

  /** @param find the organization; a reset creates a new one */
  constructor(find: () => Administered) {
    this.#find = find;
  }

  /** The organization: its public id, its UUID for SCIM, its name and the domain of its addresses. */
  get org(): Pick<Organization, 'id' | 'uuid' | 'displayName' | 'domain'> {
    return this.#tenant.organization;
  }

  /** Ids of the calling locations. */
  get locationIds(): readonly string[] {
    return this.#tenant.locations;
  }

  /** The email address of the organization's administrator. */
  get adminEmail(): string {
    return emailOf(this.#find().admin);
  }

  /** Everybody, in the order in which lists show them. */
  get people(): readonly PersonTruth[] {
    return this.#tenant.people.live.map((person) => this.#person(person));
  }

  get licenses(): readonly LicenseTruth[] {
    return this.#tenant.licenses.all.map((license) => this.#license(license));
  }

  get groups(): readonly GroupTruth[] {
    return this.#tenant.groups.sortedBy('created').map((group) => this.#group(group));
  }

  get roles(): readonly RoleTruth[] {
    const { roles } = this.#tenant;
    return roles.all.map((role) => {
      return { id: role.id, name: role.name, holders: [...roles.holders(role)].map(emailOf) };
    });
  }

  /** The person with an email address, a public id or a UUID; undefined if nobody has it. */
  person(key: string): PersonTruth | undefined {
    const { people } = this.#tenant;
    const person = people.byEmail(key) ?? people.byUuid(personUuid(key) ?? key);
    return person === undefined ? undefined : this.#person(person);
  }

  /** The first license with a name, or the one with an id; undefined if it does not exist. */
  license(key: string): LicenseTruth | undefined {
    const found = this.#findLicense(key);
    return found === undefined ? undefined : this.#license(found);
  }

  /** The group with a name or an id; undefined if it does not exist. */
  group(key: string): GroupTruth | undefined {
    const { groups } = this.#tenant;
    const found = groups.byName(key) ?? groups.byUuid(groupUuid(key) ?? key);
    return found === undefined ? undefined : this.#group(found);
  }

  /** The role with a name or an id; undefined if it does not exist. */
  role(key: string): RoleTruth | undefined {
    return this.roles.find((role) => role.name === key || role.id === key);
  }

  /** Changes how many units a license has; undefined is unlimited. Throws RangeError when there is no such license. */
  setTotalUnits(nameOrId: string, totalUnits: number | undefined): void {
    const license = this.#findLicense(nameOrId);
    if (license === undefined) throw new RangeError(`There is no license ${nameOrId}.`);
    license.totalUnits = totalUnits;
  }

  get #tenant() {
    return this.#find().tenant;
  }

  #findLicense(key: string): LicenseRecord | undefined {
    return this.#tenant.licenses.all.find((each) => each.name === key || each.id === key);
  }

  #license(license: LicenseRecord): LicenseTruth {
    const { licenses } = this.#tenant;
    const { users, workspaces } = licenses.consumed(license);
    const { id, name, totalUnits, subscriptionId, siteUrl } = license;
    const holders = licenses.holders(license).map(emailOf);
    return { id, name, totalUnits, subscriptionId, siteUrl, consumedUnits: users + workspaces, holders };
  }

  #group(group: GroupRecord): GroupTruth {
    const { groups } = this.#tenant;
    const { id, uuid, displayName, description } = group;
    const memberIds = groups.membersOf(group).map((member) => encodeId('PEOPLE', member));
    return { id, uuid, displayName, description, memberIds };
  }

  #person(person: PersonRecord): PersonTruth {
    const { id, uuid, displayName, firstName, lastName, nickName, department, title } = person;
    const { manager, managerId, locationId, extension, timezone, invitePending, loginEnabled } = person;
    return {
      ...{ id, uuid, displayName, firstName, lastName, nickName, department, title },
      ...{ manager, managerId, locationId, extension, timezone, invitePending, loginEnabled },
      email: emailOf(person),
      licenseIds: [...person.licenses].map((license) => license.id),
      licenseNames: [...person.licenses].map((license) => license.name),
      roleIds: [...person.roles].map((role) => role.id),
      roleNames: [...person.roles].map((role) => role.name),
      groupNames: this.#tenant.groups.groupsOf(person.uuid).map((group) => group.displayName),
    };
  }
}

function emailOf(person: PersonRecord): string {
  return person.emails[0] ?? '';
}
