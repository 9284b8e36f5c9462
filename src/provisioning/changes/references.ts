import type { OpenOrganization } from '../../connectors/organizations.ts';
import type { WebexAdmin } from '../../datasources/webex/admin.ts';
import { canonicalText } from '../../datasources/webex/canonical.ts';
import { canonicalId } from '../../datasources/webex/ids.ts';
import type { License, Role } from '../../datasources/webex/records.ts';
import { Ambiguous, NotFound } from '../../errors/request.ts';

/** A thing that a caller names by its id, or by what people call it. */
export type Reference = ({ readonly id: string } | { readonly name: string }) & {
  /** How the caller wrote it; absent if no answer has to say so. */
  readonly given?: string;
};

/** A person whom a caller has named. */
export interface FoundPerson {
  readonly id: string;
  readonly reference: Reference;
  /** Where the caller named the person first. */
  readonly index: number;
}

/** How to change a set of things: its new content, or what to add and what to remove. */
export type SetChange =
  | { readonly exactly: readonly Reference[] }
  | { readonly add: readonly Reference[]; readonly remove: readonly Reference[] };

/** The licenses that a caller names. Throws NotFound, or Ambiguous with the ids if a name is not unique. */
export async function findLicenses(
  organization: OpenOrganization,
  references: readonly Reference[],
): Promise<License[]> {
  return find('license', references, await organization.licenses.all(), () =>
    organization.admin.listLicenses(),
  );
}

/** The roles that a caller names; as `findLicenses` otherwise. */
export async function findRoles(
  organization: OpenOrganization,
  references: readonly Reference[],
): Promise<Role[]> {
  return find('role', references, await organization.roles.all(), () => organization.admin.listRoles());
}

/** Webex's id of a person, named by id or email address. Throws NotFound. */
export async function findPerson(admin: WebexAdmin, reference: Reference): Promise<string> {
  if ('id' in reference) return reference.id;
  const { person } = await admin.findPerson(reference.name);
  if (person === undefined) throw new NotFound('user', reference.name);
  return person.id;
}

/** As `findPerson` for many, each once. */
export async function findPeople(
  admin: WebexAdmin,
  references: readonly Reference[],
): Promise<FoundPerson[]> {
  const found = await Promise.all(
    references.map(async (reference, index) => ({
      id: await findPerson(admin, reference),
      reference,
      index,
    })),
  );
  return [...new Map(found.toReversed().map((person) => [person.id, person])).values()].toReversed();
}

/** @param again reads the kept list again: it may be older than what is looked for */
async function find<T extends { readonly id: string; readonly name: string }>(
  kind: 'license' | 'role',
  references: readonly Reference[],
  kept: readonly T[],
  again: () => Promise<readonly T[]>,
): Promise<T[]> {
  const matches = (all: readonly T[], reference: Reference) =>
    all.filter((each) =>
      'id' in reference
        ? canonicalId(each.id) === canonicalId(reference.id)
        : canonicalText(each.name) === canonicalText(reference.name),
    );
  const known = references.every((reference) => matches(kept, reference).length > 0);
  const all = known ? kept : await again();
  const found = references.map((reference) => {
    const [only, ...others] = matches(all, reference);
    const named = 'id' in reference ? reference.id : reference.name;
    if (only === undefined)
      throw new NotFound(
        kind,
        named,
        `There is no ${kind} ${JSON.stringify(named)} in this organization. Query its ${kind}s for the ids and names there are.`,
      );
    if (others.length === 0) return only;
    const ids = [only, ...others].map(({ id }) => id);
    throw new Ambiguous(
      kind,
      `There are ${ids.length} ${kind}s called ${JSON.stringify(named)}. Give the id of the one you mean.`,
      ids,
    );
  });
  return [...new Map(found.map((each) => [each.id, each])).values()];
}
