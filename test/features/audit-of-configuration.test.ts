import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configure as configureIn } from '../configuration.ts';
import { type Answer, startWorld, type World } from '../world.ts';

let world: World;
let other: string;
beforeAll(async () => {
  world = await startWorld({ guarded: true, sandbox: { users: 5 } });
  other = await create('other');
});
afterAll(() => world[Symbol.asyncDispose]());

const SECRET = 'proxy-password-canary';

type Headers = Readonly<Record<string, string>>;

const configure = (mutation: string, input: object, headers: Headers = world.administrator) =>
  configureIn(world, mutation, input, headers);

async function create(name: string): Promise<string> {
  const { connector } = await configure('createConnector', world.settings(name));
  if (connector == null) throw new Error('It was not made.');
  return connector.id;
}

async function keyFor(...grants: object[]): Promise<{ readonly name: string; readonly headers: Headers }> {
  const name = `key ${randomUUID()}`;
  const { key } = await configure('createApiKey', { name, grants });
  return { name, headers: { authorization: `Bearer ${key}` } };
}

interface Event {
  readonly operation: string;
  readonly outcome: string;
  readonly targetName: string | null;
  readonly connectorName: string | null;
}

const EVENTS = `query ($filter: AuditEventFilter) { auditEvents(first: 1000, filter: $filter) { nodes {
  actor operation dryRun connectorName targetKind targetId targetWebexId targetName outcome errorCode completedAt
  requestId changes { field before after } } } }`;

async function eventsOf(filter: object, headers: Headers = world.administrator): Promise<readonly Event[]> {
  const { data, errors }: Answer<{ auditEvents: { nodes: readonly Event[] } }> = await world.query(
    EVENTS,
    { filter },
    { headers: { 'content-type': 'application/json', ...headers } },
  );
  if (data === null) throw new Error(`Unexpected: ${JSON.stringify(errors)}`);
  return data.auditEvents.nodes;
}

describe('the audit trail of connectors', () => {
  it('tells who made, changed and deleted one, field by field, and no secret', async () => {
    const { name: actor, headers } = await keyFor({ scope: 'CONFIGURE' });
    const proxyUrl = `http://proxy-user:${SECRET}@127.0.0.1:1`;
    const settings = { ...world.settings('audited'), proxyUrl, readOnly: true };
    const id = (await configure('createConnector', settings, headers)).connector?.id;
    await configure('updateConnector', { id, name: 'renamed', clientSecret: 'secret-canary' }, headers);
    await configure('updateConnector', { id, clientSecret: null }, headers);
    await configure('updateConnector', { id, maximumConnections: 1_000 }, headers);
    await configure('deleteConnector', { id }, headers);
    const events = await eventsOf({ target: id });
    const about = { actor: `api-key:${actor}`, targetKind: 'CONNECTOR', targetId: id, targetWebexId: null };
    const named = { ...about, connectorName: 'renamed', targetName: 'renamed', outcome: 'APPLIED' };
    expect(events).toMatchObject([
      {
        ...named,
        operation: 'deleteConnector',
        changes: expect.arrayContaining([{ field: 'name', before: 'renamed', after: null }]),
      },
      { ...named, outcome: 'NOT_APPLIED', errorCode: 'INVALID_INPUT', changes: [] },
      { ...named, changes: [{ field: 'clientSecret', before: 'set', after: null }] },
      {
        ...named,
        connectorName: 'audited',
        targetName: 'audited',
        operation: 'updateConnector',
        changes: [
          { field: 'name', before: 'audited', after: 'renamed' },
          { field: 'clientSecret', before: 'set', after: 'set' },
        ],
      },
      {
        ...named,
        connectorName: 'audited',
        targetName: 'audited',
        operation: 'createConnector',
        dryRun: false,
        errorCode: null,
        completedAt: expect.stringMatching(/^20/),
        requestId: expect.stringMatching(/^[\da-f-]{36}$/),
        changes: expect.arrayContaining([
          { field: 'clientSecret', before: null, after: 'set' },
          { field: 'proxyUrl', before: null, after: 'http://127.0.0.1:1' },
          { field: 'readOnly', before: null, after: true },
        ]),
      },
    ]);
    const text = JSON.stringify(events);
    for (const secret of [SECRET, 'secret-canary', world.clientSecret]) expect(text).not.toContain(secret);
  });

  it('tells of one that was not made, to those who administer all', async () => {
    const taken = await configure('createConnector', world.settings('acme'));
    expect(taken.error).toMatchObject({ code: 'NAME_TAKEN' });
    const { headers } = await keyFor({ scope: 'ADMIN', connectors: [world.connectorId] });
    const filter = { operation: 'createConnector', outcomes: ['NOT_APPLIED'] };
    expect(await eventsOf(filter)).toMatchObject([
      { targetId: null, targetName: 'acme', connectorName: null, errorCode: 'NAME_TAKEN' },
    ]);
    expect(await eventsOf(filter, headers)).toEqual([]);
  });

  it('tells who connected one, with which organization, by browser or not, and who ended that', async () => {
    const id = await create('connected');
    const one: World = { ...world, connectorId: id };
    expect((await one.connect()).ok).toBe(true);
    await configure('disconnect', { id });
    expect((await one.connect('deny')).ok).toBe(false);
    const { state } = await configure('connect', { id });
    await configure('completeConnect', { state, code: 'made-up' });
    await configure('connectWithRefreshToken', { id, refreshToken: 'token-canary' });
    const organization = expect.stringMatching(/./);
    const administrator = 'configured-key';
    const events = await eventsOf({ target: id });
    expect(events).toMatchObject([
      { operation: 'connectWithRefreshToken', outcome: 'NOT_APPLIED', errorCode: 'AUTHORIZATION_FAILED' },
      { operation: 'completeConnect', outcome: 'NOT_APPLIED', actor: administrator },
      { operation: 'connect', outcome: 'APPLIED', changes: [] },
      { operation: 'completeConnect', outcome: 'NOT_APPLIED', actor: 'browser', changes: [] },
      { operation: 'connect', actor: administrator },
      {
        operation: 'disconnect',
        outcome: 'APPLIED',
        changes: expect.arrayContaining([
          { field: 'connectedOrganizationWebexId', before: organization, after: null },
        ]),
      },
      {
        operation: 'completeConnect',
        actor: 'browser',
        outcome: 'APPLIED',
        connectorName: 'connected',
        changes: expect.arrayContaining([
          { field: 'connectedOrganizationWebexId', before: null, after: organization },
          { field: 'connectedByWebexId', before: null, after: expect.stringMatching(/./) },
        ]),
      },
      { operation: 'connect' },
      { operation: 'createConnector' },
    ]);
    expect(JSON.stringify(events)).not.toContain('token-canary');
    expect(JSON.stringify(events)).not.toContain(String(state));
  });

  it('tells that a change of settings has ended the connection', async () => {
    const id = await create('ended');
    await { ...world, connectorId: id }.connect();
    await configure('updateConnector', { id, clientSecret: 'another-canary' });
    const [event] = await eventsOf({ target: id, operation: 'updateConnector' });
    expect(event).toMatchObject({
      changes: expect.arrayContaining([
        { field: 'clientSecret', before: 'set', after: 'set' },
        { field: 'connectedAt', before: expect.stringMatching(/^20/), after: null },
      ]),
    });
  });

  it('holds a connection that was made although Webex failed afterwards', async () => {
    const id = await create('half connected');
    world.webex.fail({ route: 'GET /people/me', fault: { kind: 'status', status: 503 }, times: 10 });
    await { ...world, connectorId: id }.connect();
    world.webex.clearFaults();
    const [event] = await eventsOf({ target: id, operation: 'completeConnect' });
    expect(event).toMatchObject({
      outcome: 'PARTIALLY_APPLIED',
      errorCode: 'UPSTREAM_UNAVAILABLE',
      changes: expect.arrayContaining([
        { field: 'connectedAt', before: null, after: expect.stringMatching(/^20/) },
      ]),
    });
  });
});

describe('the audit trail of API keys', () => {
  it('tells who made and revoked one, and what it granted, to those who administer what it was for', async () => {
    const limited = await keyFor({ scope: 'ADMIN', connectors: [other] });
    const name = `of other ${randomUUID()}`;
    const grants = [{ scope: 'PROVISION', connectors: [other] }];
    const { key, apiKey } = await configure('createApiKey', { name, grants }, limited.headers);
    await configure('revokeApiKey', { id: apiKey?.id }, limited.headers);
    await configure('createApiKey', { name, grants }, limited.headers);
    const about = {
      ...{ actor: `api-key:${limited.name}`, targetKind: 'API_KEY', targetName: name },
      ...{ connectorName: 'other', targetWebexId: null },
    };
    const expected = [
      { ...about, outcome: 'NOT_APPLIED', errorCode: 'NAME_TAKEN', targetId: null },
      {
        ...{ ...about, operation: 'revokeApiKey', outcome: 'APPLIED', targetId: apiKey?.id },
        changes: [{ field: 'revokedAt', before: null, after: expect.stringMatching(/^20/) }],
      },
      {
        ...{ ...about, operation: 'createApiKey', outcome: 'APPLIED', targetId: apiKey?.id },
        changes: [
          { field: 'name', before: null, after: name },
          { field: 'grants', before: null, after: [expect.stringMatching(/^provision@[\da-f-]{36}$/)] },
          { field: 'expiresAt', before: null, after: expect.stringMatching(/^20/) },
        ],
      },
    ];
    const seen = await eventsOf({ target: name }, limited.headers);
    expect(seen).toMatchObject(expected);
    expect(await eventsOf({ target: name })).toEqual(seen);
    expect(JSON.stringify(seen)).not.toContain(key);
    const elsewhere = await keyFor({ scope: 'ADMIN', connectors: [world.connectorId] });
    expect(await eventsOf({ target: name }, elsewhere.headers)).toEqual([]);
  });

  it('shows keys for all connectors to those only who administer all', async () => {
    const { name } = await keyFor({ scope: 'READ' });
    expect(await eventsOf({ target: name })).toMatchObject([
      { operation: 'createApiKey', connectorName: null },
    ]);
    const { headers } = await keyFor({ scope: 'ADMIN', connectors: [world.connectorId, other] });
    expect(await eventsOf({ target: name }, headers)).toEqual([]);
  });
});

describe('the audit trail of access', () => {
  it('holds what was forbidden to a caller who sees the connector, and nothing of one who does not', async () => {
    const { connector } = await world.ask<{ connector: { users: { nodes: { id: string }[] } } }>(
      'query ($id: ID!) { connector(id: $id) { users(first: 1) { nodes { id } } } }',
      { id: world.connectorId },
    );
    const id = connector.users.nodes[0]?.id;
    const [here, there] = [[world.connectorId], [other]];
    const reader = await keyFor(
      { scope: 'READ', connectors: here },
      { scope: 'PROVISION', connectors: there },
    );
    const stranger = await keyFor(
      { scope: 'PROVISION', connectors: there },
      { scope: 'CONFIGURE', connectors: there },
    );
    const forbidden = { outcome: 'NOT_APPLIED', errorCode: 'FORBIDDEN', connectorName: 'acme', changes: [] };
    for (const { headers } of [reader, stranger]) {
      await world.query(
        'mutation ($id: ID!) { deleteUser(input: { id: $id }) { outcome } }',
        { id },
        {
          headers: { 'content-type': 'application/json', ...headers },
        },
      );
      await configure('updateConnector', { id: world.connectorId, name: 'mine' }, headers);
    }
    expect(await eventsOf({ actor: `api-key:${reader.name}` })).toMatchObject([
      { ...forbidden, operation: 'deleteUser', targetKind: 'USER', targetId: id },
    ]);
    expect(await eventsOf({ actor: `api-key:${stranger.name}` })).toEqual([]);
    const looker = await keyFor(
      { scope: 'READ', connectors: here },
      { scope: 'CONFIGURE', connectors: there },
    );
    await configure('updateConnector', { id: world.connectorId, name: 'mine' }, looker.headers);
    await configure('connect', { id: world.connectorId }, looker.headers);
    await configure('disconnect', { id: world.connectorId }, looker.headers);
    expect(await eventsOf({ actor: `api-key:${looker.name}` })).toMatchObject(
      ['disconnect', 'connect', 'updateConnector'].map((operation) => ({ ...forbidden, operation })),
    );
  });

  it('is empty for a caller who administers no connector', async () => {
    const id = await create('gone');
    const { headers } = await keyFor({ scope: 'ADMIN', connectors: [id] });
    expect(await eventsOf({}, headers)).not.toEqual([]);
    await configure('deleteConnector', { id });
    expect(await eventsOf({}, headers)).toEqual([]);
  });
});
