import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { freshFolder } from '../databases.ts';
import {
  askPort,
  connectPort,
  createConnectorAt,
  freePort,
  INTEGRATION,
  kill,
  newSecretKeys,
  type Running,
  startProgram,
  startSandboxFor,
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

/** A manifest of one persisted operation. */
async function manifest(): Promise<string> {
  const file = join(await newFolder(), 'persisted-documents.json');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ names: '{ connectors { name } }' }));
  return file;
}

async function newFolder(): Promise<string> {
  const folder = await freshFolder();
  resources.add(folder);
  return folder.dataDir;
}

describe('starting', () => {
  it.each([
    [{ PORT: 'http' }, 'PORT must be a port number from 1 to 65535, not "http".'],
    [{ SECRET_KEYS: 'nonsense' }, 'SECRET_KEYS'],
    [
      { PERSISTED_OPERATIONS: '/nowhere/manifest.json' },
      'PERSISTED_OPERATIONS names a file that cannot be read',
    ],
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

describe('what the environment allows', () => {
  const ends = new AsyncDisposableStack();
  let port: string;
  let metricsPort: string;
  let server: Running;
  let webex: Sandbox;

  beforeAll(async () => {
    port = await freePort();
    metricsPort = await freePort();
    webex = ends.use(await startSandboxFor([port]));
    server = startProgram('server.ts', {
      PORT: port,
      METRICS_PORT: metricsPort,
      DATA_DIR: ends.use(await freshFolder()).dataDir,
      OPERATION_DEADLINE: '1.5',
      OPERATION_DEADLINE_MAX: '7',
      QUERY_COST_LIMIT: '10',
      CATALOGUE_LIFETIME: '0.001',
      REQUEST_TIMEOUT: '0.5',
      RESPONSE_TIMEOUT: '0.5',
      MAX_CONNECTIONS: '20',
      PERSISTED_OPERATIONS: await manifest(),
    });
    ends.defer(() => kill(server));
    await server.listening;
    expect(
      await connectPort(port, await createConnectorAt(port, webex.url, { name: 'acme', ...INTEGRATION })),
    ).toContain('acme is connected');
  });
  afterAll(() => ends.disposeAsync());

  /** Begins a request that does not come to its end. */
  async function begin(rest: string, at = port): Promise<Socket> {
    const socket = connect(Number(at), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${rest}`);
    return socket;
  }
  async function readAll(socket: Socket): Promise<string> {
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString();
    });
    await once(socket, 'close');
    return answer;
  }
  const logged = () =>
    server.output.stdout
      .split('\n')
      // The last may not be whole.
      .slice(0, -1)
      .map((line): Record<string, unknown> => JSON.parse(line));

  it('holds for operations: what they may cost, how long they take, how long catalogues are kept', async () => {
    const costly = '{ connector { users(first: 1000) { nodes { extension roles { name } } } } }';
    expect(await askPort(port, costly)).toMatchObject({
      errors: [{ extensions: { code: 'QUERY_TOO_COSTLY', cost: 11, limit: 10 } }],
    });
    webex.requests.clear();
    for (const _ of [1, 2]) await askPort(port, '{ connector { licenses { name } } }');
    expect(webex.requests.byRoute).toEqual({ 'GET /licenses': 2 });
    webex.fail({ route: 'GET /people', fault: { kind: 'latency', ms: 10_000 } });
    expect(await askPort(port, '{ connector { users(first: 1) { nodes { id } } } }')).toMatchObject({
      errors: [{ extensions: { code: 'DEADLINE_EXCEEDED', deadline: 1.5 } }],
    });
    const refused = await fetch(`http://127.0.0.1:${port}/graphql?query={connectors{id}}`, {
      headers: { 'Webex-Deadline': '7.1' },
    });
    expect(await refused.text()).toContain('up to 7,');
  });

  const WITH_LENGTH = 'Content-Length: 100\r\n\r\n{"query":';
  const IN_CHUNKS = 'Transfer-Encoding: chunked\r\n\r\n9\r\n{"query":\r\n';

  it.each([
    ['of a length', WITH_LENGTH],
    ['in chunks', IN_CHUNKS],
  ])('takes a client that leaves in the middle of a request for what it is: %s', async (_what, rest) => {
    // Lines of requests before it may still be on their way.
    const brokenOff = () => logged().filter(({ status }) => status === 499);
    const before = brokenOff().length;
    const socket = await begin(rest);
    // What another connection brings after it is read after it.
    await askPort(port, '{ connectors { id } }');
    socket.destroy();
    await expect.poll(() => brokenOff().length).toBe(before + 1);
    expect(brokenOff().at(-1)).toMatchObject({ msg: 'request', path: '/graphql', level: 30 });
    expect(server.output.stdout).not.toContain('a bug');
  });

  it('cuts off who sends a request too slowly', async () => {
    const begun = ['X-Slow: ', WITH_LENGTH, IN_CHUNKS].map(async (rest) => readAll(await begin(rest)));
    const metrics = readAll(await begin('X-Slow: ', metricsPort));
    const answers = await Promise.all([...begun, metrics]);
    expect(answers).toEqual([1, 2, 3, 4].map(() => expect.stringMatching(/^HTTP\/1\.1 408 /)));
    expect(server.output.stdout).not.toContain('a bug');
  });

  it('gives an upload more time than other requests', async () => {
    const upload = connect(Number(port), '127.0.0.1');
    await once(upload, 'connect');
    upload.write('PUT /sync/files?name=slow.csv HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n');
    upload.write('Connection: close\r\nContent-Length: 10\r\n\r\nid\n');
    // What began later is cut off first.
    expect(await readAll(await begin(WITH_LENGTH))).toMatch(/^HTTP\/1\.1 408 /);
    const answer = readAll(upload);
    upload.write('1\n2\n3\n4');
    expect(await answer).toMatch(/^HTTP\/1\.1 201 .*"rows":4/s);
  });

  it('cuts off who does not read the answer, and not who waits for it', async () => {
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    // Four pages of more than two megabytes each, which no buffer on the way takes in.
    const page =
      'GET /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n\r\n';
    socket.write(page.repeat(4));
    await once(socket, 'readable');
    webex.fail({ route: 'GET /people', fault: { kind: 'latency', ms: 1_200 } });
    expect(await askPort(port, '{ connector { users(first: 1) { nodes { id } } } }')).toMatchObject({
      data: { connector: { users: { nodes: [{}] } } },
    });
    socket.on('error', () => undefined);
    let size = 0;
    socket.on('data', (data) => {
      size += data.length;
    });
    await once(socket, 'close');
    expect(size).toBeLessThan(8_000_000);
  });

  it.each([
    ['configured', () => port],
    ['twenty on the port of the metrics', () => metricsPort],
  ])('takes no more connections than %s', async (_what, portOf) => {
    const sockets = Array.from({ length: 21 }, () => connect(Number(portOf()), '127.0.0.1'));
    try {
      for (const socket of sockets) socket.on('error', () => undefined);
      const refused = sockets.map(async (socket) => {
        await once(socket.resume(), 'close');
        // Who is only too slow is told so.
        if (socket.bytesRead > 0) throw new Error('This one was let in.');
      });
      await Promise.any(refused);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    await expect
      .poll(() => askPort(port, '{ __typename }').catch(() => undefined))
      .toMatchObject({
        data: { __typename: 'Query' },
      });
  });

  it('holds for persisted operations', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/graphql?documentId=names`);
    expect(await answer.json()).toMatchObject({ data: { connectors: [{ name: 'acme' }] } });
  });
});

describe('stopping', () => {
  it('ends a start that is under way, with 0', async () => {
    const database = createServer().listen(0, '127.0.0.1');
    await once(database, 'listening');
    const address = database.address();
    // It takes the connection, and never says anything.
    const connected = once(database, 'connection');
    const server = await start({
      DATABASE_URL: `postgres://user@127.0.0.1:${typeof address === 'object' ? address?.port : ''}/none`,
      SECRET_KEYS: newSecretKeys(),
    });
    await connected;
    server.child.kill('SIGTERM');
    expect(await server.ended).toEqual({ code: 0, stdout: '', stderr: '' });
    database.close();
  });

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
    expect(await askPort(port, '{ connectors { name settings { clientSecretSet } } }')).toMatchObject({
      data: { connectors: [{ name: 'kept', settings: { clientSecretSet: true } }] },
    });
  });
});
