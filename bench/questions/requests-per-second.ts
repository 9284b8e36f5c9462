import { request } from 'undici';
import type { BareAnswer } from '../baselines/bare-server.ts';
import { requestsPerSecond } from '../load.ts';
import { startProgram } from '../processes.ts';
import { median, percent, type Question } from '../question.ts';

const QUERY = JSON.stringify({ query: '{ __typename }' });

/** How many requests a second are answered that need nothing from Webex? */
export const trivialQueries: Question = {
  name: 'requests-per-second',
  async measure({ quick, runs }, sides) {
    const { gateway } = await sides();
    await using bare = await startProgram('bench/baselines/bare-server.ts', {
      input: await answerOf(gateway.port),
    });
    const { port }: { port: number } = JSON.parse(bare.greeting);
    const load = { connections: 16, ms: quick ? 500 : 2_000 };
    const rates: { ours: number; least: number }[] = [];
    const rounds = Math.ceil(runs / 3);
    for (let round = -1; round < rounds; round += 1) {
      const ours = await requestsPerSecond(gateway.port, QUERY, load);
      const least = await requestsPerSecond(port, QUERY, load);
      if (round >= 0) rates.push({ ours, least });
    }
    const ours = median(rates.map((rate) => rate.ours));
    const least = median(rates.map((rate) => rate.least));
    return [
      {
        what: '{ __typename } a second; floor: node:http that answers the same bytes',
        gateway: `${Math.round(ours)} / s`,
        floor: `${Math.round(least)} / s`,
        ratio: percent(ours / least),
        runs: rounds,
      },
    ];
  },
};

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
