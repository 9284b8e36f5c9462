import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

const CREATE = `mutation ($input: CreateConnectorInput!) {
  createConnector(input: $input) {
    __typename
    ... on Connector { id name status redirectUri settings {
      clientId clientSecretSet serviceUri tokenEndpoint authorizationEndpoint scopes maximumConnections connectionTimeout
    } details { connectedAt } }
    ... on Error { code message }
    ... on InvalidInput { field }
    ... on NameTaken { takenName }
  }
}`;
const UPDATE = `mutation ($input: UpdateConnectorInput!) {
  updateConnector(input: $input) {
    __typename
    ... on Connector { id name status settings { clientId serviceUri maximumConnections connectionTimeout } }
    ... on Error { code message }
    ... on InvalidInput { field }
  }
}`;
const DELETE = `mutation ($input: DeleteConnectorInput!) {
  deleteConnector(input: $input) { __typename ... on Connector { name pool { running } } ... on Error { code } }
}`;

let world: World;

beforeAll(async () => {
  world = await startWorld({ connect: false });
});
afterAll(() => world[Symbol.asyncDispose]());

const create = async (input: object) =>
  (await world.ask<{ createConnector: Record<string, string> }>(CREATE, { input })).createConnector;
const update = async (input: object) =>
  (await world.ask<{ updateConnector: Record<string, string> }>(UPDATE, { input })).updateConnector;

describe('creating a connector', () => {
  it('takes Webex’s own endpoints, 10 connections, 30 seconds and the six scopes unless told', async () => {
    expect(await create({ name: 'defaults', clientId: 'C1' })).toEqual({
      __typename: 'Connector',
      id: expect.any(String),
      name: 'defaults',
      status: 'DISCONNECTED',
      redirectUri: 'http://gateway.test/oauth/callback',
      settings: {
        clientId: 'C1',
        clientSecretSet: false,
        serviceUri: 'https://webexapis.com/v1',
        tokenEndpoint: 'https://webexapis.com/v1/access_token',
        authorizationEndpoint: 'https://webexapis.com/v1/authorize',
        scopes: [
          'spark-admin:people_write',
          'spark-admin:people_read',
          'spark-admin:licenses_read',
          'spark-admin:roles_read',
          'identity:groups_rw',
          'identity:groups_read',
        ],
        maximumConnections: 10,
        connectionTimeout: 30,
      },
      details: null,
    });
  });

  it.each([
    [{ name: '  ' }, 'input.name'],
    [{ name: 'x'.repeat(101) }, 'input.name'],
    [{ clientId: '' }, 'input.clientId'],
    [{ clientId: 'two\nlines' }, 'input.clientId'],
    [{ serviceUri: 'http://webex.example.com/v1' }, 'input.serviceUri'],
    [{ serviceUri: 'ftp://webexapis.com' }, 'input.serviceUri'],
    [{ serviceUri: 'webexapis.com/v1' }, 'input.serviceUri'],
    [{ serviceUri: 'https://webexapis.com/v1?' }, 'input.serviceUri'],
    [{ tokenEndpoint: 'https://webexapis.com/v1/access_token#' }, 'input.tokenEndpoint'],
    [{ authorizationEndpoint: 'https://webexapis.com/v1/authorize?a=b' }, 'input.authorizationEndpoint'],
    [{ serviceUri: 'https://user:password@webexapis.com/v1' }, 'input.serviceUri'],
    [{ proxyUrl: 'http://127.0.0.1:3128/#' }, 'input.proxyUrl'],
    [{ proxyUrl: 'http://127.0.0.1:3128/?' }, 'input.proxyUrl'],
    [{ tokenEndpoint: '/v1/access_token' }, 'input.tokenEndpoint'],
    [{ proxyUrl: 'http://user:password@[bad' }, 'input.proxyUrl'],
    [{ tokenEndpoint: 'https://user:secret@webexapis.com/token' }, 'input.tokenEndpoint'],
    [{ authorizationEndpoint: 'https://webexapis.com/authorize?next=x' }, 'input.authorizationEndpoint'],
    [{ scopes: [] }, 'input.scopes'],
    [{ scopes: ['two words'] }, 'input.scopes'],
    [{ scopes: Array.from({ length: 101 }, (_, index) => `spark:scope${index}`) }, 'input.scopes'],
    [{ maximumConnections: 0 }, 'input.maximumConnections'],
    [{ maximumConnections: 101 }, 'input.maximumConnections'],
    [{ connectionTimeout: 0 }, 'input.connectionTimeout'],
    [{ connectionTimeout: 301 }, 'input.connectionTimeout'],
  ])('refuses %o and names the field', async (wrong, field) => {
    expect(await create({ name: 'wrong', clientId: 'C1', ...wrong })).toMatchObject({
      code: 'INVALID_INPUT',
      field,
    });
  });

  it('refuses a name that is taken', async () => {
    await create({ name: 'taken', clientId: 'C1' });
    expect(await create({ name: 'taken', clientId: 'C2' })).toMatchObject({
      code: 'NAME_TAKEN',
      takenName: 'taken',
    });
  });

  it('never shows the client secret', async () => {
    const created = await create({ name: 'secretive', clientId: 'C1', clientSecret: 'hush-hush' });
    expect(created).toMatchObject({ settings: { clientSecretSet: true } });
    const all = await world.query('{ connectors { id name settings { clientId clientSecretSet } } }');
    expect(JSON.stringify([created, all, world.log])).not.toContain('hush-hush');
  });
});

describe('finding a connector', () => {
  it('lists all by name', async () => {
    const { connectors } = await world.ask<{ connectors: { name: string }[] }>('{ connectors { name } }');
    const found = connectors.map((connector) => connector.name);
    expect(found).toEqual([...found].sort());
    expect(found).toContain('acme');
  });

  it('takes an id or a name, not both', async () => {
    const { errors } = await world.query(`{ connector(id: "x", name: "acme") { name } }`);
    expect(errors?.[0]?.extensions.code).toBe('INVALID_INPUT');
  });

  it('asks which one is meant where there are several, and lists them', async () => {
    const { errors } = await world.query('{ connector { name } }');
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'AMBIGUOUS',
      candidates: expect.arrayContaining(['acme', 'taken']),
    });
  });
});

describe('updating a connector', () => {
  it('changes what is given and leaves the rest', async () => {
    const { id } = await create({ name: 'changing', clientId: 'C1', connectionTimeout: 7 });
    expect(await update({ id, name: 'changed', maximumConnections: 3 })).toMatchObject({
      __typename: 'Connector',
      name: 'changed',
      settings: { clientId: 'C1', maximumConnections: 3, connectionTimeout: 7 },
    });
  });

  it('refuses bad values and leaves everything as it was', async () => {
    const { id } = await create({ name: 'steady', clientId: 'C1' });
    expect(await update({ id, maximumConnections: 0 })).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'input.maximumConnections',
    });
    expect(await update({ id, name: 'taken' })).toMatchObject({ code: 'NAME_TAKEN' });
    expect(await update({ id })).toMatchObject({ name: 'steady', settings: { maximumConnections: 10 } });
  });

  it('loses nothing when two people change different things at once', async () => {
    const { id } = await create({ name: 'busy', clientId: 'C1' });
    await Promise.all([
      update({ id, maximumConnections: 4 }),
      update({ id, connectionTimeout: 5 }),
      update({ id, clientId: 'C2' }),
    ]);
    expect(await update({ id })).toMatchObject({
      settings: { clientId: 'C2', maximumConnections: 4, connectionTimeout: 5 },
    });
  });
});

describe('deleting a connector during a query', () => {
  it('ends the query at once, and says why', async () => {
    await using other = await startWorld();
    const slow = other.webex.fail({ route: 'GET /people', fault: { kind: 'latency', ms: 20_000 } });
    const running = other.query('{ connector { users { nodes { id } } } }');
    await expect.poll(() => slow.struck).toBe(1);
    await other.ask(DELETE, { input: { id: other.connectorId } });
    expect((await running).errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND', kind: 'connector' });
    expect(other.webex.requests.count('GET /people')).toBe(1);
  });
});

describe('deleting a connector', () => {
  it('answers with it as it was, and then it is gone', async () => {
    const { id } = await create({ name: 'doomed', clientId: 'C1' });
    const remove = () => world.ask<{ deleteConnector: object }>(DELETE, { input: { id } });
    expect(await remove()).toEqual({
      deleteConnector: { __typename: 'Connector', name: 'doomed', pool: { running: 0 } },
    });
    expect(await remove()).toEqual({ deleteConnector: { __typename: 'NotFound', code: 'NOT_FOUND' } });
    expect(await world.ask('query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: null });
  });

  it('makes its name free', async () => {
    const { id } = await create({ name: 'reborn', clientId: 'C1' });
    await world.ask(DELETE, { input: { id } });
    expect(await create({ name: 'reborn', clientId: 'C1' })).toMatchObject({ __typename: 'Connector' });
  });
});
