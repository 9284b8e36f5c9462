import { z } from 'zod';
import { policy } from './policy-schema.ts';
import { expression, managerRule, rule } from './rule-schema.ts';
import { attribute, keysOf, name } from './schema-parts.ts';

const MOST_RULES = 500;
const MOST_GRANTS = 1_000;

const source = keysOf({
  kind: z.enum(['FILE', 'ROWS', 'IDENTITY_CLOUD']),
  key: attribute.optional(),
  previousKey: attribute.optional(),
  connector: name.optional(),
  filter: z.string().min(1).max(2_000).optional(),
}).superRefine(({ kind, key, previousKey, connector, filter }, context) => {
  const add = (path: string, message: string) => context.addIssue({ code: 'custom', message, path: [path] });
  if (previousKey !== undefined && key === undefined) add('previousKey', 'needs a key.');
  const isTenant = kind === 'IDENTITY_CLOUD';
  if (isTenant && connector === undefined) add('connector', 'is required: the tenant to read from.');
  if (!isTenant && connector !== undefined) add('connector', 'is possible for IDENTITY_CLOUD only.');
  if (!isTenant && filter !== undefined) add('filter', 'is possible for IDENTITY_CLOUD only.');
});

const user = keysOf({
  emails: rule,
  alternates: rule.optional(),
  previousEmails: rule.optional(),
  firstName: rule.optional(),
  lastName: rule.optional(),
  displayName: rule.optional(),
  title: rule.optional(),
  department: rule.optional(),
  manager: managerRule.optional(),
  avatar: rule.optional(),
  phoneNumbers: rule.optional(),
  extension: rule.optional(),
  locationId: rule.optional(),
  addresses: rule.optional(),
  siteUrls: rule.optional(),
  loginEnabled: rule.optional(),
});

const mode = z.enum(['IGNORE', 'ADDITIVE', 'EXACT']).default('IGNORE');

/** A license or role: its name, with its site if several have that name, or its id. */
const grant = z.preprocess(
  (value) => (typeof value === 'string' ? { name: value } : value),
  keysOf({
    name: name.optional(),
    site: name.optional(),
    id: z.string().min(1).max(512).optional(),
  }).transform((given, context) => {
    const { name: called, site, id } = given;
    if (id !== undefined && called === undefined && site === undefined) return { id };
    if (id === undefined && called !== undefined)
      return site === undefined ? { name: called } : { name: called, site };
    const message = 'needs a name, a name and a site, or an id alone.';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }),
);

const grants = z.array(grant).max(MOST_GRANTS);
const give = z.preprocess((value) => (typeof value === 'string' ? [value] : value), grants.min(1));

const licenses = keysOf({
  mode,
  managed: grants.optional(),
  rules: z
    .array(
      keysOf({
        when: expression('bool').optional(),
        give,
        with: keysOf({
          locationId: rule.optional(),
          extension: rule.optional(),
          phoneNumber: rule.optional(),
        }).optional(),
      }),
    )
    .max(MOST_RULES)
    .default([]),
});

const roles = keysOf({
  mode,
  managed: grants.optional(),
  rules: z
    .array(keysOf({ when: expression('bool').optional(), give }))
    .max(MOST_RULES)
    .default([]),
});

const groups = keysOf({
  mode,
  managed: z
    .preprocess(
      (value) => (Array.isArray(value) ? { names: value } : value),
      keysOf({ prefix: name.optional(), names: z.array(name).min(1).max(MOST_GRANTS).optional() }).refine(
        ({ prefix, names }) => (prefix === undefined) !== (names === undefined),
        { error: 'must be a list of names, or an object with a prefix.' },
      ),
    )
    .optional(),
  from: rule.optional(),
  create: z.boolean().default(false),
});

/** The text of a mapping, as data. */
export const documentSchema = keysOf({
  version: z.literal(1),
  name: z.string().regex(/^[\w-]{1,64}$/, { error: 'must be 1 to 64 letters, digits, - and _.' }),
  source,
  correlate: z
    .array(z.enum(['LINK', 'EMAIL', 'ALTERNATE_EMAIL', 'PREVIOUS_EMAIL']))
    .min(1)
    .refine((steps) => new Set(steps).size === steps.length, { error: 'has a step twice.' })
    .default(['LINK', 'EMAIL', 'ALTERNATE_EMAIL', 'PREVIOUS_EMAIL']),
  qualify: expression('bool').optional(),
  user,
  licenses: licenses.prefault({}),
  groups: groups.prefault({}),
  roles: roles.prefault({}),
  policy: policy.prefault({}),
});

export type MappingDocument = z.infer<typeof documentSchema>;
