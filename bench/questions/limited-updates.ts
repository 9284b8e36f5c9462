import { setTimeout as sleep } from 'node:timers/promises';
import { atMost, duration, median, type Question, times } from '../question.ts';
import { CONNECTIONS, type Server, startBaseline, startGateway } from '../sides.ts';
import { idsOf, update } from './update-users.ts';

const COUNT = 100;
const RATE = 50;
const BURST = 50;
/** An update is a read and a write. */
const REQUESTS = 2 * COUNT;
const IDEAL_MS = (1_000 * (REQUESTS - BURST)) / RATE;
/** A full bucket again, in milliseconds. */
const FULL_MS = (1_000 * BURST) / RATE + 200;

/** How long do updates take that are more than Webex takes at once, and how often does it have to say so? */
export const limitedUpdates: Question = {
  name: 'limited-updates',
  async measure({ quick }) {
    const rounds = quick ? 3 : 10;
    const settings = {
      rateLimitPerSecond: RATE,
      rateLimitBurst: BURST,
      rateLimitRetryAfter: 'exact' as const,
    };
    const organization = { users: COUNT, settings };
    await using gateway = await startGateway(organization);
    await using handWritten = await startBaseline('hand-written', organization);
    const ours: Run[] = [];
    const theirs: Run[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      // A new connector knows nothing of the limit.
      await gateway.useNewConnector();
      const own = await measureRun(gateway, round);
      const other = await measureRun(handWritten, round);
      // The first round warms up.
      if (round > 0) ours.push(own);
      if (round > 0) theirs.push(other);
    }
    const ms = median(ours.map((run) => run.ms));
    const worst = worstOf(ours);
    return [
      {
        what: `${COUNT} updates in one mutation at ${RATE} requests a second, ${BURST} at once, of a limit that is not known; floor: ideal`,
        gateway: `${duration(ms)} (worst ${duration(worst.ms)}, ${worst.refusals} refusals, ${worst.failed} failed)`,
        handWritten: `${duration(median(theirs.map((run) => run.ms)))} (${worstOf(theirs).refusals} refusals)`,
        floor: duration(IDEAL_MS),
        ratio: times(ms / IDEAL_MS),
        runs: rounds,
        goals: [
          atMost('worst', Math.round(worst.ms) / 1_000, 3.3, ' s'),
          // Those at the upstream when it refuses the first; one more means a second pause.
          atMost('refusals', worst.refusals, CONNECTIONS - 1),
          atMost('failed', worst.failed, 0),
        ],
      },
    ];
  },
};

interface Run {
  readonly ms: number;
  readonly refusals: number;
  readonly failed: number;
}

async function measureRun(server: Server, round: number): Promise<Run> {
  const ids = await idsOf(server, COUNT);
  await sleep(FULL_MS);
  await server.webex.clear();
  const { ms, content } = await update(server, ids, `Round ${round}`);
  const { byStatus } = await server.webex.report();
  return { ms, refusals: byStatus['429'] ?? 0, failed: COUNT - Number.parseInt(content, 10) };
}

function worstOf(runs: readonly Run[]): Run {
  return {
    ms: Math.max(...runs.map((run) => run.ms)),
    refusals: Math.max(...runs.map((run) => run.refusals)),
    failed: Math.max(...runs.map((run) => run.failed)),
  };
}
