import { request } from 'undici';
import type { BareAnswer } from '../baselines/bare-server.ts';
import { requestsPerSecond } from '../load.ts';
import { cpuMs, startProgram } from '../processes.ts';
import { atLeast, atMost, median, percent, type Question } from '../question.ts';

const QUERY = JSON.stringify({ query: '{ __typename }' });

/** How many requests a second are answered that need nothing from Webex? */
export const trivialQueries: Question = {
  name: 'requests-per-second',
  async measure({ quick, runs }, sides) {
    const { gateway, handWritten } = await sides();
    await using bare = await startProgram('bench/baselines/bare-server.ts', {
      input: await answerOf(gateway.port),
    });
    const { port }: { port: number } = JSON.parse(bare.greeting);
    const load = { connections: 16, ms: quick ? 500 : 2_000 };
    const found: { ours: Rate; written: Rate; least: Rate }[] = [];
    const rounds = Math.ceil(runs / 3);
    for (let round = -1; round < rounds; round += 1) {
      const ours = await measureRate(gateway, load);
      const written = await measureRate(handWritten, load);
      const least = await measureRate({ port, pid: bare.pid }, load);
      if (round >= 0) found.push({ ours, written, least });
    }
    const [ours, written, least] = (['ours', 'written', 'least'] as const).map((side) => ({
      rate: median(found.map((round) => round[side].rate)),
      cpuEach: median(found.map((round) => round[side].cpuEach)),
    }));
    if (ours === undefined || written === undefined || least === undefined) return [];
    const hasCpu = !Number.isNaN(ours.cpuEach);
    return [
      {
        what: '{ __typename } a second; floor: node:http that answers the same bytes',
        gateway: `${Math.round(ours.rate)} / s`,
        handWritten: `${Math.round(written.rate)} / s`,
        floor: `${Math.round(least.rate)} / s`,
        ratio: percent(ours.rate / least.rate),
        ...(hasCpu && {
          cpu: `${[ours, written, least].map(({ cpuEach }) => cpuEach.toFixed(3)).join(' / ')} ms`,
        }),
        runs: rounds,
        goals: [
          atLeast('share of the floor', ours.rate / least.rate, 0.35),
          ...(hasCpu ? [atMost('CPU by the hand-written one', ours.cpuEach / written.cpuEach, 1)] : []),
        ],
      },
    ];
  },
};

interface Rate {
  /** Answers a second. */
  readonly rate: number;
  /** Milliseconds of CPU for each; not a number if the system does not say. */
  readonly cpuEach: number;
}

async function measureRate(
  { port, pid }: { readonly port: number; readonly pid: number },
  load: { readonly connections: number; readonly ms: number },
): Promise<Rate> {
  const before = await cpuMs(pid);
  const began = performance.now();
  const rate = await requestsPerSecond(port, QUERY, load);
  const answers = (rate * (performance.now() - began)) / 1_000;
  const after = await cpuMs(pid);
  return { rate, cpuEach: ((after ?? Number.NaN) - (before ?? Number.NaN)) / answers };
}

/** The gateway's answer, for a server that only repeats it. */
async function answerOf(port: number): Promise<BareAnswer> {
  const { headers, body } = await request(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: QUERY,
  });
  const own = Object.entries(headers).flatMap(([name, value]) =>
    typeof value !== 'string' || OF_THE_CONNECTION.has(name) ? [] : [[name, value] as const],
  );
  return { headers: Object.fromEntries(own), body: await body.text() };
}

const OF_THE_CONNECTION = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding']);
