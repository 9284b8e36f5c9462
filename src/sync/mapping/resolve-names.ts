import { canonicalName, canonicalSite } from '../../datasources/webex/canonical.ts';
import { canonicalId } from '../../datasources/webex/ids.ts';
import type { License, Role } from '../../datasources/webex/records.ts';
import { AmbiguousName, UnknownName } from '../../errors/sync.ts';
import type { GrantName } from '../words.ts';
import { keyOfGrant, managedGrant } from './build-mapping.ts';
import type { GrantRule, Mapping, ResolvedMapping } from './mapping.ts';
import { didYouMean } from './nearest.ts';

/** A name of a mapping that is not exactly one license or role of the organization. */
export interface NameProblem {
  /** As `licenses.managed[2]`. */
  readonly field: string;
  readonly code: 'UNKNOWN_NAME' | 'AMBIGUOUS';
  readonly message: string;
}

/** What names are looked up in. */
export interface NameCatalogue {
  readonly licenses: readonly License[];
  readonly roles: readonly Role[];
}

/** Throws UnknownName or AmbiguousName, with the first hundred problems, if there are any. */
export function assertNames(problems: readonly NameProblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const sentences = problems.slice(0, 100).map(({ field, message }) => `${field}: ${message}`);
  const text = `The mapping does not fit this organization. ${sentences.join(' ')}`;
  throw first.code === 'AMBIGUOUS' ? new AmbiguousName(text) : new UnknownName(text);
}

type Named = Pick<License, 'id' | 'name'> & Partial<Pick<License, 'siteUrl' | 'subscriptionId'>>;
type Found = { readonly id: string } | Omit<NameProblem, 'field'>;

/**
 * Finds the licenses and roles that a mapping names, without regard to letter case. Pure.
 * @returns the mapping with ids, without the names that have a problem, and the problems
 */
export function resolveNames(
  { outline, rules }: Mapping,
  catalogue: NameCatalogue,
): { readonly mapping: ResolvedMapping; readonly problems: readonly NameProblem[] } {
  const problems: NameProblem[] = [];
  const licenses = lookUp('license', outline.licenses.managed, catalogue.licenses, problems);
  const roles = lookUp('role', outline.roles.managed, catalogue.roles, problems);
  const protectedRoles = outline.policy.protect.roles.flatMap((name, index) => {
    const found = findOne('role', { name }, catalogue.roles);
    if ('id' in found) return [found.id];
    problems.push({ field: `policy.protect.roles[${index}]`, ...found });
    return [];
  });
  return {
    mapping: {
      outline,
      rules: {
        ...rules,
        licenses: rules.licenses.map((rule) => withIds(rule, outline.licenses.managed, licenses)),
        roles: rules.roles.map((rule) => withIds(rule, outline.roles.managed, roles)),
      },
      managed: { licenses: [...new Set(licenses.values())], roles: [...new Set(roles.values())] },
      protectedRoles,
    },
    problems,
  };
}

function lookUp(
  kind: 'license' | 'role',
  managed: readonly GrantName[],
  all: readonly Named[],
  problems: NameProblem[],
): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const [index, grant] of managed.entries()) {
    const found = findOne(kind, grant, all);
    if ('id' in found) ids.set(keyOfGrant(grant), found.id);
    else problems.push({ field: `${kind}s.managed[${index}]`, ...found });
  }
  return ids;
}

function withIds(
  rule: GrantRule<GrantName>,
  managed: readonly GrantName[],
  ids: ReadonlyMap<string, string>,
): GrantRule<string> {
  const give = rule.give.flatMap((grant) => ids.get(keyOfGrant(managedGrant(grant, managed) ?? grant)) ?? []);
  return { ...rule, give };
}

function findOne(kind: 'license' | 'role', grant: GrantName, all: readonly Named[]): Found {
  const [only, ...others] = all.filter((each) => isMeant(each, grant));
  if (only === undefined) return { code: 'UNKNOWN_NAME', message: sayUnknown(kind, grant, all) };
  if (others.length === 0) return { id: only.id };
  const candidates = [only, ...others].map(describe).join('; ');
  return {
    code: 'AMBIGUOUS',
    message: `${JSON.stringify('id' in grant ? grant.id : grant.name)} is the name of ${others.length + 1} ${kind}s: ${candidates}. Give the id${kind === 'license' ? ', or name and site' : ''}.`,
  };
}

function isMeant(each: Named, grant: GrantName): boolean {
  if ('id' in grant) return canonicalId(each.id) === canonicalId(grant.id);
  if (canonicalName(each.name) !== canonicalName(grant.name)) return false;
  return grant.site === undefined || canonicalSite(each.siteUrl ?? '') === canonicalSite(grant.site);
}

function sayUnknown(kind: 'license' | 'role', grant: GrantName, all: readonly Named[]): string {
  if ('id' in grant) return `${JSON.stringify(grant.id)} is not the id of a ${kind} of this organization.`;
  const names = [...new Set(all.map(({ name }) => name))];
  const where = grant.site === undefined ? '' : ` at the site ${grant.site}`;
  return `${JSON.stringify(grant.name)} is not a ${kind} of this organization${where}.${didYouMean(grant.name, names)}`;
}

function describe({ id, siteUrl, subscriptionId }: Named): string {
  const site = siteUrl === undefined ? '' : `, site ${siteUrl}`;
  const subscription = subscriptionId === undefined ? '' : `, subscription ${subscriptionId}`;
  return `id ${id}${site}${subscription}`;
}
