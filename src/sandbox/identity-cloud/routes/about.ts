import { Refusal } from '../../http/errors.ts';
import { type Answer, json } from '../../http/exchange.ts';
import type { AuthorizedCall, Endpoint } from '../http/endpoint.ts';
import type { Json, JsonObject } from '../objects/json.ts';
import type { Collection } from '../objects/tenant.ts';
import { isRelationship, type Property } from '../objects/types.ts';
import { matches } from '../query/evaluate.ts';
import type { World } from '../world.ts';
import { collectionOf } from './found.ts';
import { filterOf, pageAnswer } from './query.ts';

/** What a tenant says about itself: versions, types, mappings, features. */
export const aboutEndpoints: readonly Endpoint[] = [
  {
    route: 'GET /am/json/serverinfo/version',
    access: 'public',
    handle: () =>
      json(200, {
        _id: 'version',
        version: '8.1.0',
        fullVersion: 'ForgeRock Access Management 8.1.0',
        revision: 'sandbox',
        date: '2026-June-30',
      }),
  },
  // Behind the version, which it would match as well.
  {
    route: 'GET /am/json/serverinfo/*',
    access: 'public',
    handle: () =>
      json(200, { _id: '*', domains: [], realm: '/', cookieName: 'amlbcookie', secureCookie: true }),
  },
  {
    route: 'GET /environment/scopes/service-accounts',
    access: 'public',
    handle: () =>
      json(
        200,
        ['fr:am:*', 'fr:idm:*', 'fr:idc:esv:*'].map((scope) => ({
          scope,
          description: scope,
          childScopes: [],
        })),
      ),
  },
  { route: 'GET /openidm/info/login', access: 'token', handle: login },
  {
    route: 'GET /openidm/info/ping',
    access: 'token',
    handle: () => json(200, { _id: '', state: 'ACTIVE_READY', shortDesc: 'OpenIDM ready' }),
  },
  {
    route: 'GET /openidm/schema/managed/:type',
    access: 'token',
    handle: (call, world) => json(200, schemaOf(collectionOf(call, world))),
  },
  { route: 'GET /openidm/config/managed', access: 'token', handle: managedConfiguration },
  {
    route: 'GET /openidm/config/sync',
    access: 'token',
    handle: (_, world) => json(200, { _id: 'sync', mappings: world.mappings }),
  },
  { route: 'GET /openidm/sync/mappings', access: 'token', handle: listMappings },
  { route: 'GET /openidm/feature/groups', access: 'token', handle: groupsFeature },
  {
    route: 'GET /openidm/repo/link',
    access: 'token',
    handle: (call, world) => listed(call, world, world.links),
  },
];

function login({ account }: AuthorizedCall): Answer {
  const isService = account.kind === 'service-account';
  return json(200, {
    _id: 'login',
    authenticationId: account.id,
    authorization: {
      id: account.id,
      component: isService ? 'managed/svcacct' : 'internal/user',
      roles: ['internal/role/openidm-authorized', ...(isService ? ['internal/role/openidm-svcacct'] : [])],
      moduleId: 'rsFilter',
    },
  });
}

function groupsFeature(_: AuthorizedCall, { settings }: World): Answer {
  return json(200, {
    _id: 'groups',
    installedVersion: settings.groupsFeature ? '1.0' : null,
    availableVersions: ['1.0'],
  });
}

function schemaOf({ name, type }: Collection): JsonObject {
  return {
    $schema: 'http://json-schema.org/draft-03/schema',
    type: 'object',
    title: name,
    required: type.required,
    order: Object.keys(type.properties),
    properties: Object.fromEntries(
      Object.entries(type.properties).map(([property, definition]) => [
        property,
        propertySchema(name, definition),
      ]),
    ),
  };
}

function propertySchema(collection: string, property: Property): Json {
  const realm = collection.split('_')[0] ?? '';
  if (isRelationship(property)) {
    const item = {
      type: 'relationship',
      reverseRelationship: true,
      reversePropertyName: property.reverse,
      resourceCollection: [{ path: `managed/${realm}_${property.to}`, query: { queryFilter: 'true' } }],
    };
    return property.kind === 'relationship' ? item : { type: 'array', items: item, returnByDefault: false };
  }
  if (property.kind === 'array')
    return { type: 'array', items: { type: property.type }, isVirtual: property.isComputed === true };
  return { type: property.type, ...(property.default === undefined ? {} : { default: property.default }) };
}

function managedConfiguration(_: AuthorizedCall, { tenant }: World): Answer {
  const objects = [...tenant.collections.keys()].flatMap((name) => {
    const collection = tenant.collection(name);
    return collection === undefined ? [] : [{ name, schema: schemaOf(collection) }];
  });
  return json(200, { _id: 'managed', objects });
}

function listMappings(call: AuthorizedCall, world: World): Answer {
  return listed(call, world, world.mappings);
}

function listed(call: AuthorizedCall, world: World, records: readonly JsonObject[]): Answer {
  const filter = filterOf(call, world);
  if (call.query.get('_queryFilter') === '') throw new Refusal(400, 'The filter is empty');
  const rows = records
    .filter((record) => matches(filter, record))
    .map((values) => ({ values, show: () => values }));
  return pageAnswer(call, world, rows);
}
