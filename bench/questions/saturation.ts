import { timed } from '../compare.ts';
import { busyMs } from '../processes.ts';
import { cursorIn, usersQuery } from '../queries.ts';
import { atLeast, atMost, median, percent, type Question, times } from '../question.ts';
import {
  assertData,
  CONNECTIONS,
  type GatewayServer,
  LATENCY_MS,
  startFloor,
  startGateway,
} from '../sides.ts';

const CLIENTS = 64;
const PAGE = 100;

/** A page size for each client: the same page asked for twice at one moment would be one request. */
const SIZES = Array.from({ length: CLIENTS }, (_, client) => PAGE - CLIENTS / 2 + client);

/** How much of what ten connections can carry is used when many clients ask at once? */
export const saturation: Question = {
  name: 'saturation',
  async measure({ quick }) {
    const organization = { users: 10_000 };
    await using gateway = await startGateway(organization);
    await using floor = await startFloor(organization);
    await floor.ask('users', { count: PAGE, warm: false });
    const [pages, rounds] = quick ? [5, 2] : [40, 3];
    const share = (ms: number, requests: number) => (requests * LATENCY_MS) / (CONNECTIONS * ms);
    const shares: { ours: number; least: number; busy: number | undefined }[] = [];
    let [requests, sockets, floorRequests] = [0, 0, 0];
    for (let round = -1; round < rounds; round += 1) {
      await gateway.webex.clear();
      const busyBefore = await busyMs(gateway.pid);
      const ours = await timed(async () => {
        await Promise.all(SIZES.map((size) => readPages(gateway, size, pages)));
        return '';
      });
      const busyAfter = await busyMs(gateway.pid);
      const seen = await gateway.webex.report();
      await floor.webex.clear();
      const least = await floor.ask<{ ms: number }>('pages', { sizes: SIZES, pages });
      floorRequests = (await floor.webex.report()).requests;
      requests = seen.requests;
      sockets = Math.max(sockets, seen.mostSockets);
      if (round < 0) continue;
      const busy =
        busyBefore === undefined || busyAfter === undefined ? undefined : (busyAfter - busyBefore) / ours.ms;
      shares.push({ ours: share(ours.ms, requests), least: share(least.ms, floorRequests), busy });
    }
    const busy = shares.flatMap((each) => each.busy ?? []);
    // Where its one thread is busy all the time, that and not the pool is the limit.
    const processor = busy.length === 0 ? '' : `, its thread busy for ${percent(median(busy))}`;
    const [ours, least] = [median(shares.map((each) => each.ours)), median(shares.map((each) => each.least))];
    return [
      {
        what: `${CLIENTS} clients, ${pages} pages of about ${PAGE} users with licenses and roles each: share of the ${CONNECTIONS} connections used`,
        gateway: `${percent(ours)}, ${sockets} sockets${processor}`,
        floor: percent(least),
        ratio: times(ours / least),
        requests: `${requests} / – / ${floorRequests}`,
        runs: rounds,
        goals: [
          atLeast('share', Math.round(1_000 * ours) / 10, 95, ' %'),
          atMost('sockets', sockets, CONNECTIONS),
          atLeast('requests', requests, CLIENTS * pages),
        ],
      },
    ];
  },
};

/** Reads so many pages from the start, each when the one before is there. */
async function readPages(gateway: GatewayServer, first: number, pages: number): Promise<void> {
  let after: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const text = await gateway.send(usersQuery(), { first, after });
    assertData(text);
    // Reading the whole answer would cost what the gateway needs.
    after = cursorIn(text);
  }
}
