import { Refusal } from '../../http/errors.ts';
import { type Edge, type End, otherEnd, referenceOf } from '../objects/edges.ts';
import { effectiveValues } from '../objects/effective.ts';
import { isObject, type Json, type JsonObject } from '../objects/json.ts';
import type { Collection, Stored, Tenant } from '../objects/tenant.ts';
import { isRelationship, type Property } from '../objects/types.ts';
import { valueAt } from './evaluate.ts';

/** Which members of an object are to be shown. Empty: all values without relationships. */
export type Fields = readonly (readonly string[])[];

/** Reads `_fields`: pointers, separated by commas. */
export function readFields(query: URLSearchParams): Fields {
  const texts = (query.get('_fields') ?? '').split(',').map((text) => text.trim());
  return texts.filter((text) => text !== '').map((text) => text.replace(/^\//, '').split('/'));
}

/**
 * The values of an object as reads show them: null for what it does not have, `[]` for lists, and a property that the schema
 * does not declare, as tenants have them.
 */
export function valuesOf(tenant: Tenant, collection: Collection, stored: Stored): JsonObject {
  const { settings } = tenant;
  const missing = Object.entries(collection.type.properties).flatMap(([name, property]) =>
    isRelationship(property) || property.isPrivate === true || !settings.nullForMissing
      ? []
      : [[name, property.kind === 'array' ? [] : null] as const],
  );
  const isUser = collection.type.name === 'user';
  const shown = Object.fromEntries(
    Object.entries(stored.values).filter(([name]) => !isHidden(collection.type.properties[name])),
  );
  return {
    ...Object.fromEntries(missing),
    ...shown,
    ...(isUser ? effectiveValues(tenant, collection, stored) : {}),
    ...(isUser ? { isMemberOf: null, ...statusOf(stored, settings.accountStatusCase) } : {}),
    _id: stored.id,
    _rev: stored.revision,
  };
}

function isHidden(property: Property | undefined): boolean {
  return property !== undefined && !isRelationship(property) && property.isPrivate === true;
}

/** Tenants hold the status in other cases, and as null. */
function statusOf({ values, id }: Stored, spelling: Tenant['settings']['accountStatusCase']): JsonObject {
  const { accountStatus = null } = values;
  if (spelling === 'lower' || typeof accountStatus !== 'string') return {};
  if (spelling === 'nulls') return accountStatus === 'active' ? { accountStatus: null } : {};
  const isOdd = id.charCodeAt(0) % 2 === 1;
  const capital = `${accountStatus.charAt(0).toUpperCase()}${accountStatus.slice(1)}`;
  return { accountStatus: isOdd ? capital : accountStatus };
}

/** An object with the fields that were asked for; `_id` and `_rev` always. */
export function view(tenant: Tenant, collection: Collection, stored: Stored, fields: Fields): JsonObject {
  const values = valuesOf(tenant, collection, stored);
  if (fields.length === 0) return values;
  const shown: Record<string, Json> = { _id: stored.id, _rev: stored.revision };
  for (const pointer of fields) {
    const [first = '', ...rest] = pointer;
    if (first === '*') Object.assign(shown, values);
    else if (first === '*_ref') showAllRelationships(tenant, collection, stored, rest, shown);
    else if (first === '_meta' && collection.type.name === 'user')
      shown._meta = metaOf(tenant, stored, shown, rest);
    else if (isRelationship(collection.type.properties[first]))
      shown[first] = relationshipOf(tenant, collection, stored, first, rest, shown[first]);
    else showValue(shown, values, pointer);
  }
  return shown;
}

function showValue(shown: Record<string, Json>, values: JsonObject, pointer: readonly string[]): void {
  const [first = ''] = pointer;
  const value = valueAt(values, pointer);
  if (value === undefined) return;
  shown[first] = pointer.length === 1 ? value : nested(pointer.slice(1), value);
}

function nested(path: readonly string[], value: Json): Json {
  return path.reduceRight<Json>((inner, name) => ({ [name]: inner }), value);
}

function showAllRelationships(
  tenant: Tenant,
  collection: Collection,
  stored: Stored,
  rest: readonly string[],
  shown: Record<string, Json>,
): void {
  for (const [name, property] of Object.entries(collection.type.properties))
    if (isRelationship(property))
      shown[name] = relationshipOf(tenant, collection, stored, name, rest, undefined);
}

/** @param before what another field has selected of the same relationship already */
function relationshipOf(
  tenant: Tenant,
  collection: Collection,
  stored: Stored,
  property: string,
  rest: readonly string[],
  before: Json | undefined,
): Json {
  const end = { collection: collection.name, id: stored.id, property };
  const edges = tenant.edges.of(end);
  const shown = edges.map((edge, index) => {
    const earlier: Json | undefined = Array.isArray(before) ? before[index] : before;
    return { ...(isObject(earlier) ? earlier : {}), ...referenceView(tenant, edge, end, rest) };
  });
  const isMany = collection.type.properties[property]?.kind === 'relationships';
  return isMany ? shown : (shown[0] ?? null);
}

/**
 * A reference, with members of the object that it leads to.
 * @param rest the pointer behind the relationship: none for the bare reference, `*` for all members
 */
export function referenceView(tenant: Tenant, edge: Edge, end: End, rest: readonly string[]): JsonObject {
  const bare = referenceOf(edge, end);
  if (rest.length === 0 || rest[0]?.startsWith('_ref') === true) return bare;
  const other = otherEnd(edge, end);
  const collection = tenant.collections.get(other.collection);
  const stored = collection?.objects.get(other.id);
  if (collection === undefined || stored === undefined) return bare;
  const members = view(tenant, collection, stored, rest[0] === '*' ? [] : [rest]);
  return { ...bare, ...members, _refResourceRev: stored.revision };
}

/** The row of the side table that belongs to a user, as a reference of it. */
function metaOf(
  tenant: Tenant,
  stored: Stored,
  shown: Record<string, Json>,
  rest: readonly string[],
): JsonObject {
  const before = isObject(shown._meta) ? shown._meta : {};
  const row = metaRow(tenant, stored);
  const member = rest.length === 0 || rest[0] === '*' ? row : { [rest[0] ?? '']: row[rest[0] ?? ''] ?? null };
  return { ...before, _ref: `managed/alpha_usermeta/${stored.metaId}`, ...member };
}

/** A row of `usermeta`: when a user was created and changed, without naming the user. */
export function metaRow(tenant: Tenant, stored: Stored): JsonObject {
  const { dateDecimals, metaRowNamesUser } = tenant.settings;
  const dateOf = (ms: number) => {
    const text = new Date(ms).toISOString();
    return dateDecimals === 3 ? text : text.replace('Z', '561402Z');
  };
  return {
    _id: stored.metaId,
    _rev: stored.revision,
    createDate: dateOf(stored.createdAt),
    lastChanged: { date: dateOf(stored.changedAt) },
    ...(metaRowNamesUser ? { target: { _refResourceId: stored.id } } : {}),
  };
}

/** Refuses fields that lead nowhere only where the tenant does. */
export function assertSortable(
  collection: Collection,
  pointer: readonly string[],
  setting: '500' | 'ignored',
) {
  const [first = ''] = pointer;
  const isTraversal =
    first === '_meta' || (isRelationship(collection.type.properties[first]) && pointer.length > 1);
  if (isTraversal && setting === '500') throw new Refusal(500, 'Internal Server Error');
}
