import { Expiring } from './expiring.ts';
import type { GroupCatalogue } from './memberships.ts';
import type { License, Organization, Role } from './records.ts';

/** How long what is shared is kept, in milliseconds: long enough for a dashboard's burst of queries. */
const KEEP_MS = 30_000;

/** All records of one kind, by id. */
export interface Catalogue<T> {
  readonly records: ReadonlyMap<string, T>;
  /** Ids that were looked for when nothing newer was to be had, and are none of the records. */
  readonly missing: Set<string>;
}

/**
 * How large the organization was when it was last read through, each undefined until it was. It decides
 * which of several ways to read takes the fewest requests, so it may be out of date.
 */
export interface OrganizationSize {
  /** How many of the largest pages its people fill; at least so many, where the last was not reached. */
  peoplePages: number | undefined;
  groups: number | undefined;
  /** How many requests it took to read who is in which group. */
  membershipRequests: number | undefined;
}

/** What is read once for everyone who asks about one organization. */
export interface Catalogues {
  readonly licenses: Expiring<Catalogue<License>>;
  readonly roles: Expiring<Catalogue<Role>>;
  readonly organization: Expiring<Organization>;
  readonly groups: Expiring<GroupCatalogue>;
  readonly size: OrganizationSize;
}

/** Empty catalogues for one organization. */
export function createCatalogues(): Catalogues {
  return {
    licenses: new Expiring(KEEP_MS),
    roles: new Expiring(KEEP_MS),
    organization: new Expiring(KEEP_MS),
    groups: new Expiring(KEEP_MS),
    size: { peoplePages: undefined, groups: undefined, membershipRequests: undefined },
  };
}
