/** What the gateway knows of Webex's objects once they are read. Absent is undefined, never null. */

/** Which parts of a person an answer holds. The id is always there. */
export interface PersonParts {
  /** Names, emails, avatar, type and creation date. */
  readonly basic: boolean;
  /** What only administrators see: licenses, roles, department, phone numbers and the like. */
  readonly admin: boolean;
  /** Status and last activity. */
  readonly presence: boolean;
  /** Location, extension and calling numbers. */
  readonly calling: boolean;
}

export const REFERENCE_PARTS: PersonParts = { basic: false, admin: false, presence: false, calling: false };
export const BASIC_PARTS: PersonParts = { ...REFERENCE_PARTS, basic: true };

export function includesParts(has: PersonParts, needs: PersonParts): boolean {
  return (
    (has.basic || !needs.basic) &&
    (has.admin || !needs.admin) &&
    (has.presence || !needs.presence) &&
    (has.calling || !needs.calling)
  );
}

export function joinParts(one: PersonParts, other: PersonParts): PersonParts {
  return {
    basic: one.basic || other.basic,
    admin: one.admin || other.admin,
    presence: one.presence || other.presence,
    calling: one.calling || other.calling,
  };
}

/** A phone number, or an address for calls. */
export interface TypedValue {
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

export interface GroupMember {
  readonly id: string;
}

/** All that some answers tell of a group. */
export interface GroupReference {
  readonly id: string;
  readonly displayName: string | undefined;
}

export interface Group extends GroupReference {
  readonly description: string | undefined;
  /** Undefined if Webex does not say how many. */
  readonly memberCount: number | undefined;
  readonly created: Date | undefined;
  readonly lastModified: Date | undefined;
  /** The first members, if they were asked for; all of them when there are as many as memberCount. */
  readonly members: readonly GroupMember[] | undefined;
}

export interface License {
  readonly id: string;
  readonly name: string;
  /** Undefined if Webex does not say how many; below zero for no limit. */
  readonly totalUnits: number | undefined;
  readonly consumedUnits: number | undefined;
  readonly subscriptionId: string | undefined;
  readonly siteUrl: string | undefined;
  readonly siteType: string | undefined;
}

export interface LicenseHolder {
  readonly id: string;
  /** Whether the holder belongs to another organization, in which we cannot read the person. */
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
