import { afterEach, describe, expect, it } from 'vitest';
import { startSandbox } from '../../src/sandbox/index.ts';
import { freshFolder } from '../databases.ts';
import {
  askPort,
  connectPort,
  createConnectorAt,
  freePort,
  kill,
  type Running,
  startProgram,
} from '../processes.ts';

const resources = new Set<AsyncDisposable>();
const running: Running[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => kill(each)));
  for (const resource of resources) await resource[Symbol.asyncDispose]();
  resources.clear();
});

/** Starts the gateway as a process of its own, as `npm start` does, on the embedded database. */
async function start(environment: Record<string, string> = {}): Promise<Running> {
  const server = startProgram('server.ts', { DATA_DIR: await newFolder(), ...environment });
  running.push(server);
  return server;
}

async function newFolder(): Promise<string> {
  const folder = await freshFolder();
  resources.add(folder);
  return folder.dataDir;
}

describe('starting', () => {
  it.each([
    [{ PORT: 'http' }, 'PORT must be a port number from 1 to 65535, not "http".'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of'],
    [{ SECRET_KEYS: 'nonsense' }, 'SECRET_KEYS'],
    [{ DATABASE_URL: 'mysql://localhost' }, 'DATABASE_URL must be a PostgreSQL URL'],
    [
      {
        DATABASE_URL: 'postgres://user:hunter2@127.0.0.1:1/none',
        SECRET_KEYS: `k:${Buffer.alloc(32, 7).toString('base64')}`,
      },
      '127.0.0.1:1',
    ],
  ])('with %o ends with a sentence and exit code 1', async (environment, sentence) => {
    const { code, stdout, stderr } = await (await start(environment)).ended;
    expect(code).toBe(1);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stdout + stderr).not.toContain('hunter2');
  });

  it('on a port that is taken says so', async () => {
    const port = await freePort();
    await (await start({ PORT: port })).listening;
    const { code, stderr } = await (await start({ PORT: port })).ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining(`127.0.0.1:${port} (EADDRINUSE)`)]);
    expect(await askPort(port, '{ connectors { id } }')).toMatchObject({ data: { connectors: [] } });
  });

  it('on a data folder that is in use says so', async () => {
    const folder = await newFolder();
    await (await start({ PORT: await freePort(), DATA_DIR: folder })).listening;
    const { code, stderr } = await (await start({ PORT: await freePort(), DATA_DIR: folder })).ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('is in use by another gateway process')]);
  });
});

describe('stopping', () => {
  it('finishes what runs, then exits with 0', async () => {
    const port = await freePort();
    const scopes = ['spark-admin:people_read'];
    await using webex = await startSandbox({
      integrations: [
        {
          clientId: 'c',
          clientSecret: 's',
          redirectUris: [`http://localhost:${port}/oauth/callback`],
          scopes,
        },
      ],
    });
    const server = await start({ PORT: port });
    await server.listening;
    const id = await createConnectorAt(port, webex.url, {
      name: 'acme',
      clientId: 'c',
      clientSecret: 's',
      scopes,
    });
    expect(await connectPort(port, id)).toContain('acme is connected');
    const slow = webex.fail({ route: 'GET /people', fault: { kind: 'latency', ms: 500 } });
    const query = '{ connector { users(first: 3) { nodes { id } } } }';
    const asked = askPort<{ connector: { users: { nodes: object[] } } }>(port, query);
    await expect.poll(() => slow.struck).toBe(1);
    server.child.kill('SIGTERM');
    expect((await asked).data.connector.users.nodes).toHaveLength(3);
    expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('with kill -9 loses nothing that was acknowledged', async () => {
    const folder = await newFolder();
    const port = await freePort();
    const first = await start({ PORT: port, DATA_DIR: folder });
    await first.listening;
    await createConnectorAt(port, 'http://localhost:1', { name: 'kept', clientId: 'c', clientSecret: 's' });
    await kill(first);
    await (await start({ PORT: port, DATA_DIR: folder })).listening;
    expect(await askPort(port, '{ connectors { name connection { clientSecretSet } } }')).toMatchObject({
      data: { connectors: [{ name: 'kept', connection: { clientSecretSet: true } }] },
    });
  });
});
