import { clients, timed } from '../compare.ts';
import { USER_BY_ID } from '../queries.ts';
import { atLeast, atMost, median, percent, type Question, times } from '../question.ts';
import { CONNECTIONS, readData, startFloor, startGateway } from '../sides.ts';

const CLIENTS = 50;
const LATENCY_MS = 50;

/** How near do single loads come to what latency and connections allow, and is any lost? */
export const singleLoads: Question = {
  name: 'single-loads',
  async measure({ quick }) {
    const [count, rounds] = quick ? [400, 2] : [2_000, 3];
    const organization = { users: count, settings: { latencyMs: LATENCY_MS } };
    await using gateway = await startGateway(organization);
    await using floor = await startFloor(organization);
    const ids = (await gateway.webex.people()).map(({ id }) => id);
    const share = (ms: number) => (count * LATENCY_MS) / (CONNECTIONS * ms);
    const load = async (wanted: readonly string[]) => {
      let found = 0;
      const { ms } = await timed(async () => {
        await clients(CLIENTS, wanted.length, async (number) => {
          const text = await gateway.send(USER_BY_ID, { id: wanted[number] });
          if (readData<{ connector: { user: object | null } }>(text).connector.user !== null) found += 1;
        });
        return '';
      });
      return { ms, found };
    };
    const runs: { ours: number; least: number; lost: number; requests: string; sockets: number }[] = [];
    await load(ids.slice(0, 200));
    for (let round = 0; round < rounds; round += 1) {
      await gateway.webex.clear();
      const ours = await load(ids);
      const seen = await gateway.webex.report();
      await floor.webex.clear();
      const least = await floor.ask<{ ms: number }>('people', { ids, clients: CLIENTS });
      const floorSeen = await floor.webex.report();
      runs.push({
        ours: share(ours.ms),
        least: share(least.ms),
        lost: count - ours.found,
        requests: `${seen.requests} / – / ${floorSeen.requests}`,
        sockets: seen.mostSockets,
      });
    }
    const ours = median(runs.map((run) => run.ours));
    const least = median(runs.map((run) => run.least));
    const sockets = Math.max(...runs.map((run) => run.sockets));
    const lost = Math.max(...runs.map((run) => run.lost));
    return [
      {
        what: `${count} single users, ${CLIENTS} clients, ${LATENCY_MS} ms: share of ${(CONNECTIONS * 1_000) / LATENCY_MS} a second`,
        gateway: `${percent(ours)}, ${sockets} sockets, ${lost} lost`,
        floor: percent(least),
        ratio: times(ours / least),
        requests: runs.at(-1)?.requests,
        runs: runs.length,
        goals: [
          atLeast('share', Math.round(1_000 * ours) / 10, 95, ' %'),
          atMost('sockets', sockets, CONNECTIONS),
          atMost('lost', lost, 0),
        ],
      },
    ];
  },
};
