import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configure } from '../configuration.ts';
import { startWorld, type World } from '../world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld({ connect: false });
});
afterAll(() => world[Symbol.asyncDispose]());

const create = (input: object) => configure(world, 'createConnector', input);
const update = (input: object) => configure(world, 'updateConnector', input);
const made = async (input: object) => (await create(input)).connector?.id;

describe('creating a connector', () => {
  it('createConnector takes Webex’s own endpoints, 10 connections, 30 seconds and the six scopes by default', async () => {
    const { connector, error } = await create({ name: 'defaults', clientId: 'C1' });
    expect(error).toBeNull();
    expect(connector).toEqual({
      id: expect.any(String),
      name: 'defaults',
      version: 1,
      declared: false,
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
        proxyUrl: null,
        caCertificates: null,
        clientAuthentication: 'CLIENT_SECRET_POST',
        organizationWebexId: null,
        readOnly: false,
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
  ])('createConnector refuses %o and names the field', async (wrong, field) => {
    expect(await create({ name: 'wrong', clientId: 'C1', ...wrong })).toMatchObject({
      connector: null,
      error: { code: 'INVALID_INPUT', problems: [{ path: field }] },
    });
  });

  it('createConnector refuses a name that is taken', async () => {
    await create({ name: 'taken', clientId: 'C1' });
    expect(await create({ name: 'taken', clientId: 'C2' })).toMatchObject({
      connector: null,
      error: { code: 'NAME_TAKEN', message: expect.stringContaining('taken'), current: { name: 'taken' } },
    });
  });

  it('no answer shows the client secret', async () => {
    const created = await create({ name: 'secretive', clientId: 'C1', clientSecret: 'hush-hush' });
    expect(created).toMatchObject({ connector: { settings: { clientSecretSet: true } } });
    const all = await world.query('{ connectors { id name settings { clientId clientSecretSet } } }');
    expect(JSON.stringify([created, all, world.log])).not.toContain('hush-hush');
  });
});

describe('finding a connector', () => {
  it('connectors are listed by name', async () => {
    const { connectors } = await world.ask<{ connectors: { name: string }[] }>('{ connectors { name } }');
    const found = connectors.map((connector) => connector.name);
    expect(found).toEqual([...found].sort());
    expect(found).toContain('acme');
  });

  it('a connector is found by id or by name, not by both', async () => {
    const { errors } = await world.query(`{ connector(id: "x", name: "acme") { name } }`);
    expect(errors?.[0]?.extensions.code).toBe('INVALID_INPUT');
  });

  it('a query without a connector is AMBIGUOUS if there are several, and the error lists them', async () => {
    const { errors } = await world.query('{ connector { name } }');
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'AMBIGUOUS',
      candidates: expect.arrayContaining(['acme', 'taken']),
    });
  });
});

describe('updating a connector', () => {
  it('updateConnector changes what is given and leaves the rest', async () => {
    const id = await made({ name: 'changing', clientId: 'C1', connectionTimeout: 7 });
    expect(await update({ id, name: 'changed', maximumConnections: 3 })).toMatchObject({
      connector: {
        name: 'changed',
        settings: { clientId: 'C1', maximumConnections: 3, connectionTimeout: 7 },
      },
      error: null,
    });
  });

  it('updateConnector refuses invalid values and leaves everything as it was', async () => {
    const id = await made({ name: 'steady', clientId: 'C1' });
    expect(await update({ id, maximumConnections: 0 })).toMatchObject({
      connector: null,
      error: { code: 'INVALID_INPUT', problems: [{ path: 'input.maximumConnections' }] },
    });
    expect(await update({ id, name: 'taken' })).toMatchObject({ error: { code: 'NAME_TAKEN' } });
    expect(await update({ id })).toMatchObject({
      connector: { name: 'steady', settings: { maximumConnections: 10 } },
    });
  });

  it('updateConnector loses nothing if two callers change different fields at once', async () => {
    const id = await made({ name: 'busy', clientId: 'C1' });
    await Promise.all([
      update({ id, maximumConnections: 4 }),
      update({ id, connectionTimeout: 5 }),
      update({ id, clientId: 'C2' }),
    ]);
    expect(await update({ id })).toMatchObject({
      connector: { settings: { clientId: 'C2', maximumConnections: 4, connectionTimeout: 5 } },
    });
  });
});

describe('deleting a connector during a query', () => {
  it('a query ends at once when its connector is deleted, and says why', async () => {
    await using other = await startWorld();
    const slow = other.webex.fail({ route: 'GET /people', fault: { kind: 'latency', ms: 20_000 } });
    const running = other.query('{ connector { users { nodes { id } } } }');
    await expect.poll(() => slow.struck).toBe(1);
    await configure(other, 'deleteConnector', { id: other.connectorId });
    expect((await running).errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND', kind: 'CONNECTOR' });
    expect(other.webex.requests.count('GET /people')).toBe(1);
  });
});

describe('deleting a connector', () => {
  it('deleteConnector answers with the connector as it was, and then it is gone', async () => {
    const id = await made({ name: 'doomed', clientId: 'C1' });
    const remove = () =>
      world.ask<{ deleteConnector: object }>(
        `mutation ($id: ID!) { deleteConnector(input: { id: $id }) {
          connector { name settings { clientId } pool { running } } error { __typename code } } }`,
        { id },
      );
    expect(await remove()).toEqual({
      deleteConnector: {
        connector: { name: 'doomed', settings: { clientId: 'C1' }, pool: { running: 0 } },
        error: null,
      },
    });
    expect(await remove()).toEqual({
      deleteConnector: { connector: null, error: { __typename: 'NotFound', code: 'NOT_FOUND' } },
    });
    expect(await world.ask('query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: null });
  });

  it('objects of a deleted connector are not found, and it cannot be connected again', async () => {
    await using other = await startWorld({ sandbox: { users: 5 } });
    const { data, errors } = await other.query(
      `mutation ($id: ID!) { deleteConnector(input: { id: $id }) {
        connector { name status users(first: 1) { nodes { id } } licenses { id } } error { code } } }`,
      { id: other.connectorId },
    );
    expect(data).toEqual({
      deleteConnector: {
        connector: { name: 'acme', status: 'DISCONNECTED', users: null, licenses: null },
        error: null,
      },
    });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['NOT_FOUND', 'NOT_FOUND']);
  });

  it('deleteConnector frees the name', async () => {
    const id = await made({ name: 'reborn', clientId: 'C1' });
    await configure(world, 'deleteConnector', { id });
    expect(await create({ name: 'reborn', clientId: 'C1' })).toMatchObject({ error: null });
  });
});
