import { clients, timed } from '../compare.ts';
import { findCursors, usersQuery } from '../queries.ts';
import { atLeast, atMost, median, percent, type Question, times } from '../question.ts';
import { assertData, CONNECTIONS, LATENCY_MS, startFloor, startGateway } from '../sides.ts';

const CLIENTS = 64;
const PAGE = 100;

/** How much of what ten connections can carry is used when many clients ask at once? */
export const saturation: Question = {
  name: 'saturation',
  async measure({ quick }) {
    // More pages than clients, so that no two ask for the same at one moment.
    const organization = { users: PAGE * (CLIENTS + 8) };
    await using gateway = await startGateway(organization);
    await using floor = await startFloor(organization);
    const cursors = await findCursors(gateway, PAGE);
    await floor.ask('findPages');
    await floor.ask('users', { count: PAGE, warm: false });
    const [count, rounds] = quick ? [320, 2] : [2_560, 3];
    const share = (ms: number, requests: number) => (requests * LATENCY_MS) / (CONNECTIONS * ms);
    const shares: { ours: number; least: number }[] = [];
    let [requests, sockets, floorRequests] = [0, 0, 0];
    for (let round = -1; round < rounds; round += 1) {
      await gateway.webex.clear();
      const many = round < 0 ? CLIENTS : count;
      const ours = await timed(async () => {
        await clients(CLIENTS, many, async (number) => {
          const after = cursors[number % cursors.length];
          assertData(await gateway.send(usersQuery(), { first: PAGE, after }));
        });
        return '';
      });
      const seen = await gateway.webex.report();
      await floor.webex.clear();
      const least = await floor.ask<{ ms: number }>('pages', { count: many, clients: CLIENTS });
      floorRequests = (await floor.webex.report()).requests;
      requests = seen.requests;
      sockets = Math.max(sockets, seen.mostSockets);
      if (round >= 0) shares.push({ ours: share(ours.ms, requests), least: share(least.ms, floorRequests) });
    }
    const [ours, least] = [median(shares.map((each) => each.ours)), median(shares.map((each) => each.least))];
    return [
      {
        what: `${CLIENTS} clients, ${count} pages of ${PAGE} users with licenses and roles: share of the ${CONNECTIONS} connections used`,
        gateway: `${percent(ours)}, ${sockets} sockets`,
        floor: percent(least),
        ratio: times(ours / least),
        requests: `${requests} / – / ${floorRequests}`,
        runs: rounds,
        goals: [
          atLeast('share', Math.round(1_000 * ours) / 10, 95, ' %'),
          atMost('sockets', sockets, CONNECTIONS),
        ],
      },
    ];
  },
};
