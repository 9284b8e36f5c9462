import { type Outcome, timed } from '../compare.ts';
import { latencyRow } from '../latency-row.ts';
import { UPDATE_USERS, USER_IDS } from '../queries.ts';
import { atMost, median, type Question, type Row, times } from '../question.ts';
import {
  CONNECTIONS,
  LATENCY_MS,
  readData,
  type Server,
  startBaseline,
  startFloor,
  startGateway,
} from '../sides.ts';

const MANY_LATENCY_MS = 50;
/** An update is a read and a write. */
const REQUESTS_EACH = 2;
const PRACTICE = 30;
/** Seconds that the gateway may take. */
const DEADLINE = { 'webex-deadline': '120' };

interface Ids {
  readonly connector: { readonly users: { readonly nodes: readonly { readonly id: string }[] } };
}

interface Updated {
  readonly updateUsers: {
    readonly items: readonly { readonly user: { readonly title?: string } | null }[];
  };
}

/** How near do updates in one mutation, audit trail included, come to what their reads and writes take? */
export const updateUsers: Question = {
  name: 'update-users',
  measure: async (scale) => [await measureHundred(scale), await measureMany(scale)],
};

/** The ids of the first users, as a server calls them. */
export async function idsOf(server: Server, count: number): Promise<string[]> {
  const { connector } = readData<Ids>(await server.send(USER_IDS, { first: count }));
  return connector.users.nodes.map(({ id }) => id);
}

/** Gives users a title in one mutation; its content counts those who have it. */
export async function update(server: Server, ids: readonly string[], title: string): Promise<Outcome> {
  let text = '';
  const { ms } = await timed(async () => {
    text = await server.send(UPDATE_USERS, { users: ids.map((id) => ({ id, user: { title } })) }, DEADLINE);
    return '';
  });
  const { items } = readData<Updated>(text).updateUsers;
  return { ms, content: `${items.filter(({ user }) => user?.title === title).length} users` };
}

async function measureHundred({ runs }: { readonly runs: number }): Promise<Row> {
  const count = 100;
  const organization = { users: count };
  await using gateway = await startGateway(organization);
  await using handWritten = await startBaseline('hand-written', organization);
  await using floor = await startFloor(organization);
  const people = await floor.webex.people();
  let titles = 0;
  const title = () => {
    titles += 1;
    return `Title ${titles}`;
  };
  const contender = async (server: Server) => {
    const ids = await idsOf(server, count);
    return { side: server, practice: PRACTICE, run: () => update(server, ids, title()) };
  };
  return await latencyRow({
    what: `${count} updates in one mutation`,
    gateway: await contender(gateway),
    handWritten: await contender(handWritten),
    floor: {
      side: floor,
      practice: PRACTICE,
      run: () => floor.ask('updates', { ids: people.map(({ id }) => id), title: title() }),
    },
    ...{ warmUps: 2, runs },
    idealMs: (requests) => (LATENCY_MS * requests) / CONNECTIONS,
    share: 0.95,
  });
}

async function measureMany({ quick }: { readonly quick: boolean }): Promise<Row> {
  const [count, rounds] = quick ? [100, 2] : [500, 3];
  await using gateway = await startGateway({ users: count, settings: { latencyMs: MANY_LATENCY_MS } });
  const ids = await idsOf(gateway, count);
  const ideal = (count * REQUESTS_EACH * MANY_LATENCY_MS) / CONNECTIONS;
  const runs: { ms: number; requests: number; sockets: number; failed: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    await gateway.webex.clear();
    const { ms, content } = await update(gateway, ids, `Round ${round}`);
    const { requests, mostSockets } = await gateway.webex.report();
    // The first round warms up.
    if (round > 0)
      runs.push({ ms, requests, sockets: mostSockets, failed: count - Number.parseInt(content, 10) });
  }
  const ms = median(runs.map((run) => run.ms));
  const sockets = Math.max(...runs.map((run) => run.sockets));
  const failed = Math.max(...runs.map((run) => run.failed));
  return {
    what: `${count} updates in one mutation, ${MANY_LATENCY_MS} ms: against their reads and writes alone`,
    gateway: `${Math.round(ms)} ms, ${sockets} sockets, ${failed} failed`,
    floor: `${ideal} ms, reckoned`,
    ratio: times(ms / ideal),
    requests: String(runs.at(-1)?.requests),
    runs: runs.length,
    goals: [
      atMost('ratio', Math.round((100 * ms) / ideal) / 100, 1.1),
      atMost('sockets', sockets, CONNECTIONS),
      atMost('failed', failed, 0),
    ],
  };
}
