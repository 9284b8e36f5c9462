import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import {
  askPort,
  connectPort,
  createConnectorAt,
  freePort,
  INTEGRATION,
  kill,
  newSecretKeys,
  startProgram,
  startSandboxFor,
} from '../processes.ts';
import { csvOf, STAFF } from '../sync-plans.ts';
import { ROUNDS, random } from './rounds.ts';

// kill -9 at random moments of a run that creates users, while Webex loses answers, fails, and says 400 for what it has
// done. In the end each user is there once, and the audit trail says the same.

/** Users that each round creates. */
const USERS_PER_ROUND = 40;

const folder = mkdtempSync(join(tmpdir(), 'gateway-soak-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly id: string;
  readonly state: string;
  readonly settled: number;
  readonly total: number;
  readonly counts: readonly { readonly outcome: string; readonly count: number }[];
}

const RUN = 'id state settled total counts { outcome count }';

describe(`${ROUNDS} kills -9 during a run`, () => {
  it('lose no user and create none twice', async () => {
    const port = await freePort();
    await using webex = await startSandboxFor([port], { latencyMs: 30 }, 20);
    const environment = { DATA_DIR: folder, PORT: port, LOG_LEVEL: 'warn', SECRET_KEYS: newSecretKeys() };
    const start = async () => {
      const gateway = startProgram('server.ts', environment);
      await gateway.listening;
      return gateway;
    };
    let gateway = await start();
    await connectPort(port, await createConnectorAt(port, webex.url, { name: 'acme', ...INTEGRATION }));
    const ask = async <Data>(query: string, variables: object = {}) => {
      const { data, errors } = await askPort<Data>(port, query, variables);
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      return data;
    };
    const count = USERS_PER_ROUND * ROUNDS;
    const records = Array.from({ length: count }, (_, index) => ({
      ...{ id: `N${index}`, mail: `new${index}@acme.example`, first: 'New', last: `User ${index}` },
      ...{ name: `New User ${index}`, title: 'Trainee' },
    }));
    const uploaded = await fetch(`http://127.0.0.1:${port}/sync/files?name=staff.csv`, {
      ...{ method: 'PUT', body: csvOf(records), headers: { 'content-type': 'text/csv' } },
    });
    const { id: file }: { id: string } = JSON.parse(await uploaded.text());
    const { planSync } = await ask<{ planSync: { plan: { id: string } | null } }>(
      'mutation ($input: PlanSyncInput!) { planSync(input: $input) { plan { id } error { message } } }',
      { input: { file, mapping: { text: STAFF } } },
    );
    const planOf = () =>
      ask<{ node: { state: string; digest: string | null } }>(
        'query ($id: ID!) { node(id: $id) { ... on SyncPlan { state digest } } }',
        { id: planSync.plan?.id },
      );
    let plan = (await planOf()).node;
    while (plan.digest === null && plan.state !== 'FAILED') {
      await sleep(200);
      plan = (await planOf()).node;
    }
    expect(plan.state).toBe('READY');
    const often = { times: Number.POSITIVE_INFINITY, route: 'POST /people' } as const;
    webex.fail({ ...often, fault: { kind: 'created-but-400' }, probability: 0.03, seed: 1 });
    webex.fail({ ...often, fault: { kind: 'status', status: 503 }, probability: 0.03, seed: 2 });
    webex.fail({ ...often, fault: { kind: 'reset', when: 'after' }, probability: 0.05, seed: 3 });
    const { applySync } = await ask<{ applySync: { run: Run | null; error: { message: string } | null } }>(
      `mutation ($input: ApplySyncInput!) { applySync(input: $input) { run { ${RUN} } error { message } } }`,
      { input: { id: planSync.plan?.id, digest: plan.digest } },
    );
    expect(applySync.error).toBeNull();
    const runOf = async () => {
      const query = `query ($id: ID!) { node(id: $id) { ... on SyncRun { ${RUN} } } }`;
      return (await ask<{ node: Run }>(query, { id: applySync.run?.id })).node;
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      await sleep(200 + random() * 800);
      await kill(gateway, 'SIGKILL');
      gateway = await start();
    }
    let run = await runOf();
    while (run.state === 'QUEUED' || run.state === 'RUNNING') {
      await sleep(500);
      run = await runOf();
    }
    expect(run).toMatchObject({
      state: 'COMPLETED',
      settled: count,
      counts: [{ outcome: 'APPLIED', count }],
    });
    const created = webex.people.filter(({ email }) => email.startsWith('new'));
    expect(new Set(created.map(({ email }) => email)).size).toBe(count);
    expect(created).toHaveLength(count);
    const { auditEvents } = await ask<{
      auditEvents: { totalCount?: number; nodes: { targetName: string }[] };
    }>(
      '{ auditEvents(first: 1000, filter: { operation: "createUser", outcomes: [APPLIED] }) { nodes { targetName } } }',
    );
    const told = auditEvents.nodes.map(({ targetName }) => targetName);
    expect(new Set(told).size).toBe(Math.min(count, told.length));
    await kill(gateway, 'SIGTERM');
  });
});
