import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { declareConnectors } from '../../src/connectors/declared/declare.ts';
import { openStore } from '../../src/store/store.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { configure } from '../configuration.ts';
import { freshDatabase } from '../databases.ts';
import { LOCAL_UPSTREAM, localDestinations } from '../local-upstream.ts';
import { startWorld, type World } from '../world.ts';

const ENVIRONMENT = { ACME_CLIENT_SECRET: 'test-secret-canary' };
const ELSEWHERE = {
  UPSTREAM_ORIGINS: `${LOCAL_UPSTREAM.UPSTREAM_ORIGINS},https://webex.example.com`,
  UPSTREAM_PROXIES: 'http://proxy.example.com:3128',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-declared-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a file beside the others; resolves with its path. */
function write(name: string, content: string | object): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('connectors declared in a file', () => {
  let world: World;
  let log: string[];
  let base: object;
  let environment: Record<string, string>;

  beforeEach(async () => {
    world = await startWorld({ partner: false, connect: false });
    log = [];
    base = { ...world.settings('declared'), clientSecret: { env: 'ACME_CLIENT_SECRET' } };
    environment = { ...ENVIRONMENT };
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const apply = (connectors: object[] | undefined) =>
    declareConnectors({
      file: connectors === undefined ? undefined : write('connectors.json', { connectors }),
      environment,
      destinations: localDestinations(ELSEWHERE),
      store: world.store,
      logger: createLogger('debug', (line) => log.push(line)),
    });
  const show = async (name: string) =>
    (
      await world.ask<{ connector: { id: string; declared: boolean; version: number; status: string } }>(
        'query ($name: String!) { connector(name: $name) { id declared version status settings { clientId maximumConnections } } }',
        { name },
      )
    ).connector;
  const connect = async (name: string) => {
    const { id } = await show(name);
    return Object.assign(world, { connectorId: id }).connect();
  };
  const update = (input: object) => configure(world, 'updateConnector', input);

  it('declared connectors exist when the gateway starts, and can be connected', async () => {
    await apply([base]);
    expect(await show('declared')).toMatchObject({
      declared: true,
      version: 1,
      status: 'DISCONNECTED',
      settings: { clientId: 'test-integration', maximumConnections: 10 },
    });
    expect((await connect('declared')).status).toBe(200);
    expect(await show('declared')).toMatchObject({ status: 'CONNECTED', version: 1 });
  });

  it('declared connectors change in the file only, but can be disconnected in the API', async () => {
    await apply([base]);
    await connect('declared');
    const { id } = await show('declared');
    const refusal = {
      connector: null,
      error: {
        __typename: 'NotAllowed',
        code: 'DECLARED',
        message:
          'The connector "declared" is declared in the configuration file. Change it there and restart the gateway.',
        retryable: false,
        requiredScope: null,
      },
    };
    expect(await update({ id, maximumConnections: 3 })).toEqual(refusal);
    expect(await configure(world, 'deleteConnector', { id })).toEqual(refusal);
    expect(await configure(world, 'disconnect', { id })).toMatchObject({ error: null });
    expect(await show('declared')).toMatchObject({ status: 'DISCONNECTED', version: 1 });
  });

  it('declared connectors take every setting, from the file, the environment and other files', async () => {
    const [certificate = ''] = rootCertificates;
    write('ca.pem', `# of the proxy\n${certificate}\n`);
    write('secret.txt', 'from-a-file\n');
    write(
      'every.yaml',
      `connectors:
  - name: every
    clientId: C0123
    clientSecret: { file: ${join(folder, 'secret.txt')} }
    serviceUri: https://webex.example.com/v1
    tokenEndpoint: https://webex.example.com/token
    authorizationEndpoint: https://webex.example.com/authorize
    scopes: [spark-admin:people_read, "identity:groups_read"]
    maximumConnections: 20
    connectionTimeout: 60
    proxyUrl: { env: HTTPS_PROXY }
    caCertificates: { file: ca.pem }
    clientAuthentication: CLIENT_SECRET_BASIC
    organizationId: Y2lzY29zcGFyazovL3VzL09SRw
    readOnly: true
`,
    );
    environment.HTTPS_PROXY = 'http://me:hush@proxy.example.com:3128';
    await declareConnectors({
      file: join(folder, 'every.yaml'),
      environment,
      destinations: localDestinations(ELSEWHERE),
      store: world.store,
      logger: createLogger('silent'),
    });
    expect(await world.store.connectors.getByName('every')).toMatchObject({
      clientId: 'C0123',
      clientSecret: 'from-a-file',
      serviceUri: 'https://webex.example.com/v1',
      tokenEndpoint: 'https://webex.example.com/token',
      authorizationEndpoint: 'https://webex.example.com/authorize',
      scopes: ['spark-admin:people_read', 'identity:groups_read'],
      maximumConnections: 20,
      connectionTimeout: 60,
      proxyUrl: 'http://me:hush@proxy.example.com:3128/',
      caCertificates: certificate,
      clientAuthentication: 'CLIENT_SECRET_BASIC',
      organizationId: 'Y2lzY29zcGFyazovL3VzL09SRw',
      readOnly: true,
      declared: true,
    });
  });

  it('declared connectors are stored once, and once more for each change', async () => {
    await apply([base]);
    await connect('declared');
    await apply([base]);
    expect(await show('declared')).toMatchObject({ version: 1 });
    await apply([{ ...base, maximumConnections: 3 }]);
    await apply([{ ...base, maximumConnections: 3 }]);
    expect(await show('declared')).toMatchObject({
      version: 2,
      status: 'CONNECTED',
      settings: { maximumConnections: 3 },
    });
    await apply([base]);
    expect(await show('declared')).toMatchObject({ version: 3, settings: { maximumConnections: 10 } });
  });

  it('declared connectors take a new secret at the next start, stay connected, and log the change without it', async () => {
    await apply([base]);
    await connect('declared');
    environment.ACME_CLIENT_SECRET = 'rotated-secret';
    await apply([base]);
    expect(await world.store.connectors.getByName('declared')).toMatchObject({
      clientSecret: 'rotated-secret',
      version: 2,
    });
    expect(await show('declared')).toMatchObject({ status: 'CONNECTED' });
    expect(log.join('')).toContain('"changed":["clientSecret"]');
    expect(log.join('')).not.toMatch(/rotated-secret|test-secret-canary/);
  });

  it('declared connectors have to be connected again if the file names another client', async () => {
    await apply([base]);
    await connect('declared');
    await apply([{ ...base, clientId: 'another' }]);
    const { id, status } = await show('declared');
    expect(status).toBe('DISCONNECTED');
    expect(await world.store.grants.get(id)).toBeNull();
    expect(log.join('')).toContain('connect it again');
  });

  it('declared connectors take over one of the same name, with its connection if client and servers stay', async () => {
    await world.connect();
    const before = await show('acme');
    expect(before).toMatchObject({ declared: false, status: 'CONNECTED' });
    await apply([{ ...base, name: 'acme' }]);
    expect(await show('acme')).toMatchObject({ id: before.id, declared: true, status: 'CONNECTED' });
    expect(log.join('')).toContain('took over a connector');
  });

  it.each([
    ['are no longer in the file', []],
    ['are in no file, because the file was removed', undefined],
  ])('declared connectors are released when they %s: they stay, and can be changed', async (_when, connectors) => {
    await apply([base]);
    await connect('declared');
    await apply(connectors);
    const { id, ...released } = await show('declared');
    expect(released).toMatchObject({ declared: false, status: 'CONNECTED' });
    expect(log.join('')).toContain('released a connector');
    expect(await update({ id, name: 'renamed' })).toMatchObject({
      connector: { name: 'renamed', declared: false },
      error: null,
    });
  });

  it('declared connectors stay as they were if anything in the file is invalid', async () => {
    await apply([base]);
    const wrong = { ...base, name: 'second', maximumConnections: 0 };
    await expect(apply([{ ...base, clientId: 'another' }, wrong])).rejects.toThrow('connectors[1]');
    expect(await show('declared')).toMatchObject({ version: 1 });
  });

  it('declared connectors are made once by ten gateways that start at once, while one is changed by hand', async () => {
    const { id } = await show('acme');
    const file = [base, { ...base, name: 'second' }, { ...base, name: 'acme' }];
    await Promise.all([
      ...Array.from({ length: 10 }, () => apply(file)),
      update({ id, maximumConnections: 7 }),
      update({ id, connectionTimeout: 8 }),
    ]);
    expect(await show('declared')).toMatchObject({ version: 1 });
    expect(await show('second')).toMatchObject({ version: 1 });
    expect(await show('acme')).toMatchObject({ declared: true, settings: { maximumConnections: 10 } });
  });
});

// Several gateways need a database that several processes can share.
describe.runIf(process.env.TEST_DATABASE_URL)('ten gateways that start at once on one PostgreSQL', () => {
  it('declare each connector once', async () => {
    const connectors = ['first', 'second', 'third'].map((name) => ({
      name,
      clientId: 'C0123',
      clientSecret: { env: 'ACME_CLIENT_SECRET' },
    }));
    const file = write('ten.json', { connectors });
    await using database = await freshDatabase();
    await using stores = new AsyncDisposableStack();
    const start = async () => {
      const store = stores.use(await openStore({ ...database.options, poolSize: 1 }));
      await declareConnectors({
        file,
        environment: ENVIRONMENT,
        destinations: localDestinations(),
        store,
        logger: createLogger('silent'),
      });
      return store.connectors.list();
    };
    const seen = await Promise.all(Array.from({ length: 10 }, start));
    const expected = connectors.map(({ name }) => expect.objectContaining({ name, version: 1 }));
    for (const list of seen) expect(list).toEqual(expected);
  });
});
