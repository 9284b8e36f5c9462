import { randomUUID } from 'node:crypto';
import {
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.ts';
import { configure } from '../configuration.ts';
import { openStream, synchronize } from '../sync-api.ts';
import { type Answer, startWorld, type World } from '../world.ts';

// Every field that decides about access, for every scope and every limit to connectors. The operations are made from
// the schema, so that a new field is in here by itself; what it takes is stated here a second time, by hand.

const SCOPES = ['READ', 'PROVISION', 'CONFIGURE', 'OBSERVE', 'ADMIN'] as const;
const LIMITS = ['all connectors', 'this connector', 'another connector'] as const;
type Scope = (typeof SCOPES)[number];
type Limit = (typeof LIMITS)[number];

const ENOUGH: Readonly<Record<string, readonly Scope[]>> = {
  read: ['READ', 'PROVISION', 'ADMIN'],
  provision: ['PROVISION', 'ADMIN'],
  configure: ['CONFIGURE', 'ADMIN'],
  admin: ['ADMIN'],
};

/** What each field takes: a scope for its connector, `everywhere` for all of them, or nothing. */
const TAKES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Query: {
    viewer: '',
    node: '',
    nodes: '',
    connector: '',
    connectors: '',
    auditEvents: 'admin',
    apiKeys: 'admin',
    syncMapping: 'read',
    syncMappings: 'read',
    previewSyncMapping: 'provision',
    syncFile: '',
  },
  Connector: {
    id: '',
    name: '',
    version: '',
    declared: '',
    status: '',
    redirectUri: '',
    settings: '',
    details: '',
    pool: '',
    user: 'read',
    users: 'read',
    group: 'read',
    groups: 'read',
    license: 'read',
    licenses: 'read',
    role: 'read',
    roles: 'read',
    syncSchedules: 'read',
    syncPlans: 'read',
    syncRuns: 'read',
  },
  ConnectorDetails: {
    organization: '',
    connectedBy: 'read',
    connectedAt: '',
    grantedScopes: '',
    missingScopes: '',
    accessTokenExpiresAt: '',
    refreshTokenExpiresAt: '',
    refreshTokenDaysLeft: '',
    endsSoon: '',
  },
  Mutation: {
    createConnector: 'configure everywhere',
    updateConnector: 'configure',
    deleteConnector: 'configure',
    connect: 'configure',
    completeConnect: 'configure',
    connectWithRefreshToken: 'configure',
    disconnect: 'configure',
    testConnector: 'configure',
    createUser: 'provision',
    createUsers: 'provision',
    updateUser: 'provision',
    updateUsers: 'provision',
    deleteUser: 'provision',
    deleteUsers: 'provision',
    updateUserLicenses: 'provision',
    updateUserRoles: 'provision',
    createGroup: 'provision',
    updateGroup: 'provision',
    updateGroupMembers: 'provision',
    deleteGroup: 'provision',
    createApiKey: 'admin',
    revokeApiKey: 'admin',
    putSyncMapping: 'configure everywhere',
    deleteSyncMapping: 'configure everywhere',
    putSyncSchedule: 'configure',
    deleteSyncSchedule: 'configure',
    planSync: 'provision',
    approveSync: 'admin',
    applySync: 'provision',
    cancelSync: 'provision',
    pauseSync: 'provision',
    resumeSync: 'provision',
  },
  Subscription: {
    syncPlan: 'read',
    syncRun: 'read',
  },
};

interface Caller {
  readonly scope: Scope;
  readonly limit: Limit;
  readonly headers: Readonly<Record<string, string>>;
}

const GONE_AFTERWARDS = ['deleteConnector', 'disconnect'];
/** Mutations whose input names no connector, or names one by something that does not exist here. */
const ABOUT_NONE = [
  'deleteSyncSchedule',
  ...['createConnector', 'completeConnect', 'createApiKey', 'revokeApiKey'],
  ...['approveSync', 'applySync', 'cancelSync', 'pauseSync', 'resumeSync'],
];

let world: World;
let other: string;
let spare: string[];
let callers: readonly Caller[];
/** Global ids of something of each type, in this connector. */
const ids = new Map<string, string>();

beforeAll(async () => {
  world = await startWorld({ guarded: true, sandbox: { users: 20 } });
  const create = async () => {
    const { connector } = await configure(world, 'createConnector', world.settings(randomUUID()));
    return connector?.id ?? '';
  };
  other = await create();
  spare = await Promise.all(
    Array.from({ length: GONE_AFTERWARDS.length * SCOPES.length * LIMITS.length }, create),
  );
  const mine = [world.connectorId, ...spare];
  callers = await Promise.all(
    SCOPES.flatMap((scope) =>
      LIMITS.map(async (limit) => {
        const limits = { 'all connectors': null, 'this connector': mine, 'another connector': [other] };
        const grants = [{ scope, connectors: limits[limit] }];
        const { key } = await configure(world, 'createApiKey', { name: `${scope} of ${limit}`, grants });
        return { scope, limit, headers: { authorization: `Bearer ${key}` } };
      }),
    ),
  );
  const grants = [{ scope: 'READ', connectors: [world.connectorId] }];
  const { apiKey } = await configure(world, 'createApiKey', { name: 'of this one only', grants });
  ids.set('ApiKey', apiKey?.id ?? '');
  const { auditEvents } = await world.ask<{ auditEvents: { nodes: { id: string }[] } }>(
    'query ($target: ID!) { auditEvents(first: 1, filter: { target: $target }) { nodes { id } } }',
    { target: world.connectorId },
  );
  ids.set('AuditEvent', auditEvents.nodes[0]?.id ?? '');
  const { connector } = await world.ask<{
    connector: Record<'users' | 'groups', { nodes: { id: string }[] }> &
      Record<'licenses' | 'roles', { id: string }[]> & { details: { organization: { id: string } } };
  }>(
    `query ($id: ID!) { connector(id: $id) {
      users(first: 1) { nodes { id } } groups(first: 1) { nodes { id } } licenses { id } roles { id }
      details { organization { id } } } }`,
    { id: world.connectorId },
  );
  ids.set('SyncPlan', await canceledPlan());
  ids.set('Connector', world.connectorId);
  ids.set('User', connector.users.nodes[0]?.id ?? '');
  ids.set('Group', connector.groups.nodes[0]?.id ?? '');
  ids.set('License', connector.licenses[0]?.id ?? '');
  ids.set('Role', connector.roles[0]?.id ?? '');
  ids.set('Organization', connector.details.organization.id);
});
afterAll(() => world[Symbol.asyncDispose]());

/** A plan that does not change any more. */
async function canceledPlan(): Promise<string> {
  const text = 'version: 1\nname: staff\nsource: { kind: ROWS, key: id }\nuser: { emails: mail }';
  const { plan } = await synchronize(world, 'planSync', {
    ...{ connector: world.connectorId, mapping: { text } },
    rows: [{ id: '1', mail: 'ann@acme.example' }],
  });
  await synchronize(world, 'cancelSync', { id: plan?.id });
  return plan?.id ?? '';
}

/** What a field takes, as its description says. */
function describedRule({ description }: Pick<GraphQLField<unknown, unknown>, 'description'>): string {
  const [, scope = '', everywhere] =
    /Needs the scope (\w+)( for all connectors)?\./.exec(description ?? '') ?? [];
  return everywhere === undefined ? scope : `${scope} everywhere`;
}

interface Rule {
  readonly scope: string;
  readonly everywhere: boolean;
}

function ruleOf(typeName: string, field: string): Rule {
  const [scope = '', everywhere] = (TAKES[typeName]?.[field] ?? '').split(' ');
  return { scope, everywhere: everywhere !== undefined };
}

/** What a caller has to be answered, for something of this connector that takes a rule. */
function expected(rule: Rule, { scope, limit }: Caller): 'allowed' | 'FORBIDDEN' | 'NOT_FOUND' {
  const hasScope = rule.scope === '' || ENOUGH[rule.scope]?.includes(scope) === true;
  if (!hasScope || (rule.everywhere && limit !== 'all connectors')) {
    // Who may not even see the connector learns nothing of what it would take.
    return 'FORBIDDEN';
  }
  return limit === 'another connector' ? 'NOT_FOUND' : 'allowed';
}

/** Whether this connector is there for a caller: it is not for who only reads metrics. */
function sees({ scope, limit }: Caller): boolean {
  return limit !== 'another connector' && scope !== 'OBSERVE';
}

/** What came of it, going by the codes of all errors, those in results included. */
function cameOf(answer: Answer<unknown>): 'allowed' | 'FORBIDDEN' | 'NOT_FOUND' {
  const text = JSON.stringify(answer);
  if (text.includes('"code":"INTERNAL"')) throw new Error(`A bug: ${text}`);
  if (text.includes('"code":"FORBIDDEN"')) return 'FORBIDDEN';
  return text.includes('There is no connector') ? 'NOT_FOUND' : 'allowed';
}

function ask(
  query: string,
  variables: object,
  { headers }: Pick<Caller, 'headers'>,
): Promise<Answer<unknown>> {
  return world.query(query, variables, { headers: { 'content-type': 'application/json', ...headers } });
}

function fieldsOf(name: string): readonly GraphQLField<unknown, unknown>[] {
  const type = schema.getType(name);
  return isObjectType(type) ? Object.values(type.getFields()) : [];
}

/** All scalars of a type, and of what is one level below. */
function selectionOf(type: GraphQLOutputType, depth = 1): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return '';
  if (!isObjectType(named)) return '{ __typename }';
  const leaves = leafNames(named);
  const failures = Object.values(named.getFields())
    .filter(({ type: inner }) => getNamedType(inner).name === 'Error')
    .map(({ name }) => `${name} { code message }`);
  const below =
    depth === 0
      ? []
      : Object.values(named.getFields())
          .filter(
            (field) =>
              isObjectType(getNamedType(field.type)) && field.args.every(({ type: t }) => !isNonNullType(t)),
          )
          .filter((field) => ruleOf(named.name, field.name).scope === '')
          .map((field) => `${field.name} ${selectionOf(field.type, depth - 1)}`);
  return `{ __typename ${[...leaves, ...failures, ...below].join(' ')} }`;
}

/** Under names of their own, as the same name may have another type elsewhere. */
function leafNames(type: GraphQLObjectType): string[] {
  return Object.values(type.getFields())
    .filter((field) => isLeafType(getNamedType(field.type)) && field.args.length === 0)
    .map(({ name }) => `${type.name}_${name}: ${name}`);
}

/** The least that a type of input takes, about this connector. */
function sampleOf(type: GraphQLInputType, name: string, within: string, connector: string): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [sampleOf(nullable.ofType, name, within, connector)];
  if (isInputObjectType(nullable)) return sampleInput(nullable, connector);
  if (isEnumType(nullable)) return nullable.getValues()[0]?.name;
  const named = getNamedType(nullable).name;
  if (named === 'Boolean') return true;
  if (named === 'EmailAddress') return 'nobody@acme.example';
  if (name === 'name') return randomUUID();
  if (named !== 'ID') return named === 'Int' ? 0 : ' ';
  if (/connect/i.test(name) || /connect/i.test(within)) return connector;
  if (/group/i.test(name) || /Group/.test(within)) return ids.get('Group');
  return /user/i.test(name) || /User/.test(within) ? ids.get('User') : randomUUID();
}

function sampleInput(type: GraphQLInputObjectType, connector: string): object {
  const fields = Object.values(type.getFields()).filter(
    (field) => isNonNullType(field.type) || ['dryRun', 'expectedVersion', 'connector'].includes(field.name),
  );
  return Object.fromEntries(
    fields.map((field) => [field.name, sampleOf(field.type, field.name, type.name, connector)]),
  );
}

describe.each(Object.keys(TAKES))('the fields of %s', (typeName) => {
  it('the list of fields is complete, and each description names the scope', () => {
    const described = fieldsOf(typeName).map((field) => [field.name, describedRule(field)]);
    expect(Object.fromEntries(described)).toEqual(TAKES[typeName]);
  });
});

describe.each([...fieldsOf('Mutation')])('mutation $name', (field) => {
  it('access is granted exactly as the description says', async () => {
    const input = field.args[0]?.type;
    const query = `mutation ($input: ${String(input)}) { ${field.name}(input: $input) ${selectionOf(field.type)} }`;
    const named = getNullableType(input);
    for (const caller of callers) {
      const connector = GONE_AFTERWARDS.includes(field.name) ? (spare.pop() ?? '') : world.connectorId;
      const value = isInputObjectType(named) ? sampleInput(named, connector) : {};
      const answer = await ask(query, { input: value }, caller);
      const rule = ruleOf('Mutation', field.name);
      const isAboutNone = ABOUT_NONE.includes(field.name);
      const wanted = expected(
        rule,
        isAboutNone && !rule.everywhere ? { ...caller, limit: 'this connector' } : caller,
      );
      const isLimitedGrant = field.name === 'createApiKey' && caller.limit !== 'all connectors';
      expect([caller.scope, caller.limit, cameOf(answer)]).toEqual([
        caller.scope,
        caller.limit,
        // A key for all connectors can be granted by those only who administer all.
        isLimitedGrant ? 'FORBIDDEN' : wanted,
      ]);
    }
  });
});

describe.each(['Connector', 'ConnectorDetails'])('%s', (typeName) => {
  it.each([...fieldsOf(typeName)])('.$name is for whom its description says', async (field) => {
    const given = field.args.map(({ name }) => name);
    const values = given.includes('id') ? '(id: "x")' : '';
    const selection = `${field.name}${values} ${selectionOf(field.type)}`;
    const inner = typeName === 'Connector' ? selection : `details { ${selection} }`;
    for (const caller of callers) {
      const answer = await ask(
        `query ($id: ID!) { connector(id: $id) { ${inner} } }`,
        { id: world.connectorId },
        caller,
      );
      // Whether the connector is there comes before what is asked of it.
      const wanted = sees(caller) ? expected(ruleOf(typeName, field.name), caller) : 'NOT_FOUND';
      expect([caller.scope, caller.limit, cameOf(answer)]).toEqual([caller.scope, caller.limit, wanted]);
    }
  });
});

describe('subscription syncPlan', () => {
  it('is for those who may read the connector of the plan', async () => {
    const query = 'subscription ($id: ID!) { syncPlan(id: $id) { state } }';
    for (const caller of callers) {
      const { headers } = caller;
      const text = await (await openStream(world, query, { id: ids.get('SyncPlan') }, { headers })).text();
      const about = [caller.scope, caller.limit];
      const isAllowed = ENOUGH.read?.includes(caller.scope) === true && caller.limit !== 'another connector';
      expect([...about, text.includes('"state":"CANCELED"')]).toEqual([...about, isAllowed]);
      if (isAllowed) continue;
      expect([...about, /"code":"(FORBIDDEN|NOT_FOUND)"/.test(text)]).toEqual([...about, true]);
    }
  });
});

describe.each([
  'Connector',
  'SyncPlan',
  'User',
  'Group',
  'License',
  'Role',
  'Organization',
])('node of a %s', (typeName) => {
  it('has every field for those who may read it, and does not exist for others', async () => {
    const type = schema.getType(typeName);
    const selection = isObjectType(type) ? selectionOf(type) : '';
    const query = `query ($id: ID!) { node(id: $id) { ... on ${typeName} ${selection} } nodes(ids: [$id]) { __typename } }`;
    const rule = { scope: typeName === 'Connector' ? '' : 'read', everywhere: false };
    for (const caller of callers) {
      const answer = await ask(query, { id: ids.get(typeName) }, caller);
      const data = { node: null, nodes: [null] };
      if (!sees(caller))
        expect([caller.scope, answer.data, answer.errors]).toEqual([caller.scope, data, undefined]);
      else expect([caller.scope, cameOf(answer)]).toEqual([caller.scope, expected(rule, caller)]);
    }
  });
});

describe.each(['ApiKey', 'AuditEvent'])('node of an %s', (typeName) => {
  it('is for administrators of its connector, and forbidden for callers without the scope admin', async () => {
    const type = schema.getType(typeName);
    const selection = isObjectType(type) ? selectionOf(type) : '';
    const query = `query ($id: ID!) { node(id: $id) { ... on ${typeName} ${selection} } nodes(ids: [$id]) { __typename } }`;
    for (const caller of callers) {
      const answer = await ask(query, { id: ids.get(typeName) }, caller);
      const about = [caller.scope, caller.limit];
      if (caller.scope !== 'ADMIN') {
        const codes = answer.errors?.map(({ extensions }) => extensions.code);
        expect([...about, codes]).toEqual([...about, ['FORBIDDEN', 'FORBIDDEN']]);
        expect(answer.data).toEqual({ node: null, nodes: [null] });
      } else if (caller.limit === 'another connector') {
        expect([...about, answer.data]).toEqual([...about, { node: null, nodes: [null] }]);
        expect(answer.errors).toBeUndefined();
      } else {
        expect([...about, answer.errors]).toEqual([...about, undefined]);
        expect(answer.data).toMatchObject({
          node: { [`${typeName}_id`]: ids.get(typeName) },
          nodes: [{ __typename: typeName }],
        });
      }
    }
  });
});

const REFUSED = 'outcome error { code ... on NotAllowed { requiredScope } }';

describe('a caller who may read here and provision elsewhere', () => {
  it('changes nothing here, one by one or in lists', async () => {
    const grants = [
      { scope: 'READ', connectors: [world.connectorId] },
      { scope: 'PROVISION', connectors: [other] },
    ];
    const { key } = await configure(world, 'createApiKey', { name: randomUUID(), grants });
    const headers = { authorization: `Bearer ${key}` };
    const id = JSON.stringify(ids.get('User'));
    const single = await ask(
      `mutation { updateUser(input: { id: ${id}, user: { title: "x" } }) { ${REFUSED} } }`,
      {},
      { headers },
    );
    const refused = { outcome: 'NOT_APPLIED', error: { code: 'FORBIDDEN', requiredScope: 'PROVISION' } };
    expect(single).toMatchObject({ data: { updateUser: refused } });
    const list = await ask(
      `mutation { updateUsers(input: { users: [{ id: ${id}, user: { title: "x" } }] }) {
        items { ${REFUSED} } error { code } } }`,
      {},
      { headers },
    );
    expect(list.data).toEqual({ updateUsers: { items: [refused], error: null } });
    expect(world.webex.requests.count('PUT /people/:id')).toBe(0);
  });
});

describe.each([...fieldsOf('Query')])('query $name', (field) => {
  it('access is granted exactly as the description says', async () => {
    const given = field.args.filter(({ name, type }) => /^ids?$/.test(name) || isNonNullType(type));
    const variables = given.map(({ name, type }) => `$${name}: ${String(type)}`);
    const values = given.map(({ name }) => `${name}: $${name}`);
    const [declared, handed] = [variables, values].map((all) =>
      all.length === 0 ? '' : `(${all.join(', ')})`,
    );
    const query = `query ${declared} { ${field.name}${handed} ${selectionOf(field.type)} }`;
    for (const caller of callers) {
      const sample = given.map(({ name, type }) => [
        name,
        sampleOf(type, name, 'Connector', world.connectorId),
      ]);
      const answer = await ask(query, Object.fromEntries(sample), caller);
      const rule = ruleOf('Query', field.name);
      // All others show what the caller may see, and be it nothing.
      const isAboutOne = ['connector', 'previewSyncMapping'].includes(field.name);
      const wanted =
        field.name === 'connector' && !sees(caller)
          ? 'NOT_FOUND'
          : expected(rule, isAboutOne ? caller : { ...caller, limit: 'this connector' });
      expect([caller.scope, caller.limit, cameOf(answer)]).toEqual([caller.scope, caller.limit, wanted]);
    }
  });
});

describe('queries', () => {
  it('show the audit trail and the keys to administrators, as far as they administer', async () => {
    for (const caller of callers) {
      const answer = await ask(
        '{ auditEvents(first: 1000) { nodes { connectorName } } apiKeys { name } }',
        {},
        caller,
      );
      expect([caller.scope, cameOf(answer)]).toEqual([
        caller.scope,
        caller.scope === 'ADMIN' ? 'allowed' : 'FORBIDDEN',
      ]);
      const text = JSON.stringify(answer.data);
      if (caller.scope !== 'ADMIN' || caller.limit === 'all connectors') continue;
      expect(text).not.toContain('of all connectors');
      expect(text.includes('acme')).toBe(caller.limit === 'this connector');
      expect(text.includes('of another connector')).toBe(caller.limit === 'another connector');
    }
  });

  it('list the connectors that the caller may see, and pick one where there is one', async () => {
    for (const caller of callers) {
      const answer = await ask(
        '{ connectors { id } connector { id } viewer { name grants { scope connectors { id } } } }',
        {},
        caller,
      );
      if (caller.limit !== 'another connector') continue;
      if (caller.scope === 'OBSERVE') {
        expect(answer.data).toMatchObject({ connectors: [], connector: null });
        expect(cameOf(answer)).toBe('NOT_FOUND');
        continue;
      }
      expect(answer.data).toEqual({
        connectors: [{ id: other }],
        connector: { id: other },
        viewer: {
          name: `api-key:${caller.scope} of another connector`,
          grants: [{ scope: caller.scope, connectors: [{ id: other }] }],
        },
      });
    }
  });

  it('say the same of a connector that is hidden from the caller as of one that does not exist', async () => {
    const stranger = callers.find(({ limit }) => limit === 'another connector');
    if (stranger === undefined) throw new Error('There is no such caller.');
    const query = 'query ($id: ID!) { connector(id: $id) { id } }';
    const gone = Buffer.from(`Connector:${randomUUID()}:`).toString('base64');
    const [hidden, missing] = [
      await ask(query, { id: world.connectorId }, stranger),
      await ask(query, { id: gone }, stranger),
    ];
    const shapeOf = ({ errors }: Answer<unknown>) =>
      JSON.stringify(errors).replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, 'ID');
    expect(shapeOf(hidden)).toBe(shapeOf(missing));
  });
});

/** The same value with the ids in it about another connector; ids hold its UUID, in whatever spelling. */
function aboutConnector(value: unknown, uuid: string): unknown {
  if (Array.isArray(value)) return value.map((each) => aboutConnector(each, uuid));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, aboutConnector(each, uuid)]),
    );
  }
  if (typeof value !== 'string') return value;
  const [, type, rest] = /^([A-Z]\w+):[\da-f-]{36}(.*)$/i.exec(Buffer.from(value, 'base64').toString()) ?? [];
  return type === undefined ? value : Buffer.from(`${type}:${uuid}${rest}`).toString('base64');
}

describe.each(
  ['Query', 'Mutation'].flatMap((type) => fieldsOf(type).map((field) => ({ type, name: field.name, field }))),
)('$type $name with an id in capitals', ({ type, name, field }) => {
  it('answers about a connector that is hidden from the caller as about one that does not exist', async () => {
    const stranger = callers.find(({ scope, limit }) => scope === 'ADMIN' && limit === 'another connector');
    const given = field.args.filter((arg) => /^(ids?|input)$/.test(arg.name));
    if (stranger === undefined || given.length === 0) return;
    const declared = given.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
    const handed = given.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
    const query = `${type.toLowerCase()} (${declared}) { ${name}(${handed}) ${selectionOf(field.type)} }`;
    const sample = Object.fromEntries(
      given.map((arg) => [arg.name, sampleOf(arg.type, arg.name, 'Connector', world.connectorId)]),
    );
    const hidden = Buffer.from(world.connectorId, 'base64').toString().split(':')[1] ?? '';
    const shapes = [];
    for (const uuid of [hidden, hidden.toUpperCase(), randomUUID(), randomUUID().toUpperCase()]) {
      const { data, errors } = await ask(query, Object(aboutConnector(sample, uuid)), stranger);
      const text = JSON.stringify([data, errors]);
      const otherSpelling = uuid === uuid.toUpperCase() ? uuid.toLowerCase() : uuid.toUpperCase();
      expect(text).not.toContain(otherSpelling);
      shapes.push(
        text.replaceAll(/[\da-f]{8}-[\da-f-]{27}/gi, 'ID').replaceAll(/"(errorId|requestId)":"[^"]*"/g, ''),
      );
    }
    expect([...new Set(shapes)]).toHaveLength(1);
  });
});
