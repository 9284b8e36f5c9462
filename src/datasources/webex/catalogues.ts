import { Expiring } from './expiring.ts';
import type { MembershipIndex } from './memberships.ts';
import type { License, Organization, Role } from './records.ts';

/** How long what is shared is kept, in milliseconds: long enough for a dashboard's burst of queries. */
const KEEP_MS = 30_000;

/** What is read once for everyone who asks about one organization, by id where there are many. */
export interface Catalogues {
  readonly licenses: Expiring<ReadonlyMap<string, License>>;
  readonly roles: Expiring<ReadonlyMap<string, Role>>;
  readonly organization: Expiring<Organization>;
  readonly memberships: Expiring<MembershipIndex>;
}

/** Empty catalogues for one organization. */
export function createCatalogues(): Catalogues {
  return {
    licenses: new Expiring(KEEP_MS),
    roles: new Expiring(KEEP_MS),
    organization: new Expiring(KEEP_MS),
    memberships: new Expiring(KEEP_MS),
  };
}
