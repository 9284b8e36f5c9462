import { afterEach, describe, expect, test, vi } from 'vitest';
import { type FreshDatabase, lastingDatabase, runSql } from '../databases.ts';
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
import { STAFF } from '../sync-plans.ts';

const WAIT = { timeout: 25_000, interval: 200 };
const ROW = {
  id: 'E1',
  mail: 'new@acme.example',
  first: 'New',
  last: 'Person',
  name: 'New Person',
  title: 'x',
};

const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => kill(each)));
});

async function start(environment: Readonly<Record<string, string>>, ...options: string[]): Promise<Running> {
  const started = startProgram('server.ts', environment, ...options);
  running.push(started);
  await started.listening;
  return started;
}

function environmentOf({ options }: FreshDatabase): Record<string, string> {
  const { databaseUrl, dataDir } = options;
  const database = databaseUrl === undefined ? { DATA_DIR: dataDir } : { DATABASE_URL: databaseUrl };
  return { ...database, SECRET_KEYS: newSecretKeys() };
}

async function askForPlan(port: string, connector: string): Promise<string> {
  const { data } = await askPort<{ planSync: { plan: { id: string } } }>(
    port,
    'mutation ($input: PlanSyncInput!) { planSync(input: $input) { plan { id } } }',
    { input: { connector, mapping: { text: STAFF }, rows: [ROW] } },
  );
  return data.planSync.plan.id;
}

async function stateOf(port: string, id: string): Promise<string> {
  const { data } = await askPort<{ node: { state: string } }>(
    port,
    'query ($id: ID!) { node(id: $id) { ... on SyncPlan { state } } }',
    { id },
  );
  return data.node.state;
}

const untilState = (port: string, id: string, state: string) =>
  vi.waitFor(async () => expect(await stateOf(port, id)).toBe(state), WAIT);

test('A plan whose gateway is killed is made again after the next start', async () => {
  await using database = await lastingDatabase();
  const port = await freePort();
  await using webex = await startSandboxFor([port], { latencyMs: 0 }, 5);
  const environment = { ...environmentOf(database), PORT: port };
  const first = await start(environment);
  const connector = await createConnectorAt(port, webex.url, { name: 'acme', ...INTEGRATION });
  await connectPort(port, connector);
  webex.settings.latencyMs = 60_000;
  const id = await askForPlan(port, connector);
  await untilState(port, id, 'READING');
  await kill(first);
  webex.settings.latencyMs = 0;
  // A server cannot know that the process is gone until its lease ends.
  if (database.options.databaseUrl !== undefined)
    await runSql(database, 'update sync_plans set lease_until = now()');
  await start(environment);
  await untilState(port, id, 'READY');
});

// Two processes need a database that they can share.
describe.runIf(process.env.TEST_DATABASE_URL)('A worker beside a gateway on one PostgreSQL', () => {
  test('makes the plans that the gateway leaves to it, and gives them back when it stops', async () => {
    await using database = await lastingDatabase();
    const port = await freePort();
    await using webex = await startSandboxFor([port], { latencyMs: 0 }, 5);
    const environment = environmentOf(database);
    await start({ ...environment, PORT: port, SYNC_WORKER: 'false' });
    const connector = await createConnectorAt(port, webex.url, { name: 'acme', ...INTEGRATION });
    await connectPort(port, connector);
    webex.settings.latencyMs = 60_000;
    const id = await askForPlan(port, connector);
    expect(await stateOf(port, id)).toBe('QUEUED');
    const worker = await start(environment, 'worker');
    await untilState(port, id, 'READING');
    await kill(worker, 'SIGTERM');
    expect(worker.output.stdout).not.toContain('"level":50');
    webex.settings.latencyMs = 0;
    await start(environment, 'worker');
    await untilState(port, id, 'READY');
  });
});
