import { randomUUID } from 'node:crypto';
import type { Random } from '../../random.ts';
import type { Json, JsonObject } from '../objects/json.ts';
import { addRelationship } from '../objects/relationships.ts';
import type { Collection, Tenant } from '../objects/tenant.ts';

/** A person as both systems know them. */
export interface Identity {
  readonly givenName: string;
  readonly sn: string;
  readonly mail: string;
  readonly displayName: string;
  readonly title: string | undefined;
  readonly department: string | undefined;
  readonly city: string | undefined;
  readonly country: string | undefined;
  readonly telephoneNumber: string | undefined;
  readonly isActive: boolean;
  /** The address of the manager. */
  readonly managerMail: string | undefined;
  /** Names of licenses that the person has in Webex. */
  readonly licenses: readonly string[];
  /** Names of groups that the person is in. */
  readonly groups: readonly string[];
}

/** How the tenant differs from Webex: so many people of each kind. */
export interface Differences {
  /** In the tenant only. */
  readonly joiners: number;
  /** In Webex only. */
  readonly leavers: number;
  /** With another address than in Webex, and the old one among the aliases. */
  readonly renames: number;
  /** In another department than in Webex. */
  readonly moves: number;
}

/** No differences. */
export const NO_DIFFERENCES: Differences = { joiners: 0, leavers: 0, renames: 0, moves: 0 };

const MAPPING = 'managedAlpha_user_systemWebexUser';

/**
 * Fills a realm with people: each with a role for the department, groups, and assignments for licenses through a role.
 * @param identities in the order in which they are created; the first ones stay as they are
 */
export function seedIdentities(
  tenant: Tenant,
  random: Random,
  identities: readonly Identity[],
  differences: Differences,
): void {
  const users = collectionOf(tenant, 'alpha_user');
  const shown = differing(identities, differences, random);
  const application = tenant.create(collectionOf(tenant, 'alpha_application'), randomUUID(), {
    name: 'Directory Tools',
    templateName: 'bookmark',
    templateVersion: '1.0',
    mappingNames: [],
  });
  const roles = namedObjects(
    tenant,
    'alpha_role',
    shown.flatMap(({ department }) => department ?? []),
    (name) => ({
      name,
      description: `Everybody in ${name}`,
    }),
  );
  const groups = namedObjects(
    tenant,
    'alpha_group',
    shown.flatMap((each) => each.groups),
    (name) => ({
      name,
      description: name,
    }),
  );
  const grants = licenseRoles(
    tenant,
    shown.flatMap(({ licenses }) => licenses),
  );
  const ids = new Map<string, string>();
  for (const [index, identity] of shown.entries()) {
    const { id } = tenant.create(users, randomUUID(), valuesOf(identity, index));
    ids.set(identity.mail, id);
    const relate = (property: string, name: string, target: string | undefined) => {
      if (target === undefined) return;
      const end = { collection: users.name, id, property };
      const reference: Json = { _ref: `managed/${name}/${encodeURIComponent(target)}` };
      addRelationship(tenant, users, end, reference);
    };
    relate('manager', 'alpha_user', ids.get(identity.managerMail ?? ''));
    relate('roles', 'alpha_role', roles.get(identity.department ?? ''));
    for (const license of identity.licenses) relate('roles', 'alpha_role', grants.get(license));
    for (const group of identity.groups) relate('groups', 'alpha_group', groups.get(group));
    relate('applications', 'alpha_application', application.id);
  }
}

function differing(identities: readonly Identity[], differences: Differences, random: Random): Identity[] {
  const { joiners, leavers, renames, moves } = differences;
  const departments = [...new Set(identities.flatMap(({ department }) => department ?? []))];
  // Leavers come from the end, so that nobody's manager is missing.
  const kept = identities.slice(0, Math.max(1, identities.length - leavers));
  const changed = kept.map((identity, index): Identity => {
    // The administrator stays; renames and moves begin behind.
    if (index > 0 && index <= renames) return renamed(identity);
    if (index > renames && index <= renames + moves) {
      const others = departments.filter((each) => each !== identity.department);
      return { ...identity, department: random.pick(others) };
    }
    return identity;
  });
  const [model] = identities;
  const domain = model?.mail.split('@')[1] ?? 'acme.example';
  const added = Array.from({ length: joiners }, (_, index): Identity => {
    const number = String(index + 1).padStart(4, '0');
    return {
      ...{ givenName: 'Joan', sn: `Joiner${number}`, displayName: `Joan Joiner${number}` },
      mail: `joan.joiner${number}@${domain}`,
      ...{ title: 'Trainee', department: departments[index % Math.max(1, departments.length)] },
      ...{ city: undefined, country: undefined, telephoneNumber: undefined, isActive: true },
      managerMail: model?.mail,
      licenses: model?.licenses.slice(0, 1) ?? [],
      groups: [],
    };
  });
  return [...changed, ...added];
}

function renamed(identity: Identity): Identity {
  const [local = '', domain = ''] = identity.mail.split('@');
  return { ...identity, mail: `${local}.new@${domain}`, sn: `${identity.sn}-New` };
}

function valuesOf(identity: Identity, index: number): JsonObject {
  const { givenName, sn, mail, displayName, isActive, title, department, city, country, telephoneNumber } =
    identity;
  const values: Record<string, Json | undefined> = {
    ...{ userName: mail, givenName, sn, mail, displayName, city, country, telephoneNumber },
    accountStatus: isActive ? 'active' : 'inactive',
    // Customers keep what the schema has no property for in these.
    frIndexedString1: `E${String(100_001 + index)}`,
    frIndexedString2: department,
    frIndexedString3: title,
    aliasList: mail.includes('.new@') ? [mail.replace('.new@', '@')] : [],
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

function collectionOf(tenant: Tenant, name: string): Collection {
  const collection = tenant.collections.get(name);
  if (collection === undefined) throw new RangeError(`There is no collection ${name}.`);
  return collection;
}

/** An object for each different name. Resolves with their ids by name. */
function namedObjects(
  tenant: Tenant,
  collectionName: string,
  names: readonly string[],
  values: (name: string) => JsonObject,
): Map<string, string> {
  const collection = collectionOf(tenant, collectionName);
  const ids = new Map<string, string>();
  for (const name of new Set(names)) {
    const id = collection.type.name === 'group' ? name.replaceAll('/', '-') : randomUUID();
    tenant.create(collection, id, {
      ...values(name),
      ...(collection.type.name === 'group' ? { name: id } : {}),
    });
    ids.set(name, id);
  }
  return ids;
}

/** For each license an assignment, as the product makes them for resources of an application, and a role that holds it. */
function licenseRoles(tenant: Tenant, licenses: readonly string[]): Map<string, string> {
  const roles = collectionOf(tenant, 'alpha_role');
  const assignments = collectionOf(tenant, 'alpha_assignment');
  const ids = new Map<string, string>();
  for (const license of new Set(licenses)) {
    const assignment = tenant.create(assignments, randomUUID(), {
      name: license,
      description: `License ${license}`,
      mapping: MAPPING,
      type: '__RESOURCE__',
      attributes: [
        {
          name: 'licenses',
          value: [license],
          assignmentOperation: 'mergeWithTarget',
          unassignmentOperation: 'removeFromTarget',
        },
      ],
    });
    const role = tenant.create(roles, randomUUID(), {
      name: `Webex ${license}`,
      description: `Gives ${license}`,
    });
    const end = { collection: roles.name, id: role.id, property: 'assignments' };
    addRelationship(tenant, roles, end, { _ref: `managed/${assignments.name}/${assignment.id}` });
    ids.set(license, role.id);
  }
  return ids;
}
