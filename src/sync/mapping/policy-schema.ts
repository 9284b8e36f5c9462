import { z } from 'zod';
import type { Policy, SituationRule } from '../words.ts';
import { completeLimits, SETTABLE_LIMITS } from './limit-defaults.ts';
import { keysOf, name } from './schema-parts.ts';

const REMOVALS = ['DISABLE', 'REMOVE_LICENSES', 'DISABLE_AND_REMOVE_LICENSES', 'DELETE'] as const;
type Action = SituationRule['action'];

const LONGEST_GRACE = 365;

/** What each situation may lead to; the first is the default. */
const ACTIONS = {
  UNQUALIFIED: ['REPORT', ...REMOVALS],
  CONFIRMED: ['UPDATE', 'NONE'],
  FOUND: ['UPDATE', 'LINK', 'NONE'],
  MISSING: ['REPORT', 'CREATE', 'UNLINK'],
  ABSENT: ['CREATE', 'REPORT'],
  SOURCE_MISSING: ['REPORT', ...REMOVALS],
  UNASSIGNED: ['NONE', 'REPORT', ...REMOVALS],
} as const satisfies Record<keyof Policy['situations'], readonly [Action, ...Action[]]>;

const after = z
  .string()
  .max(10)
  .transform((text, context) => {
    const days = Number(/^P(\d{1,3})D$/.exec(text)?.[1] ?? 0);
    if (days >= 1 && days <= LONGEST_GRACE) return days;
    context.addIssue({ code: 'custom', message: `must be P1D to P${LONGEST_GRACE}D, a number of days.` });
    return z.NEVER;
  });

/** A situation: an action alone, or with `after` where a date is known from which days can be counted. */
function situation<const Actions extends readonly [Action, ...Action[]]>(
  actions: Actions,
  hasAfter: boolean,
) {
  const shape = { action: z.enum(actions) };
  const asObject = (value: unknown) => (typeof value === 'string' ? { action: value } : value);
  const plain = keysOf({
    ...shape,
    after: z
      .unknown()
      .refine((value) => value === undefined, {
        error: 'is possible for SOURCE_MISSING only: other situations have no date to count from.',
      })
      .optional(),
  }).transform(({ action }): SituationRule => ({ action }));
  const graceful = keysOf({ ...shape, after: after.optional() }).transform(
    (given): SituationRule =>
      given.after === undefined ? { action: given.action } : { action: given.action, afterDays: given.after },
  );
  return z.preprocess(asObject, hasAfter ? graceful : plain).optional();
}

const limit = keysOf({
  count: z.int().min(0).max(1_000_000).optional(),
  percent: z.number().min(0).max(100).optional(),
})
  .refine(({ count, percent }) => count !== undefined || percent !== undefined, {
    error: 'needs count, percent or both.',
  })
  .transform(({ count, percent }) => ({
    ...(count === undefined ? {} : { count }),
    ...(percent === undefined ? {} : { percent }),
  }))
  .optional();

const names = z.array(name).max(1_000).default([]);
const scope = { domains: names, groups: names };
const protect = { emails: names, groups: names, roles: names };

const limits = keysOf({
  DELETE: limit,
  DISABLE: limit,
  REMOVE_LICENSES: limit,
  REMOVE_MEMBERS: limit,
  EMPTY_GROUP: limit,
  RENAME: limit,
  UPDATE: limit,
  CREATE: limit,
  ROLES: limit,
  RELINK: limit,
  SOURCE_SHRUNK: limit,
  INVALID_RECORDS: limit,
}).default({});

const situations = keysOf({
  UNQUALIFIED: situation(ACTIONS.UNQUALIFIED, false),
  CONFIRMED: situation(ACTIONS.CONFIRMED, false),
  FOUND: situation(ACTIONS.FOUND, false),
  MISSING: situation(ACTIONS.MISSING, false),
  ABSENT: situation(ACTIONS.ABSENT, false),
  SOURCE_MISSING: situation(ACTIONS.SOURCE_MISSING, true),
  UNASSIGNED: situation(ACTIONS.UNASSIGNED, false),
})
  .default({})
  .transform((own): Policy['situations'] => ({
    UNQUALIFIED: own.UNQUALIFIED ?? { action: ACTIONS.UNQUALIFIED[0] },
    CONFIRMED: own.CONFIRMED ?? { action: ACTIONS.CONFIRMED[0] },
    FOUND: own.FOUND ?? { action: ACTIONS.FOUND[0] },
    MISSING: own.MISSING ?? { action: ACTIONS.MISSING[0] },
    ABSENT: own.ABSENT ?? { action: ACTIONS.ABSENT[0] },
    SOURCE_MISSING: own.SOURCE_MISSING ?? { action: ACTIONS.SOURCE_MISSING[0] },
    UNASSIGNED: own.UNASSIGNED ?? { action: ACTIONS.UNASSIGNED[0] },
  }));

/** Reads a policy, with the defaults of all that it does not set. */
export const policy = keysOf({
  mode: z.enum(['FULL', 'CREATE_ONLY', 'REPORT']).default('FULL'),
  scope: keysOf(scope).prefault({}),
  situations: situations.prefault({}),
  protect: keysOf(protect).prefault({}),
  limits,
}).transform(
  (own): Policy => ({
    ...own,
    limits: completeLimits(own.limits),
    ownLimits: SETTABLE_LIMITS.filter((each) => own.limits[each] !== undefined),
  }),
);

const REMOVING: ReadonlySet<string> = new Set(REMOVALS);

/** Situations in which a policy takes something from users. Pure. */
export function removingSituations({ situations: all }: Policy): string[] {
  return Object.entries(all).flatMap(([situationName, { action }]) =>
    REMOVING.has(action) ? [situationName] : [],
  );
}
