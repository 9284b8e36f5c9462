import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { type GatewayServer, readData } from './sides.ts';

// What a caller does with plans, over HTTP.

/** A plan that is made. */
export interface MadePlan {
  readonly id: string;
  readonly state: string;
  readonly digest: string | null;
  readonly error: { readonly message: string } | null;
}

const PLAN = 'id state digest error { message }';
const POLL_MS = 100;
const UNDER_WAY = new Set(['QUEUED', 'READING', 'OBSERVING', 'COMPARING']);

/** Uploads a CSV file. Returns its id. */
export async function upload({ port }: GatewayServer, content: string): Promise<string> {
  const { statusCode, body } = await request(`http://127.0.0.1:${port}/sync/files?name=staff.csv`, {
    method: 'PUT',
    headers: { 'content-type': 'text/csv' },
    body: content,
  });
  const text = await body.text();
  if (statusCode >= 300) throw new Error(`The upload failed: ${text}`);
  const { id }: { id: string } = JSON.parse(text);
  return id;
}

/** Makes a plan of an uploaded file. Throws if it fails. */
export async function makePlan(gateway: GatewayServer, file: string, mapping: string): Promise<MadePlan> {
  const asked = await gateway.send(
    `mutation ($connector: ID!, $file: ID!, $text: String!) {
      planSync(input: { connector: $connector, file: $file, mapping: { text: $text } }) { plan { ${PLAN} } error { message } }
    }`,
    { file, text: mapping },
  );
  const { planSync } = readData<{ planSync: { plan: MadePlan | null; error: { message: string } | null } }>(
    asked,
  );
  if (planSync.plan === null) throw new Error(`The plan was refused: ${planSync.error?.message}`);
  let { plan } = planSync;
  while (UNDER_WAY.has(plan.state)) {
    await sleep(POLL_MS);
    const text = await gateway.send(`query ($id: ID!) { node(id: $id) { ... on SyncPlan { ${PLAN} } } }`, {
      id: plan.id,
    });
    plan = readData<{ node: MadePlan }>(text).node;
  }
  if (plan.error !== null) throw new Error(`The plan failed: ${plan.error.message}`);
  return plan;
}

/** Applies a plan that sends nothing, and waits for its end. */
export async function applyLinks(gateway: GatewayServer, { id, digest }: MadePlan): Promise<void> {
  const applied = await gateway.send(
    `mutation ($id: ID!, $digest: String!) {
      applySync(input: { id: $id, digest: $digest }) { run { id state } error { message } }
    }`,
    { id, digest },
  );
  const { applySync } = readData<{ applySync: { run: { id: string; state: string } | null } }>(applied);
  let { run } = applySync;
  while (run !== null && ['QUEUED', 'RUNNING'].includes(run.state)) {
    await sleep(POLL_MS);
    const text = await gateway.send('query ($id: ID!) { node(id: $id) { ... on SyncRun { id state } } }', {
      id: run.id,
    });
    run = readData<{ node: { id: string; state: string } }>(text).node;
  }
  if (run?.state !== 'COMPLETED') throw new Error(`The run ended as ${run?.state}: ${applied}`);
}
