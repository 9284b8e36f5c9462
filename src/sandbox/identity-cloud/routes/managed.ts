import { randomUUID } from 'node:crypto';
import { Refusal } from '../../http/errors.ts';
import { type Answer, json } from '../../http/exchange.ts';
import type { AuthorizedCall, Endpoint } from '../http/endpoint.ts';
import type { JsonObject } from '../objects/json.ts';
import { isEqual } from '../objects/json.ts';
import { applyPatch, readPatch } from '../objects/patch.ts';
import { assertPolicies, readObject } from '../objects/policies.ts';
import { replaceRelationships } from '../objects/relationships.ts';
import type { Collection, Stored } from '../objects/tenant.ts';
import { isRelationship } from '../objects/types.ts';
import { readFields, view } from '../query/view.ts';
import type { World } from '../world.ts';
import { serviceAccountRecord } from './accounts.ts';
import { collectionOf, storedOf } from './found.ts';
import { implicitSync } from './implicit-sync.ts';
import { queryCollection } from './query.ts';

/** Reading and writing managed objects. */
export const managedEndpoints: readonly Endpoint[] = [
  { route: 'GET /openidm/managed/:type', access: 'token', handle: queryCollection },
  { route: 'POST /openidm/managed/:type', access: 'token', handle: create },
  { route: 'GET /openidm/managed/:type/:id', access: 'token', handle: read },
  { route: 'PUT /openidm/managed/:type/:id', access: 'token', handle: put },
  { route: 'PATCH /openidm/managed/:type/:id', access: 'token', handle: patch },
  { route: 'DELETE /openidm/managed/:type/:id', access: 'token', handle: remove },
];

function read(call: AuthorizedCall, world: World): Answer {
  const { type = '', id = '' } = call.params;
  if (type === 'svcacct') return serviceAccountRecord(call, world);
  const collection = collectionOf(call, world);
  storedOf(collection, id);
  const seen = world.tenant.seen(collection, id);
  if (seen === undefined) throw new Refusal(404, 'Not Found');
  return objectAnswer(200, view(world.tenant, collection, seen, readFields(call.query)));
}

async function create(call: AuthorizedCall, world: World): Promise<Answer> {
  const collection = collectionOf(call, world);
  if (call.query.get('_action') !== 'create') throw new Refusal(501, 'The action is not supported');
  const body = readObject(await call.json());
  return created(call, world, collection, newId(collection, body), body);
}

function newId(collection: Collection, body: JsonObject): string {
  if (collection.type.name === 'group') return String(body.name ?? '');
  return typeof body._id === 'string' ? body._id : randomUUID();
}

async function created(
  call: AuthorizedCall,
  world: World,
  collection: Collection,
  id: string,
  body: JsonObject,
): Promise<Answer> {
  const { tenant } = world;
  const { values, relationships } = parted(collection, body);
  assertPolicies(tenant, collection, { id: undefined, values, changed: Object.keys(values), isNew: true });
  if (collection.objects.has(id))
    throw new Refusal(412, `Entry Already Exists: The entry with id '${id}' already exists`);
  await implicitSync(collection, world);
  if (collection.objects.has(id)) throw new Refusal(412, 'Entry Already Exists');
  const stored = tenant.create(collection, id, { ...defaultsOf(collection), ...values });
  for (const [property, value] of Object.entries(relationships)) {
    const references = Array.isArray(value) ? value : [value];
    replaceRelationships(tenant, collection, { collection: collection.name, id, property }, references);
  }
  const shown = view(tenant, collection, stored, readFields(call.query));
  return objectAnswer(201, shown, {
    location: `${call.origin}${collectionPath(collection)}/${encodeURIComponent(id)}`,
  });
}

function collectionPath({ name }: Collection): string {
  return `/openidm/managed/${name}`;
}

function defaultsOf({ type }: Collection): JsonObject {
  return Object.fromEntries(
    Object.entries(type.properties).flatMap(([name, property]) =>
      isRelationship(property) || property.default === undefined ? [] : [[name, property.default] as const],
    ),
  );
}

/** The values and the relationships in the body of a write; ids, revisions and computed arrays are passed over. */
function parted({ type }: Collection, body: JsonObject) {
  const values: Record<string, JsonObject[string]> = {};
  const relationships: Record<string, JsonObject[string]> = {};
  for (const [name, value] of Object.entries(body)) {
    const property = type.properties[name];
    if (name.startsWith('_')) continue;
    if (isRelationship(property)) relationships[name] = value;
    else if (property?.isComputed !== true) values[name] = value;
  }
  return { values, relationships };
}

async function put(call: AuthorizedCall, world: World): Promise<Answer> {
  const collection = collectionOf(call, world);
  const { id = '' } = call.params;
  const body = readObject(await call.json());
  const onlyNew = call.headers['if-none-match'];
  if (onlyNew !== undefined && onlyNew !== '*') throw new Refusal(400, 'If-None-Match must be *');
  const before = collection.objects.get(id);
  if (before === undefined) {
    if (call.headers['if-match'] !== undefined) throw new Refusal(404, 'Not Found');
    return created(call, world, collection, id, body);
  }
  if (onlyNew === '*' && world.random.next() < world.settings.ifNoneMatchHonoured)
    throw new Refusal(412, `Entry Already Exists: The entry with id '${id}' already exists`);
  if (collection.type.name === 'user' && world.settings.putExistingUser === 'rdn400')
    throw new Refusal(400, 'Not Allowed on RDN');
  assertRevision(call, before);
  const { values, relationships } = parted(collection, body);
  assertPolicies(world.tenant, collection, { id, values, changed: Object.keys(values), isNew: false });
  for (const [property, value] of Object.entries(relationships))
    replaceRelationships(
      world.tenant,
      collection,
      { collection: collection.name, id, property },
      Array.isArray(value) ? value : value === null ? [] : [value],
    );
  return stored(call, world, collection, before, values);
}

async function patch(call: AuthorizedCall, world: World): Promise<Answer> {
  const collection = collectionOf(call, world);
  const before = storedOf(collection, call.params.id ?? '');
  assertRevision(call, before);
  const operations = readPatch(await call.json());
  const { values, changed, hasMoved } = applyPatch(world.tenant, collection, before, operations);
  assertPolicies(world.tenant, collection, { id: before.id, values, changed, isNew: false });
  if (hasMoved && world.settings.relationshipChangesTouchMeta) world.tenant.touch(collection, before.id);
  return stored(call, world, collection, collection.objects.get(before.id) ?? before, values);
}

/** Stores what a write has made of an object, unless it has changed nothing. */
async function stored(
  call: AuthorizedCall,
  world: World,
  collection: Collection,
  before: Stored,
  values: JsonObject,
): Promise<Answer> {
  const { tenant } = world;
  const fields = readFields(call.query);
  if (isEqual(values, before.values))
    return objectAnswer(200, view(tenant, collection, before, fields), { 'x-not-modified': 'true' });
  await implicitSync(collection, world);
  const latest = collection.objects.get(before.id);
  if (latest === undefined) throw new Refusal(404, 'Not Found');
  return objectAnswer(200, view(tenant, collection, tenant.replace(collection, latest, values), fields));
}

async function remove(call: AuthorizedCall, world: World): Promise<Answer> {
  const { tenant, settings } = world;
  const collection = collectionOf(call, world);
  const before = storedOf(collection, call.params.id ?? '');
  assertRevision(call, before);
  const members = { collection: collection.name, id: before.id, property: 'members' };
  const isGranted = collection.type.name === 'role' && tenant.edges.of(members).length > 0;
  if (isGranted && settings.deleteRoleWithMembers === '409')
    throw new Refusal(409, 'Cannot delete a role that is currently granted');
  await implicitSync(collection, world);
  const shown = view(tenant, collection, before, []);
  tenant.remove(collection, before);
  return objectAnswer(200, shown);
}

/** Throws a 412 Refusal if the client has seen another revision. */
function assertRevision(call: AuthorizedCall, { revision }: Stored): void {
  const wanted = call.headers['if-match'];
  if (wanted === undefined || wanted === '*') return;
  if (wanted.replaceAll('"', '') !== revision)
    throw new Refusal(
      412,
      'The resource could not be accessed because it did not match the revision that was given',
    );
}

function objectAnswer(status: number, object: JsonObject, headers: Record<string, string> = {}): Answer {
  return json(status, object, { headers: { etag: `"${String(object._rev)}"`, ...headers } });
}
