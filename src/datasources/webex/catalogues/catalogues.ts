import type { CallContext } from '../../rest/call-context.ts';
import { Expiring } from '../../rest/expiring.ts';
import { PageSizes } from '../../rest/page-size.ts';
import { isTooMuchAtOnce } from '../failures.ts';
import type { GroupCatalogue } from '../groups/memberships.ts';
import type { License, Organization, Role } from '../records.ts';

/** All records of one kind, by id. */
export interface Catalogue<T> {
  readonly records: ReadonlyMap<string, T>;
  /** When it began to be read, in milliseconds of a clock that never goes back. */
  readonly begun: number;
  /** Ids that were looked for when nothing newer was to be had, and are none of the records. */
  readonly missing: Set<string>;
}

/**
 * How large the organization was when it was last read through, each undefined until it was. It decides
 * which of several ways to read takes the fewest requests, so it may be out of date.
 */
export interface OrganizationSize {
  /** How many of the largest pages its people fill; at least so many, if the list has grown. */
  peoplePages: number | undefined;
  /** The same, as it looks while nobody has reached the end of the list. */
  likelyPeoplePages: number | undefined;
  groups: number | undefined;
  /** How many requests it took to read who is in which group. */
  membershipRequests: number | undefined;
}

/** What is read, and learnt, once for everyone who asks about one organization. */
export interface Catalogues {
  readonly licenses: Expiring<Catalogue<License>>;
  readonly roles: Expiring<Catalogue<Role>>;
  readonly organization: Expiring<Organization>;
  readonly groups: Expiring<GroupCatalogue>;
  readonly size: OrganizationSize;
  readonly pageSizes: PageSizes;
}

/**
 * Empty catalogues for one organization.
 * @param keepMs how long what was read is kept, in milliseconds
 * @param mayHalve whether a page that was too much may be asked for in smaller parts
 * @param mayJoin as for Expiring
 */
export function createCatalogues(
  keepMs: number,
  mayHalve: () => boolean,
  mayJoin: (caller: CallContext) => void,
): Catalogues {
  return {
    licenses: new Expiring(keepMs, mayJoin),
    roles: new Expiring(keepMs, mayJoin),
    organization: new Expiring(keepMs, mayJoin),
    groups: new Expiring(keepMs, mayJoin),
    size: {
      peoplePages: undefined,
      likelyPeoplePages: undefined,
      groups: undefined,
      membershipRequests: undefined,
    },
    pageSizes: new PageSizes((error) => isTooMuchAtOnce(error) && mayHalve()),
  };
}
