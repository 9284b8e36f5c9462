import { z } from 'zod';
import { problemOf } from './expressions.ts';
import { attribute, keysOf, text } from './schema-parts.ts';
import { templateProblem } from './templates.ts';

const LONGEST_EXPRESSION = 2_000;
const LONGEST_TEXT = 2_048;
const MOST_ROWS_OF_A_TABLE = 5_000;
const SOURCES = ['from', 'constant', 'template', 'expression'] as const;

/** CEL. @param type what it has to give; undefined: anything */
export const expression = (type?: 'bool') =>
  text(LONGEST_EXPRESSION).superRefine((source, context) => {
    const message = problemOf(source, type);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

const scalar = z.union([z.string().max(LONGEST_TEXT), z.number(), z.boolean()], {
  error: 'must be a text, a number, or true or false.',
});
const constant = z.union([scalar, z.null(), z.array(scalar).max(50)], {
  error: 'must be a text, a number, true or false, null, or a list of them.',
});

const ruleShape = {
  from: attribute.optional(),
  constant: constant.optional(),
  template: text(LONGEST_TEXT)
    .superRefine((template, context) => {
      const message = templateProblem(template);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .optional(),
  expression: expression().optional(),
  split: text(10).optional(),
  take: z.int().min(-50).max(50).optional(),
  trim: z.boolean().optional(),
  lower: z.boolean().optional(),
  upper: z.boolean().optional(),
  table: z.record(z.string(), z.union([scalar, z.null()], { error: 'must be a text.' })).optional(),
  otherwise: z.enum(['SAME', 'NOTHING', 'INVALID']).optional(),
  join: z.string().max(10).optional(),
  default: constant.optional(),
  clear: z.enum(['EMPTY']).optional(),
};

type RuleShape = z.infer<z.ZodObject<typeof ruleShape>>;

/** How a value comes out of a record. */
export type ValueRule = RuleShape;

/** A rule; a text alone is the name of a column. */
export const rule = z.preprocess(asRule, keysOf(ruleShape).superRefine(checkRule));

/** As `rule`, with how the manager is found. */
export const managerRule = z.preprocess(
  asRule,
  keysOf({ ...ruleShape, by: z.enum(['EMAIL', 'KEY']).optional() }).superRefine(checkRule),
);

function asRule(value: unknown): unknown {
  return typeof value === 'string' ? { from: value } : value;
}

function checkRule(given: RuleShape, context: z.RefinementCtx): void {
  const add = (key: string | undefined, message: string) =>
    context.addIssue({ code: 'custom', message, path: key === undefined ? [] : [key] });
  const sources = SOURCES.filter((source) => given[source] !== undefined);
  if (sources.length === 0) add(undefined, `needs one of ${SOURCES.join(', ')}.`);
  for (const other of sources.slice(1)) add(other, `cannot be combined with ${sources[0]}.`);
  if (given.lower === true && given.upper === true) add('upper', 'cannot be combined with lower.');
  if (given.take === 0) add('take', 'must be 1 for the first part, -1 for the last.');
  if (given.otherwise !== undefined && given.table === undefined) add('otherwise', 'needs a table.');
  if (Object.keys(given.table ?? {}).length > MOST_ROWS_OF_A_TABLE)
    add('table', `must have ${MOST_ROWS_OF_A_TABLE} entries at most.`);
  if (given.default !== undefined && given.clear !== undefined)
    add('clear', 'cannot be combined with default: an empty value is either replaced or cleared.');
}
