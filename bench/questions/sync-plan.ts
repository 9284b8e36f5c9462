import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { hasServer } from '../databases.ts';
import { busyMs, peakMemory } from '../processes.ts';
import { atMost, duration, type Goal, type Question, type Row } from '../question.ts';
import type { SandboxPerson } from '../sandbox-process.ts';
import { type GatewayServer, startGateway } from '../sides.ts';
import { applyLinks, type MadePlan, makePlan, upload } from '../synchronizing.ts';

const LATENCY_MS = 50;
const GROUPS = 200;
const MEMBERS = 50;

const STAFF = `version: 1
name: staff
source: { kind: FILE, key: id }
user: { emails: mail, displayName: name, title: title }`;
/** The same with the memberships of all groups that begin with `bench-`. */
const WITH_GROUPS = `${STAFF}
groups: { mode: ADDITIVE, managed: { prefix: bench- }, from: groups }`;
/** Of records none of which is to have an account, so that only their reading is measured. */
const UNQUALIFIED = `${STAFF}
qualify: title == "Astronaut"`;

/** What does a plan without changes cost, and how much more memory does one of five times as many records take? */
export const syncPlan: Question = {
  name: 'sync-plan',
  async measure({ quick }) {
    return [...(await unchangedPlans(quick)), ...(await largeFiles(quick))];
  },
};

async function unchangedPlans(quick: boolean): Promise<Row[]> {
  const users = quick ? 2_000 : 10_000;
  await using gateway = await startGateway({ users, settings: { latencyMs: LATENCY_MS } });
  const people = await gateway.webex.people();
  await createGroups(gateway, people);
  const file = await upload(gateway, csvOf(people));
  await applyLinks(gateway, await makePlan(gateway, file, STAFF));
  const rows: Row[] = [];
  const pages = Math.ceil(users / 1_000);
  for (const [what, mapping, most] of [
    ['without groups', STAFF, pages + 2],
    [`with ${GROUPS} groups`, WITH_GROUPS, pages + 7],
  ] as const) {
    rows.push(
      await unchangedPlan(gateway, file, `${users.toLocaleString('en')} users ${what}`, mapping, most),
    );
  }
  return rows;
}

async function unchangedPlan(
  gateway: GatewayServer,
  file: string,
  what: string,
  mapping: string,
  most: number,
): Promise<Row> {
  await gateway.webex.clear();
  const { state, ms, cpuMs, peak } = await measured(gateway, () => makePlan(gateway, file, mapping));
  if (state !== 'UNCHANGED') throw new Error(`The plan is ${state}.`);
  const { requests } = await gateway.webex.report();
  return {
    what: `plan without changes, ${what}; floor: fewest requests`,
    gateway: `${duration(ms)}${peak === undefined ? '' : `, peak ${peak.toFixed(0)} MB`}`,
    requests: `${requests} / – / ${most}`,
    ...(cpuMs === undefined ? {} : { cpu: `${duration(cpuMs)} of its main thread` }),
    runs: 1,
    goals: [
      atMost('requests', requests, most),
      ...(cpuMs === undefined ? [] : [atMost('CPU of the main thread', cpuMs / 1_000, 2, ' s')]),
    ],
  };
}

async function largeFiles(quick: boolean): Promise<Row[]> {
  const [few, many] = quick ? [10_000, 50_000] : [50_000, 250_000];
  await using gateway = await startGateway({ users: 10 });
  // The heap grows to where it is at ease with the first plan, however large that is.
  await largeFile(gateway, few);
  const small = await largeFile(gateway, few);
  const large = await largeFile(gateway, many);
  const more = small.peak === undefined || large.peak === undefined ? undefined : large.peak - small.peak;
  const goals: Goal[] = [
    atMost('/health, 99 of 100', large.health, hasServer() ? 100 : 250, ' ms'),
    ...(hasServer() ? [atMost('time', large.ms / 1_000, 60, ' s')] : []),
    ...(more === undefined || !hasServer() ? [] : [atMost('more memory', Math.round(more), 32, ' MB')]),
  ];
  return [
    {
      what: `plan of a file of ${many.toLocaleString('en')} records that need no account; floor: of ${few.toLocaleString('en')}`,
      gateway: `${duration(large.ms)}${large.peak === undefined ? '' : `, peak ${large.peak.toFixed(0)} MB`}`,
      floor: `${duration(small.ms)}${small.peak === undefined ? '' : `, peak ${small.peak.toFixed(0)} MB`}`,
      ...(more === undefined ? {} : { ratio: `+ ${more.toFixed(0)} MB` }),
      ...(large.cpuMs === undefined ? {} : { cpu: `${duration(large.cpuMs)} of its main thread` }),
      ...{ runs: 1, goals },
    },
  ];
}

async function largeFile(gateway: GatewayServer, records: number) {
  const people = Array.from({ length: records }, (_, number) => ({
    ...{ email: `p${number}@acme.example`, displayName: `Person ${number}`, title: 'Engineer' },
  }));
  const file = await upload(gateway, csvOf(people));
  const answers: number[] = [];
  let running = true;
  const asking = (async () => {
    while (running) {
      answers.push(await timeOfHealth(gateway));
      await sleep(20);
    }
  })();
  const plan = await measured(gateway, () => makePlan(gateway, file, UNQUALIFIED));
  running = false;
  await asking;
  const sorted = answers.toSorted((one, other) => one - other);
  return { ...plan, health: sorted[Math.floor(sorted.length * 0.99)] ?? 0 };
}

async function measured(gateway: GatewayServer, make: () => Promise<MadePlan>) {
  const cpuBefore = await busyMs(gateway.pid);
  const begun = performance.now();
  let state = '';
  const peak = await peakMemory(gateway.pid, async () => {
    ({ state } = await make());
  });
  const ms = performance.now() - begun;
  const cpuAfter = await busyMs(gateway.pid);
  const cpuMs = cpuBefore === undefined || cpuAfter === undefined ? undefined : cpuAfter - cpuBefore;
  return { state, ms, cpuMs, peak };
}

async function timeOfHealth({ port }: GatewayServer): Promise<number> {
  const begun = performance.now();
  const { body } = await request(`http://127.0.0.1:${port}/health`);
  await body.dump();
  return performance.now() - begun;
}

function csvOf(people: readonly Omit<SandboxPerson, 'id'>[]): string {
  const rows = people.map(({ email, displayName, title }, index) => {
    const groups = `bench-${index % GROUPS}`;
    return `E${index},${email},"${displayName}","${title ?? ''}",${index < GROUPS * MEMBERS ? groups : ''}`;
  });
  return ['id,mail,name,title,groups', ...rows].join('\n');
}

/** Groups whose members are those that the file names. */
async function createGroups({ webex }: GatewayServer, people: readonly SandboxPerson[]): Promise<void> {
  for (let number = 0; number < GROUPS; number += 1) {
    const members = people.filter((_, index) => index % GROUPS === number).slice(0, MEMBERS);
    const { statusCode, body } = await request(`${webex.url}/v1/groups`, {
      method: 'POST',
      headers: { authorization: `Bearer ${webex.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ displayName: `bench-${number}`, members: members.map(({ id }) => ({ id })) }),
    });
    await body.dump();
    if (statusCode !== 201) throw new Error(`A group could not be created: ${statusCode}.`);
  }
}
