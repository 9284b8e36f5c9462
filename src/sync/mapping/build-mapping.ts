import { canonicalEmail, canonicalName, canonicalSite } from '../../datasources/webex/canonical.ts';
import type { GrantName, MappedField, MappingOutline } from '../words.ts';
import type { MappingDocument } from './document-schema.ts';
import type { Mapping, MappingRules } from './mapping.ts';
import { removingSituations } from './policy-schema.ts';
import { columnsOfMapping } from './rule-columns.ts';
import type { ValueRule } from './rule-schema.ts';

/** A mistake that is seen only when the whole document is there. */
export interface DocumentProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What a document contradicts itself in. Pure. */
export function problemsOf(document: MappingDocument): DocumentProblem[] {
  const { source, policy, groups } = document;
  const removing = source.key === undefined ? removingSituations(policy) : [];
  const found: DocumentProblem[] = removing.map((situation) => ({
    path: ['policy', 'situations', situation],
    message:
      'takes something from users, so source.key is required: without a key, a changed address looks like a user who left.',
  }));
  for (const part of ['licenses', 'roles'] as const) found.push(...grantProblems(document[part], part));
  if (groups.mode !== 'IGNORE' && groups.from === undefined)
    found.push({ path: ['groups', 'from'], message: `is required if mode is ${groups.mode}.` });
  if (groups.mode === 'EXACT' && groups.managed === undefined)
    found.push({ path: ['groups', 'managed'], message: 'is required if mode is EXACT.' });
  return found;
}

function grantProblems(
  { mode, managed, rules }: MappingDocument['licenses'] | MappingDocument['roles'],
  part: 'licenses' | 'roles',
): DocumentProblem[] {
  if (managed === undefined) {
    return mode === 'EXACT' ? [{ path: [part, 'managed'], message: 'is required if mode is EXACT.' }] : [];
  }
  return rules.flatMap(({ give }, rule) =>
    give.flatMap((grant, index) =>
      managedGrant(grant, managed) !== undefined
        ? []
        : [
            {
              path: [part, 'rules', rule, 'give', index],
              message: `must be in ${part}.managed as well.`,
            },
          ],
    ),
  );
}

/** The managed license or role that a rule gives. A name alone is enough if one managed entry has it. */
export function managedGrant(grant: GrantName, managed: readonly GrantName[]): GrantName | undefined {
  const key = keyOfGrant(grant);
  const exact = managed.find((each) => keyOfGrant(each) === key);
  if (exact !== undefined || 'id' in grant || grant.site !== undefined) return exact;
  const name = canonicalName(grant.name);
  const [only, ...others] = managed.filter((each) => 'name' in each && canonicalName(each.name) === name);
  return others.length === 0 ? only : undefined;
}

/** One text for all spellings of a license or role in a mapping. */
export function keyOfGrant(grant: GrantName): string {
  if ('id' in grant) return JSON.stringify(['id', grant.id]);
  const site = grant.site === undefined ? null : canonicalSite(grant.site);
  return JSON.stringify(['name', canonicalName(grant.name), site]);
}

/** The mapping that a document without problems describes. Pure. */
export function buildMapping(document: MappingDocument): Mapping {
  const rules = rulesOf(document);
  const { source, policy } = document;
  const { managed } = document.groups;
  const outline: MappingOutline = {
    name: document.name,
    source: { kind: source.kind, ...withoutUndefined(source) },
    correlate: document.correlate,
    fields: fieldsOf(rules),
    hasManager: rules.manager !== undefined,
    licenses: grantsOf(document.licenses),
    roles: grantsOf(document.roles),
    groups: {
      mode: document.groups.mode,
      managed: managed?.names === undefined ? { prefix: managed?.prefix ?? '' } : { names: managed.names },
      create: document.groups.create,
    },
    policy: {
      ...policy,
      scope: { ...policy.scope, domains: policy.scope.domains.map((each) => each.toLowerCase()) },
      protect: { ...policy.protect, emails: policy.protect.emails.map(canonicalEmail) },
    },
  };
  return { outline, rules: { ...rules, columns: columnsOfMapping(outline.source, rules) } };
}

/** Without a list of their own, all licenses or roles that rules give are managed. */
function grantsOf({ mode, managed, rules }: MappingDocument['licenses'] | MappingDocument['roles']) {
  const given = new Map(rules.flatMap(({ give }) => give).map((grant) => [keyOfGrant(grant), grant]));
  return { mode, managed: managed ?? [...given.values()] };
}

function withoutUndefined({ key, previousKey, connector, filter }: MappingDocument['source']) {
  return {
    ...(key === undefined ? {} : { key }),
    ...(previousKey === undefined ? {} : { previousKey }),
    ...(connector === undefined ? {} : { connector }),
    ...(filter === undefined ? {} : { filter }),
  };
}

function rulesOf(document: MappingDocument): MappingRules {
  const { user, licenses, roles, groups } = document;
  const { by, ...manager } = user.manager ?? {};
  return {
    qualify: document.qualify,
    emails: user.emails,
    alternates: user.alternates,
    previousEmails: user.previousEmails,
    manager: user.manager === undefined ? undefined : { rule: manager, by: by ?? 'EMAIL' },
    fields: userFields(user),
    licenses: licenses.mode === 'IGNORE' ? [] : licenses.rules,
    roles: roles.mode === 'IGNORE' ? [] : roles.rules,
    groups: groups.mode === 'IGNORE' ? undefined : groups.from,
    columns: [],
  };
}

function userFields(user: MappingDocument['user']): MappingRules['fields'] {
  const rules: { [Field in MappedField]: ValueRule | undefined } = {
    displayName: user.displayName,
    firstName: user.firstName,
    lastName: user.lastName,
    title: user.title,
    department: user.department,
    avatar: user.avatar,
    phoneNumbers: user.phoneNumbers,
    extension: user.extension,
    location: user.locationId,
    addresses: user.addresses,
    siteUrls: user.siteUrls,
    loginEnabled: user.loginEnabled,
  };
  const fields: { [Field in MappedField]?: ValueRule } = {};
  for (const field of MAPPED_FIELDS) {
    const rule = rules[field];
    if (rule !== undefined) fields[field] = rule;
  }
  return fields;
}

const MAPPED_FIELDS = [
  'displayName',
  'firstName',
  'lastName',
  'title',
  'department',
  'avatar',
  'phoneNumbers',
  'extension',
  'location',
  'addresses',
  'siteUrls',
  'loginEnabled',
] as const satisfies readonly MappedField[];

/** Fields that rules set, those of calling licenses included. */
function fieldsOf({ fields, licenses }: MappingRules): MappedField[] {
  const placed = licenses.map((rule) => rule.with ?? {});
  const byLicenses: Partial<Record<MappedField, boolean>> = {
    location: placed.some(({ locationId }) => locationId !== undefined),
    extension: placed.some(({ extension }) => extension !== undefined),
    phoneNumbers: placed.some(({ phoneNumber }) => phoneNumber !== undefined),
  };
  return MAPPED_FIELDS.filter((field) => fields[field] !== undefined || byLicenses[field] === true);
}
