/** What exists in the simulated organization. An unset value is undefined here and absent on the wire. */

export interface PhoneNumber {
  readonly type: string;
  readonly value: string;
  readonly primary?: boolean | undefined;
}

export interface PostalAddress {
  readonly type?: string | undefined;
  readonly country?: string | undefined;
  readonly locality?: string | undefined;
  readonly region?: string | undefined;
  readonly streetAddress?: string | undefined;
  readonly postalCode?: string | undefined;
}

/** What of a person can be set from outside. */
export interface PersonFields {
  emails: readonly string[];
  displayName: string;
  firstName: string | undefined;
  lastName: string | undefined;
  nickName: string | undefined;
  avatar: string | undefined;
  department: string | undefined;
  title: string | undefined;
  manager: string | undefined;
  managerId: string | undefined;
  phoneNumbers: readonly PhoneNumber[];
  /** The number that came with a calling license. */
  callingNumber: string | undefined;
  extension: string | undefined;
  locationId: string | undefined;
  addresses: readonly PostalAddress[];
  siteUrls: readonly string[];
  timezone: string | undefined;
  status: string | undefined;
  /** Milliseconds since 1970, as all times here. */
  lastActivity: number | undefined;
  invitePending: boolean;
  loginEnabled: boolean;
}

export interface PersonRecord extends PersonFields {
  readonly uuid: string;
  /** The public id. */
  readonly id: string;
  /** The place in the order of creation, which lists and cursors follow. */
  readonly position: number;
  readonly licenses: Set<LicenseRecord>;
  readonly roles: Set<RoleRecord>;
  readonly created: number;
  lastModified: number;
  /** Counts every change, so that what was made of an older state is known to be stale. */
  revision: number;
  /** When the person shows in lists, and how many list requests it misses before. */
  listedFrom: number;
  missedLists: number;
  sipAddressesFrom: number;
}

export interface RoleRecord {
  readonly id: string;
  readonly name: string;
  readonly scimName: string;
  /** Whether its holders may read, or read and write, as administrators. */
  readonly rights: 'none' | 'read' | 'write';
}

export interface LicenseRecord {
  readonly id: string;
  readonly name: string;
  /** Undefined: unlimited. */
  totalUnits: number | undefined;
  readonly subscriptionId: string | undefined;
  readonly siteUrl: string | undefined;
  readonly siteType: string | undefined;
  readonly workspaces: number | undefined;
  readonly calling: 'professional' | 'standard' | 'workspace' | undefined;
  /** Given by the system: it cannot be taken away. */
  readonly implicit: boolean;
  readonly externals: readonly ExternalUser[];
}

/** A person of another organization who holds one of our licenses. */
export interface ExternalUser {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
}

export interface GroupRecord {
  readonly uuid: string;
  readonly id: string;
  displayName: string;
  description: string | undefined;
  readonly created: number;
  lastModified: number;
}

export interface Organization {
  readonly uuid: string;
  readonly id: string;
  readonly displayName: string;
  readonly created: number;
  readonly domain: string;
}
