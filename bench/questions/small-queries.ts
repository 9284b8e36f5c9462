import { clients, timed } from '../compare.ts';
import { latencyRow } from '../latency-row.ts';
import { USER_BY_ID } from '../queries.ts';
import type { Question } from '../question.ts';
import { CONNECTIONS, LATENCY_MS, readData, type Server } from '../sides.ts';

/** How long do hundreds of small queries take that come at once? */
export const smallQueries: Question = {
  name: 'small-queries',
  async measure({ quick, runs }, sides) {
    const { gateway, handWritten, naive, floor } = await sides();
    const count = quick ? 200 : 500;
    const ids = (await floor.webex.people()).slice(0, count).map(({ id }) => id);
    const ask = (server: Server) => () => timed(() => askForEach(server, ids));
    return [
      await latencyRow({
        what: `${count} different users by id, a query each, all at once`,
        gateway: { side: gateway, run: ask(gateway), practice: 2 },
        handWritten: { side: handWritten, run: ask(handWritten), practice: 2 },
        naive: { side: naive, run: ask(naive) },
        floor: { side: floor, practice: 2, run: () => floor.ask('people', { ids, clients: count }) },
        ...{ warmUps: 1, runs: Math.ceil(runs / 3) },
        idealMs: () => (LATENCY_MS * count) / CONNECTIONS,
      }),
    ];
  },
};

async function askForEach(server: Server, ids: readonly string[]): Promise<string> {
  let found = 0;
  await clients(ids.length, ids.length, async (number) => {
    const { connector } = readData<{ connector: { user: object | null } }>(
      await server.send(USER_BY_ID, { id: ids[number] }),
    );
    if (connector.user !== null) found += 1;
  });
  return `${found} users`;
}
