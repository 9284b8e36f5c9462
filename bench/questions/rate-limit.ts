import { clients, timed } from '../compare.ts';
import { USER_BY_ID } from '../queries.ts';
import { atMost, duration, type Question, times } from '../question.ts';
import { readData, type Server, startBaseline, startGateway } from '../sides.ts';

const CLIENTS = 50;
const RATE = 5;
const PAUSE_S = 2;

/** What does a job meet with when Webex limits the rate? */
export const rateLimit: Question = {
  name: 'rate-limit',
  async measure({ quick }) {
    const count = quick ? 50 : 300;
    const organization = { users: count };
    const settings = { rateLimitPerSecond: RATE, rateLimitBurst: 10, rateLimitRetryAfter: String(PAUSE_S) };
    const limited = { ...organization, settings };
    await using gateway = await startGateway(limited);
    await using naive = await startBaseline('naive-gateway', limited);
    const ids = (await gateway.webex.people()).map(({ id }) => id);
    await gateway.webex.clear();
    const ours = await load(gateway, ids);
    const seen = await gateway.webex.report(1_000 * PAUSE_S);
    await naive.webex.clear();
    const theirs = await load(naive, ids);
    const naiveSeen = await naive.webex.report(1_000 * PAUSE_S);
    const idealMs = (1_000 * count) / RATE;
    return [
      {
        what: `${count} single users at ${RATE} requests a second, Retry-After ${PAUSE_S}; floor: ideal`,
        gateway: `${duration(ours.ms)}, ${ours.failed} failed, ${seen.byStatus['429'] ?? 0} refusals`,
        naive: `${duration(theirs.ms)}, ${theirs.failed} failed, ${naiveSeen.duringPause} sent in a pause`,
        floor: duration(idealMs),
        ratio: times(ours.ms / idealMs),
        requests: `${seen.requests} / ${naiveSeen.requests} / ${count}`,
        runs: 1,
        telling: `At a rate limit of ${RATE} requests a second, the gateway reads ${count} users in ${times(ours.ms / idealMs)} the least possible time, and ${ours.failed} are missing. A gateway that ignores the limit misses ${theirs.failed}.`,
        goals: [
          atMost('failed', ours.failed, 0),
          atMost('sent in a pause', seen.duringPause, 0),
          atMost('× ideal time', ours.ms / idealMs, 1.2),
        ],
      },
    ];
  },
};

/** Asks for everybody by id; counts whom it did not get. */
async function load(server: Server, ids: readonly string[]): Promise<{ ms: number; failed: number }> {
  let failed = 0;
  const { ms } = await timed(async () => {
    await clients(CLIENTS, ids.length, async (number) => {
      const text = await server.send(USER_BY_ID, { id: ids[number] });
      try {
        readData(text);
      } catch {
        failed += 1;
      }
    });
    return '';
  });
  return { ms, failed };
}
