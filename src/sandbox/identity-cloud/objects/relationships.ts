import { Refusal } from '../../http/errors.ts';
import { type Edge, type End, otherEnd, referenceOf } from './edges.ts';
import { isEqual, isObject, type Json } from './json.ts';
import type { Collection, Tenant } from './tenant.ts';
import { isRelationship, type RelationshipProperty } from './types.ts';

/** The end that a reference leads to. Throws 400 and 404 Refusals. */
function targetOf(tenant: Tenant, collection: Collection, { property }: End, reference: Json): End {
  const definition = relationshipOf(collection, property);
  const text = isObject(reference) && typeof reference._ref === 'string' ? reference._ref : '';
  const [root, name = '', id = ''] = text.split('/');
  const neighbour = tenant.neighbour(collection, definition.to);
  if (root !== 'managed' || name !== neighbour.name)
    throw new Refusal(400, `The reference '${text}' is not valid for the relationship '${property}'`);
  const target = neighbour.objects.get(decodeURIComponent(id));
  if (target === undefined)
    throw new Refusal(404, `The relationship references a resource that does not exist: ${text}`);
  return { collection: neighbour.name, id: target.id, property: definition.reverse };
}

function relationshipOf({ type }: Collection, property: string): RelationshipProperty {
  const definition = type.properties[property];
  if (!isRelationship(definition)) throw new Refusal(404, 'Not Found');
  return definition;
}

/** Adds a relationship, or finds the one that is there. Throws 400, 404 and 412 Refusals. */
export function addRelationship(
  tenant: Tenant,
  collection: Collection,
  end: End,
  reference: Json,
): { readonly edge: Edge; readonly isNew: boolean } {
  const target = targetOf(tenant, collection, end, reference);
  const known = tenant.edges.of(end).find((edge) => {
    const other = otherEnd(edge, end);
    return other.collection === target.collection && other.id === target.id;
  });
  if (known !== undefined) {
    if (tenant.settings.addExistingRelationship === '412')
      throw new Refusal(412, 'Duplicate relationship found');
    return { edge: known, isNew: false };
  }
  if (relationshipOf(collection, end.property).kind === 'relationship')
    removeRelationships(tenant, end, undefined);
  const neighbour = tenant.collections.get(target.collection);
  const reverse = neighbour?.type.properties[target.property];
  if (reverse?.kind === 'relationship') removeRelationships(tenant, target, undefined);
  const properties =
    isObject(reference) && isObject(reference._refProperties) ? reference._refProperties : {};
  const { _id: _, _rev: __, ...own } = properties;
  return { edge: tenant.edges.add([end, target], tenant.clock.now(), own), isNew: true };
}

/**
 * Removes relationships. Resolves with whether there were any.
 * @param reference the whole reference as it is stored; undefined: all under the property
 */
export function removeRelationships(tenant: Tenant, end: End, reference: Json | undefined): boolean {
  const edges = tenant.edges
    .of(end)
    .filter((edge) => reference === undefined || isEqual(referenceOf(edge, end), reference));
  for (const edge of edges) tenant.edges.remove(edge, tenant.clock.now());
  return edges.length > 0;
}

/** Makes exactly these relationships be under a property. Resolves with whether anything has changed. */
export function replaceRelationships(
  tenant: Tenant,
  collection: Collection,
  end: End,
  references: readonly Json[],
): boolean {
  const targets = references.map((reference) => targetOf(tenant, collection, end, reference).id);
  const gone = tenant.edges.of(end).filter((edge) => !targets.includes(otherEnd(edge, end).id));
  for (const edge of gone) tenant.edges.remove(edge, tenant.clock.now());
  const held = new Set(tenant.edges.of(end).map((edge) => otherEnd(edge, end).id));
  const added = references.filter((_, index) => !held.has(targets[index] ?? ''));
  for (const reference of added) addRelationship(tenant, collection, end, reference);
  return gone.length > 0 || added.length > 0;
}
