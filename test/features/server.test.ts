import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startSandbox } from '../../src/sandbox/index.ts';

const SERVER = join(import.meta.dirname, '../../src/server.ts');
const folders: string[] = [];
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Starts the gateway as a process of its own, as `npm start` does, on the embedded database. */
function start(environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [SERVER], {
    env: { PATH: process.env.PATH, DATA_DIR: newFolder(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (data: Buffer) => {
    output.stdout += data.toString();
  });
  child.stderr?.on('data', (data: Buffer) => {
    output.stderr += data.toString();
  });
  const ended = once(child, 'close').then(([code, signal]: (number | string | null)[]) => ({
    code,
    signal,
    ...output,
  }));
  return { child, ended, listening: once(child, 'message'), output };
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-server-test-'));
  folders.push(folder);
  return folder;
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return String(typeof address === 'object' ? address?.port : address);
}

async function ask<Data>(port: string, query: string, variables: object = {}): Promise<Data> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data }: { data: Data } = JSON.parse(await response.text());
  return data;
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
    const { code, stdout, stderr } = await start(environment).ended;
    expect(code).toBe(1);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stdout + stderr).not.toContain('hunter2');
  });

  it('on a port that is taken says so', async () => {
    const port = await freePort();
    const first = start({ PORT: port });
    await first.listening;
    const { code, stderr } = await start({ PORT: port }).ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining(`127.0.0.1:${port} (EADDRINUSE)`)]);
    expect(await ask(port, '{ connectors { id } }')).toEqual({ connectors: [] });
  });

  it('on a data folder that is in use says so', async () => {
    const folder = newFolder();
    const first = start({ PORT: await freePort(), DATA_DIR: folder });
    await first.listening;
    const { code, stderr } = await start({ PORT: await freePort(), DATA_DIR: folder }).ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('is in use by another gateway process')]);
  });
});

describe('stopping', () => {
  it('finishes what runs, then exits with 0', async () => {
    const port = await freePort();
    await using webex = await startSandbox({
      integrations: [
        {
          clientId: 'c',
          clientSecret: 's',
          redirectUris: [`http://localhost:${port}/oauth/callback`],
          scopes: ['spark-admin:people_read'],
        },
      ],
    });
    const server = start({ PORT: port });
    await server.listening;
    await connect(port, webex.url);
    const slow = webex.fail({ route: 'GET /people', fault: { kind: 'latency', ms: 500 } });
    const running = ask<{ connector: { users: { nodes: object[] } } }>(
      port,
      '{ connector { users(first: 3) { nodes { id } } } }',
    );
    await expect.poll(() => slow.struck).toBe(1);
    server.child.kill('SIGTERM');
    const { connector } = await running;
    expect(connector.users.nodes).toHaveLength(3);
    expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('with kill -9 loses nothing that was acknowledged', async () => {
    const folder = newFolder();
    const port = await freePort();
    const first = start({ PORT: port, DATA_DIR: folder });
    await first.listening;
    await ask(
      port,
      'mutation { createConnector(input: { name: "kept", clientId: "c", clientSecret: "s" }) { __typename } }',
    );
    first.child.kill('SIGKILL');
    await first.ended;
    const second = start({ PORT: port, DATA_DIR: folder });
    await second.listening;
    expect(await ask(port, '{ connectors { name connection { clientSecretSet } } }')).toEqual({
      connectors: [{ name: 'kept', connection: { clientSecretSet: true } }],
    });
  });

  async function connect(port: string, webexUrl: string): Promise<void> {
    const { createConnector } = await ask<{ createConnector: { id: string } }>(
      port,
      'mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { ... on Connector { id } } }',
      {
        input: {
          name: 'acme',
          clientId: 'c',
          clientSecret: 's',
          scopes: ['spark-admin:people_read'],
          serviceUri: `${webexUrl}/v1`,
          tokenEndpoint: `${webexUrl}/v1/access_token`,
          authorizationEndpoint: `${webexUrl}/v1/authorize`,
        },
      },
    );
    const started = await ask<{ connect: { authorizationUrl: string } }>(
      port,
      'mutation ($input: ConnectInput!) { connect(input: $input) { ... on ConnectStarted { authorizationUrl } } }',
      { input: { connectorId: createConnector.id } },
    );
    const { origin, pathname, searchParams } = new URL(started.connect.authorizationUrl);
    searchParams.set('decision', 'approve');
    // A browser follows Webex's redirect to our callback, over the real port.
    const page = await fetch(`${origin}${pathname}`, { method: 'POST', body: searchParams });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('acme is connected')]);
  }
});
