import { Refusal } from '../../http/errors.ts';
import { type Answer, json } from '../../http/exchange.ts';
import type { AuthorizedCall, Endpoint } from '../http/endpoint.ts';
import { type Edge, type End, otherEnd, referenceOf } from '../objects/edges.ts';
import type { JsonObject } from '../objects/json.ts';
import { readObject } from '../objects/policies.ts';
import { addRelationship } from '../objects/relationships.ts';
import { isRelationship } from '../objects/types.ts';
import { matches } from '../query/evaluate.ts';
import { type Fields, readFields, referenceView, valuesOf } from '../query/view.ts';
import type { World } from '../world.ts';
import { collectionOf, storedOf } from './found.ts';
import { filterOf, pageAnswer } from './query.ts';

/** Relationships of an object as a collection of their own: how the members of large roles and groups are read. */
export const relationshipEndpoints: readonly Endpoint[] = [
  { route: 'GET /openidm/managed/:type/:id/:property', access: 'token', handle: list },
  { route: 'POST /openidm/managed/:type/:id/:property', access: 'token', handle: add },
  { route: 'DELETE /openidm/managed/:type/:id/:property/:edge', access: 'token', handle: remove },
];

/** The end of relationships that a path names. Throws a 404 Refusal. */
function endOf(call: AuthorizedCall, world: World): End {
  const collection = collectionOf(call, world);
  const stored = storedOf(collection, call.params.id ?? '');
  const { property = '' } = call.params;
  if (!isRelationship(collection.type.properties[property])) throw new Refusal(404, 'Not Found');
  return { collection: collection.name, id: stored.id, property };
}

function list(call: AuthorizedCall, world: World): Answer {
  const end = endOf(call, world);
  const filter = filterOf(call, world);
  const fields = readFields(call.query);
  const rows = world.tenant.edges.of(end).flatMap((edge) => {
    const values = { ...targetValues(world, edge, end), ...referenceOf(edge, end) };
    if (!matches(filter, values)) return [];
    return [{ values, show: () => shown(world, edge, end, fields) }];
  });
  return pageAnswer(call, world, rows);
}

function targetValues({ tenant }: World, edge: Edge, end: End): JsonObject {
  const other = otherEnd(edge, end);
  const collection = tenant.collections.get(other.collection);
  const stored = collection?.objects.get(other.id);
  return collection === undefined || stored === undefined ? {} : valuesOf(tenant, collection, stored);
}

function shown({ tenant }: World, edge: Edge, end: End, fields: Fields): JsonObject {
  const members = fields.map((pointer) => referenceView(tenant, edge, end, pointer));
  // The row is the relationship, so its id stays that of the edge.
  return Object.assign({}, ...members, { _id: edge.id, _rev: edge.revision, ...referenceOf(edge, end) });
}

async function add(call: AuthorizedCall, world: World): Promise<Answer> {
  if (call.query.get('_action') !== 'create') throw new Refusal(501, 'The action is not supported');
  const { tenant, settings } = world;
  const end = endOf(call, world);
  const body = readObject(await call.json());
  const { edge } = addRelationship(tenant, collectionOf(call, world), end, body);
  touch(world, edge, settings.relationshipChangesTouchMeta);
  return json(201, { _id: edge.id, _rev: edge.revision, ...referenceOf(edge, end) });
}

function remove(call: AuthorizedCall, world: World): Answer {
  const { tenant, clock, settings } = world;
  const end = endOf(call, world);
  const edge = tenant.edges.find(end, call.params.edge ?? '');
  if (edge === undefined) throw new Refusal(404, 'Not Found');
  const reference = { _id: edge.id, _rev: edge.revision, ...referenceOf(edge, end) };
  tenant.edges.remove(edge, clock.now());
  touch(world, edge, settings.relationshipChangesTouchMeta);
  return json(200, reference);
}

/** Whether a change of a relationship moves the date of its users is not documented. */
function touch({ tenant }: World, edge: Edge, isWanted: boolean): void {
  if (!isWanted) return;
  for (const { collection: name, id } of edge.ends) {
    const collection = tenant.collections.get(name);
    if (collection?.type.name === 'user') tenant.touch(collection, id);
  }
}
