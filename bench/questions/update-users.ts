import { timed } from '../compare.ts';
import { UPDATE_USERS, USER_IDS } from '../queries.ts';
import { atMost, median, type Question, times } from '../question.ts';
import { CONNECTIONS, readData, startGateway } from '../sides.ts';

const LATENCY_MS = 50;
/** An update is a read and a write. */
const REQUESTS_EACH = 2;

interface Ids {
  readonly connector: { readonly users: { readonly nodes: readonly { readonly id: string }[] } };
}

interface Updated {
  readonly updateUsers: { readonly results: readonly { readonly __typename: string }[] };
}

/** How near do updates in one mutation, audit trail included, come to what their reads and writes take? */
export const updateUsers: Question = {
  name: 'update-users',
  async measure({ quick }) {
    const [count, rounds] = quick ? [100, 2] : [500, 3];
    await using gateway = await startGateway({ users: count, settings: { latencyMs: LATENCY_MS } });
    const { connector } = readData<Ids>(await gateway.send(USER_IDS, { first: count }));
    const ids = connector.users.nodes.map(({ id }) => id);
    const ideal = (count * REQUESTS_EACH * LATENCY_MS) / CONNECTIONS;
    const runs: { ms: number; requests: number; sockets: number; failed: number }[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const users = ids.map((id, index) => ({ id, title: `Round ${round}, user ${index}` }));
      await gateway.webex.clear();
      let failed = 0;
      const { ms } = await timed(async () => {
        const text = await gateway.send(UPDATE_USERS, { users }, { 'webex-deadline': '120' });
        const { results } = readData<Updated>(text).updateUsers;
        failed = results.filter(({ __typename }) => __typename !== 'User').length;
        return '';
      });
      const { requests, mostSockets } = await gateway.webex.report();
      // The first round warms up.
      if (round > 0) runs.push({ ms, requests, sockets: mostSockets, failed });
    }
    const ms = median(runs.map((run) => run.ms));
    const sockets = Math.max(...runs.map((run) => run.sockets));
    const failed = Math.max(...runs.map((run) => run.failed));
    return [
      {
        what: `${count} updates in one mutation, ${LATENCY_MS} ms: against their reads and writes alone`,
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
      },
    ];
  },
};
