import type { LimitName } from '../../store/sync/words.ts';
import type { Limit, MappingOutline, Policy } from '../words.ts';
import type { AdminParts } from './mapping.ts';

/** How far a plan may go without an approval, if its mapping does not say. */
const LIMIT_DEFAULTS: Policy['limits'] = {
  DELETE: { count: 10, percent: 1 },
  DISABLE: { count: 50, percent: 3 },
  REMOVE_LICENSES: { count: 200, percent: 10 },
  REMOVE_MEMBERS: { percent: 25 },
  EMPTY_GROUP: { count: 0 },
  RENAME: { count: 100, percent: 5 },
  UPDATE: { percent: 50 },
  CREATE: { percent: 50 },
  ROLES: { count: 0 },
  RELINK: { count: 5 },
  SOURCE_SHRUNK: { percent: 20 },
  INVALID_RECORDS: { percent: 5 },
};

type Settable = keyof Policy['limits'];

export const SETTABLE_LIMITS = Object.keys(LIMIT_DEFAULTS).filter(isSettable);

function isSettable(name: string): name is Settable {
  return Object.hasOwn(LIMIT_DEFAULTS, name);
}

/** All limits: those that a mapping sets, number by number, and the defaults of the others. */
export function completeLimits(own: { readonly [Name in Settable]?: Limit | undefined }): Policy['limits'] {
  const complete = (name: Settable): Limit => ({ ...LIMIT_DEFAULTS[name], ...own[name] });
  return {
    DELETE: complete('DELETE'),
    DISABLE: complete('DISABLE'),
    REMOVE_LICENSES: complete('REMOVE_LICENSES'),
    REMOVE_MEMBERS: complete('REMOVE_MEMBERS'),
    EMPTY_GROUP: complete('EMPTY_GROUP'),
    RENAME: complete('RENAME'),
    UPDATE: complete('UPDATE'),
    CREATE: complete('CREATE'),
    ROLES: complete('ROLES'),
    RELINK: complete('RELINK'),
    SOURCE_SHRUNK: complete('SOURCE_SHRUNK'),
    INVALID_RECORDS: complete('INVALID_RECORDS'),
  };
}

/** What of a mapping requires the scope `admin`. Pure. */
export function adminPartsOf({ policy, roles }: MappingOutline): AdminParts {
  const limits = SETTABLE_LIMITS.filter((name) => isAbove(policy.limits[name], LIMIT_DEFAULTS[name]));
  const raised: readonly LimitName[] = limits;
  return { limits: raised, roles: roles.mode !== 'IGNORE' };
}

/** A number that has no default makes a limit stricter. */
function isAbove(limit: Limit, usual: Limit): boolean {
  const above = (value: number | undefined, most: number | undefined) =>
    value !== undefined && most !== undefined && value > most;
  return above(limit.count, usual.count) || above(limit.percent, usual.percent);
}
