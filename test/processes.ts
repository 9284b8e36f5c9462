import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { ALL_SCOPES, type Sandbox, type Settings, startSandbox } from '../src/sandbox/index.ts';
import { LOCAL_UPSTREAM } from './local-upstream.ts';

const SOURCE = join(import.meta.dirname, '../src');
const PREPARE = join(import.meta.dirname, '../scripts/prepare-node.cjs');

/** To optimize the database's WebAssembly takes longer than the processes of tests live. */
const SHORT_LIVED = ['--liftoff-only'];

/** A process of the project's own, and what it has said so far. */
export interface Running {
  readonly child: ChildProcess;
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** Resolves when a gateway listens. */
  readonly listening: Promise<unknown>;
  readonly ended: Promise<{ code: number | string | null | undefined; stdout: string; stderr: string }>;
}

const started = new Set<Running>();

// Also those of a test that failed before it came to end them.
afterAll(async () => {
  await Promise.all([...started].map((each) => kill(each)));
});

/** Starts one of the project's programs, as npm does, with nothing of our environment but the path, and with Webex on this machine. */
export function startProgram(
  program: string,
  environment: Readonly<Record<string, string>>,
  ...options: readonly string[]
): Running {
  const command = [...SHORT_LIVED, '--require', PREPARE, join(SOURCE, program), ...options];
  const child = spawn(process.execPath, command, {
    env: { PATH: process.env.PATH, ACCESS_CONTROL: 'off', ...LOCAL_UPSTREAM, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (data: Buffer) => {
    output.stdout += data.toString();
  });
  child.stderr?.on('data', (data: Buffer) => {
    output.stderr += data.toString();
  });
  const ended = once(child, 'close').then(([code]: (number | string | null)[]) => ({ code, ...output }));
  const running = { child, output, listening: once(child, 'message'), ended };
  started.add(running);
  ended.finally(() => started.delete(running)).catch(() => undefined);
  return running;
}

/** Ends a process, and resolves when it is gone. */
export async function kill(
  running: Running,
  signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT' = 'SIGKILL',
): Promise<void> {
  if (running.child.exitCode === null && running.child.signalCode === null) running.child.kill(signal);
  await running.ended;
}

/** A port on loopback that nobody listens on. */
export async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return String(typeof address === 'object' ? address?.port : address);
}

/** Sends a GraphQL request to a gateway's port. */
export async function askPort<Data>(
  port: string,
  query: string,
  variables: object = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<{ data: Data; errors?: { message: string; extensions: { code: string } }[] }> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return JSON.parse(await response.text());
}

/** Connects a connector of a gateway to a sandbox over their ports, following redirects as a browser does. */
export async function connectPort(
  port: string,
  connectorId: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { data } = await askPort<{ connect: { authorizationUrl: string } }>(
    port,
    'mutation ($id: ID!) { connect(input: { id: $id }) { authorizationUrl } }',
    { id: connectorId },
    headers,
  );
  const { origin, pathname, searchParams } = new URL(data.connect.authorizationUrl);
  searchParams.set('decision', 'approve');
  const page = await fetch(`${origin}${pathname}`, { method: 'POST', body: searchParams });
  return page.text();
}

/** Makes a connector of a gateway, pointed at a sandbox. */
export async function createConnectorAt(
  port: string,
  webexUrl: string,
  settings: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { data } = await askPort<{ createConnector: { connector: { id: string } } }>(
    port,
    'mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { connector { id } } }',
    {
      input: {
        serviceUri: `${webexUrl}/v1`,
        tokenEndpoint: `${webexUrl}/v1/access_token`,
        authorizationEndpoint: `${webexUrl}/v1/authorize`,
        ...settings,
      },
    },
    headers,
  );
  return data.createConnector.connector.id;
}

/** The integration of `startSandboxFor`. */
export const INTEGRATION = { clientId: 'c', clientSecret: 's' };

/** A sandbox that gateways on these ports can be connected to. */
export function startSandboxFor(
  ports: readonly string[],
  settings: Partial<Settings> = {},
  users = 250,
): Promise<Sandbox> {
  const redirectUris = ports.map((port) => `http://localhost:${port}/oauth/callback`);
  return startSandbox({
    settings,
    users,
    integrations: [{ ...INTEGRATION, redirectUris, scopes: ALL_SCOPES }],
  });
}

/** A value for SECRET_KEYS. */
export function newSecretKeys(): string {
  return `k:${randomBytes(32).toString('base64')}`;
}
