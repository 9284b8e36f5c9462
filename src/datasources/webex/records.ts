/** What the gateway knows of Webex's objects once they are read. Absent is undefined, never null. */

/** Which parts of a person an answer holds. Names, emails, avatar and creation date are always there. */
export interface PersonParts {
  /** What only administrators see: licenses, roles, department, phone numbers and the like. */
  readonly admin: boolean;
  /** Status and last activity. */
  readonly presence: boolean;
  /** Location, extension and calling numbers. */
  readonly calling: boolean;
}

export const BASIC_PARTS: PersonParts = { admin: false, presence: false, calling: false };

export function includesParts(has: PersonParts, needs: PersonParts): boolean {
  return (has.admin || !needs.admin) && (has.presence || !needs.presence) && (has.calling || !needs.calling);
}

export function joinParts(one: PersonParts, other: PersonParts): PersonParts {
  return {
    admin: one.admin || other.admin,
    presence: one.presence || other.presence,
    calling: one.calling || other.calling,
  };
}

export interface PhoneNumber {
  readonly type: string;
  readonly value: string;
  readonly primary: boolean;
}

export interface SipAddress {
  readonly type: string;
  readonly value: string;
  readonly primary: boolean;
}

export interface PostalAddress {
  readonly type: string | undefined;
  readonly country: string | undefined;
  readonly locality: string | undefined;
  readonly region: string | undefined;
  readonly streetAddress: string | undefined;
  readonly postalCode: string | undefined;
}

export interface Person {
  readonly parts: PersonParts;
  readonly id: string;
  readonly organizationId: string | undefined;
  readonly emails: readonly string[];
  readonly displayName: string | undefined;
  readonly firstName: string | undefined;
  readonly lastName: string | undefined;
  readonly nickName: string | undefined;
  readonly avatar: string | undefined;
  readonly type: string;
  readonly created: Date;
  readonly lastModified: Date | undefined;
  readonly title: string | undefined;
  readonly department: string | undefined;
  readonly managerId: string | undefined;
  readonly phoneNumbers: readonly PhoneNumber[];
  readonly extension: string | undefined;
  readonly locationId: string | undefined;
  readonly addresses: readonly PostalAddress[];
  readonly timezone: string | undefined;
  readonly status: string | undefined;
  readonly lastActivity: Date | undefined;
  readonly invitePending: boolean;
  readonly loginEnabled: boolean;
  readonly siteUrls: readonly string[];
  readonly sipAddresses: readonly SipAddress[];
  readonly licenseIds: readonly string[];
  readonly roleIds: readonly string[];
}

/**
 * One person from two answers: what the newer one holds, and the parts that only the older one does. Only
 * presence and calling data come without each other; all else comes with whatever is more than basic.
 */
export function joinPeople(older: Person, newer: Person): Person {
  if (includesParts(newer.parts, older.parts)) return newer;
  if (includesParts(older.parts, newer.parts)) return older;
  const { status, lastActivity } = older.parts.presence ? older : newer;
  const { extension, locationId, phoneNumbers } = older.parts.calling ? older : newer;
  const parts = joinParts(older.parts, newer.parts);
  return { ...newer, parts, status, lastActivity, extension, locationId, phoneNumbers };
}

export interface GroupMember {
  readonly id: string;
  readonly displayName: string | undefined;
}

/** All that some answers tell of a group. */
export interface GroupReference {
  readonly id: string;
  readonly displayName: string;
}

export interface Group extends GroupReference {
  readonly description: string | undefined;
  readonly memberCount: number;
  readonly created: Date | undefined;
  readonly lastModified: Date | undefined;
  /** The first members, where they were asked for; all of them when there are as many as memberCount. */
  readonly members: readonly GroupMember[] | undefined;
}

export interface License {
  readonly id: string;
  readonly name: string;
  readonly totalUnits: number;
  readonly consumedUnits: number;
  readonly subscriptionId: string | undefined;
  readonly siteUrl: string | undefined;
  readonly siteType: string | undefined;
}

export interface LicenseHolder {
  readonly id: string;
  /** Whether the holder belongs to another organization, where we cannot read the person. */
  readonly external: boolean;
}

export interface Role {
  readonly id: string;
  readonly name: string;
}

export interface Organization {
  readonly id: string;
  readonly displayName: string;
  readonly created: Date | undefined;
}
