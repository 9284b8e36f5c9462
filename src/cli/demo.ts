import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../config.ts';
import { ALL_SCOPES, startSandbox } from '../sandbox/index.ts';
import { parentGone } from './parents.ts';

// npm run demo: a local Webex and the gateway, connected to each other as an administrator would do it.

const CLIENT_ID = 'demo-integration';
const CLIENT_SECRET = 'demo-secret';
const SHOWN_LINES = 8;
/** As `npm start` has them. */
const FLAGS = ['--liftoff-only', '--min-semi-space-size=16'];
const PREPARE = join(import.meta.dirname, '../../scripts/prepare-node.cjs');

const print = (text: string) => process.stdout.write(`${text}\n`);
const port = readPort();
const gatewayUrl = `http://localhost:${port}`;

const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), parentGone()]);
const dataDir = await mkdtemp(join(tmpdir(), 'webex-gateway-demo-'));
await using sandbox = await startSandbox({
  integrations: [
    {
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      redirectUris: [`${gatewayUrl}/oauth/callback`],
      scopes: ALL_SCOPES,
    },
  ],
});
const gateway = spawn(
  process.execPath,
  [...FLAGS, '--require', PREPARE, join(import.meta.dirname, '../server.ts')],
  {
    env: {
      ...process.env,
      PORT: port,
      PUBLIC_URL: gatewayUrl,
      DATA_DIR: dataDir,
      DATABASE_URL: '',
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'error',
      ACCESS_CONTROL: 'off',
      UPSTREAM_ORIGINS: sandbox.url,
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  },
);
const gatewayEnded = once(gateway, 'exit');

try {
  if (await hasStarted(gateway)) {
    await connect();
    await show();
    await Promise.race([stopped, gatewayEnded]);
  } else {
    process.exitCode = 1;
  }
} finally {
  if (gateway.exitCode === null) gateway.kill('SIGTERM');
  await gatewayEnded;
  await rm(dataDir, { recursive: true, force: true });
}

/** The gateway's port; ends with the configuration's own sentence if it is not a port. */
function readPort(): string {
  try {
    return String(loadConfig({ PORT: process.env.PORT }).port);
  } catch (error) {
    print(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

/** Resolves when the gateway listens; false when it ended instead, having said why. */
async function hasStarted(child: ChildProcess): Promise<boolean> {
  const listening = once(child, 'message').then(() => true);
  return Promise.race([listening, gatewayEnded.then(() => false)]);
}

/** Does what an administrator does: creates the connector, starts to connect it, and approves in the browser. */
async function connect(): Promise<void> {
  const { createConnector } = await ask<{ createConnector: Payload<{ connector: { id: string } | null }> }>(
    `mutation ($input: CreateConnectorInput!) {
      createConnector(input: $input) { connector { id } error { message } }
    }`,
    {
      input: {
        name: 'sandbox',
        clientId: CLIENT_ID,
        clientSecret: CLIENT_SECRET,
        serviceUri: `${sandbox.url}/v1`,
        tokenEndpoint: `${sandbox.url}/v1/access_token`,
        authorizationEndpoint: `${sandbox.url}/v1/authorize`,
        // More than the minimum, so that the organization's name is shown and groups of users are cheap to read.
        scopes: ALL_SCOPES,
      },
    },
  );
  if (createConnector.connector === null) throw refused(createConnector);
  const started = await ask<{ connect: Payload<{ authorizationUrl: string | null }> }>(
    'mutation ($id: ID!) { connect(input: { id: $id }) { authorizationUrl error { message } } }',
    { id: createConnector.connector.id },
  );
  if (started.connect.authorizationUrl === null) throw refused(started.connect);
  const authorization = new URL(started.connect.authorizationUrl);
  const form = new URLSearchParams(authorization.search);
  form.set('decision', 'approve');
  const approved = await fetch(`${sandbox.url}/v1/authorize`, {
    method: 'POST',
    body: form,
    redirect: 'manual',
  });
  const callback = await fetch(approved.headers.get('location') ?? '');
  if (!callback.ok) throw new Error(`The demo could not connect: ${await callback.text()}`);
}

/** The answer to a mutation: what was made, or why it was not. */
type Payload<Made> = Made & { readonly error: { readonly message: string } | null };

function refused({ error }: Payload<object>): Error {
  return new Error(`The demo could not connect: ${error?.message}`);
}

async function show(): Promise<void> {
  const file = 'examples/queries/2-dashboard-users.graphql';
  const query = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
  sandbox.requests.clear();
  const answer = await ask<{ connector: { users: { nodes: readonly object[] } } }>(query, { first: 100 });
  const { nodes } = answer.connector.users;
  const lines = JSON.stringify(nodes, null, 2).split('\n');
  print(`GraphiQL:     ${gatewayUrl}/graphql`);
  print(`Local Webex:  ${sandbox.url}/v1 (${sandbox.people.length} users; changes are lost when it stops)

${file} read ${nodes.length} users in ${sandbox.requests.count()} requests to Webex:

${lines.slice(0, SHOWN_LINES).join('\n')}
  … and ${lines.length - SHOWN_LINES} more lines

Try next:
  1. Open GraphiQL and press the play button in each tab.
  2. Add a user by script, in another terminal:
     bash examples/curl/provision.sh onboard new.hire@acme.example "New Hire" "Advanced Messaging" "Sales"
  3. Connect a second organization with the tab CreateConnector.
     Client ID: ${CLIENT_ID}. Client Secret: ${CLIENT_SECRET}.

Press Ctrl-C to stop.`);
}

async function ask<Data>(query: string, variables: object): Promise<Data> {
  const response = await fetch(`${gatewayUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const answer: { data: Data; errors?: unknown } = JSON.parse(await response.text());
  if (answer.errors !== undefined)
    throw new Error(`The demo's query failed: ${JSON.stringify(answer.errors)}`);
  return answer.data;
}
