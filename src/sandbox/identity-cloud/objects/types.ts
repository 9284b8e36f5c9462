import type { Settings } from '../settings.ts';
import type { Json } from './json.ts';

/** A property that holds values. */
export interface ValueProperty {
  readonly kind: 'scalar' | 'array';
  readonly type: 'string' | 'number' | 'boolean' | 'object';
  readonly default?: Json;
  /** Computed by the tenant; writes to it are refused. */
  readonly isComputed?: boolean;
  /** Never shown. */
  readonly isPrivate?: boolean;
  /** Whether a filter on it needs no walk through all records. */
  readonly isIndexed?: boolean;
}

/** A property that refers to other objects. */
export interface RelationshipProperty {
  readonly kind: 'relationship' | 'relationships';
  /** The type referred to, without the realm. */
  readonly to: TypeName;
  /** The property on the other side. */
  readonly reverse: string;
}

export type Property = ValueProperty | RelationshipProperty;

export const TYPE_NAMES = ['user', 'role', 'assignment', 'organization', 'group', 'application'] as const;
export type TypeName = (typeof TYPE_NAMES)[number];

/** A type of managed objects. */
export interface ObjectType {
  readonly name: TypeName;
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, Property>>;
}

/** The realms of a tenant; they prefix the types: `alpha_user`. */
export const REALMS = ['alpha', 'bravo'] as const;

export function isRelationship(property: Property | undefined): property is RelationshipProperty {
  return property?.kind === 'relationship' || property?.kind === 'relationships';
}

const text = { kind: 'scalar', type: 'string', isIndexed: true } as const;
const blobText = { kind: 'scalar', type: 'string', isIndexed: true } as const;
const texts = { kind: 'array', type: 'string', isIndexed: true } as const;
const number = { kind: 'scalar', type: 'number', isIndexed: true } as const;
const computed = { kind: 'array', type: 'object', isComputed: true, isIndexed: true } as const;
const many = (to: TypeName, reverse: string) => ({ kind: 'relationships', to, reverse }) as const;
const one = (to: TypeName, reverse: string) => ({ kind: 'relationship', to, reverse }) as const;

/** Properties of one name with the numbers 1 to `count` behind it. */
function numbered(name: string, count: number, property: ValueProperty): [string, ValueProperty][] {
  return Array.from({ length: count }, (_, index) => [`${name}${index + 1}`, property]);
}

function extensionAttributes(indexedStrings: number): Readonly<Record<string, ValueProperty>> {
  const unindexed = (property: ValueProperty) => ({ ...property, isIndexed: false });
  return Object.fromEntries([
    ...numbered('frIndexedString', indexedStrings, text),
    ...numbered('frUnindexedString', 5, unindexed(text)),
    ...numbered('frIndexedInteger', 5, number),
    ...numbered('frUnindexedInteger', 5, unindexed(number)),
    ...numbered('frIndexedDate', 5, text),
    ...numbered('frUnindexedDate', 5, unindexed(text)),
    ...numbered('frIndexedMultivalued', 5, texts),
    ...numbered('frUnindexedMultivalued', 5, unindexed(texts)),
  ]);
}

/** The types of a tenant as it is delivered. Source: the property table that recordings of real tenants show. */
export function objectTypes({
  indexedStrings,
}: Pick<Settings, 'indexedStrings'>): Readonly<Record<TypeName, ObjectType>> {
  return {
    user: {
      name: 'user',
      required: ['userName', 'givenName', 'sn', 'mail'],
      properties: {
        userName: text,
        givenName: text,
        sn: text,
        cn: { ...text, isPrivate: true },
        mail: text,
        displayName: text,
        description: text,
        telephoneNumber: text,
        postalAddress: text,
        city: text,
        stateProvince: text,
        postalCode: text,
        country: text,
        profileImage: text,
        accountStatus: { ...text, default: 'active' },
        password: { ...text, isPrivate: true },
        aliasList: texts,
        kbaInfo: { kind: 'array', type: 'object' },
        preferences: { kind: 'scalar', type: 'object' },
        lastSync: { kind: 'scalar', type: 'object' },
        consentedMappings: { kind: 'array', type: 'object' },
        assignedDashboard: { kind: 'array', type: 'string', isComputed: true },
        effectiveRoles: computed,
        effectiveAssignments: computed,
        effectiveGroups: computed,
        effectiveApplications: computed,
        memberOfOrgIDs: { ...computed, type: 'string' },
        ...extensionAttributes(indexedStrings),
        manager: one('user', 'reports'),
        reports: many('user', 'manager'),
        roles: many('role', 'members'),
        groups: many('group', 'members'),
        assignments: many('assignment', 'members'),
        applications: many('application', 'members'),
        memberOfOrg: many('organization', 'members'),
        adminOfOrg: many('organization', 'admins'),
        ownerOfOrg: many('organization', 'owners'),
        ownerOfApp: many('application', 'owners'),
      },
    },
    role: {
      name: 'role',
      required: ['name'],
      properties: {
        name: blobText,
        description: blobText,
        condition: blobText,
        temporalConstraints: { kind: 'array', type: 'object' },
        members: many('user', 'roles'),
        assignments: many('assignment', 'roles'),
        applications: many('application', 'roles'),
      },
    },
    assignment: {
      name: 'assignment',
      required: ['name', 'description', 'mapping'],
      properties: {
        name: blobText,
        description: blobText,
        mapping: blobText,
        type: blobText,
        condition: blobText,
        weight: number,
        attributes: { kind: 'array', type: 'object' },
        linkQualifiers: { kind: 'array', type: 'string' },
        roles: many('role', 'assignments'),
        members: many('user', 'assignments'),
      },
    },
    organization: {
      name: 'organization',
      required: ['name'],
      properties: {
        name: blobText,
        description: blobText,
        members: many('user', 'memberOfOrg'),
        admins: many('user', 'adminOfOrg'),
        owners: many('user', 'ownerOfOrg'),
        parent: one('organization', 'children'),
        children: many('organization', 'parent'),
      },
    },
    group: {
      name: 'group',
      required: ['name'],
      properties: {
        name: text,
        description: text,
        condition: text,
        members: many('user', 'groups'),
      },
    },
    application: {
      name: 'application',
      required: ['name'],
      properties: {
        name: blobText,
        description: blobText,
        authoritative: { kind: 'scalar', type: 'boolean' },
        connectorId: blobText,
        mappingNames: { kind: 'array', type: 'string' },
        templateName: blobText,
        templateVersion: blobText,
        url: blobText,
        icon: blobText,
        uiConfig: { kind: 'scalar', type: 'object' },
        ssoEntities: { kind: 'scalar', type: 'object' },
        members: many('user', 'applications'),
        owners: many('user', 'ownerOfApp'),
        roles: many('role', 'applications'),
      },
    },
  };
}
