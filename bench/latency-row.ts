import { type Contender, compare, type Measured } from './compare.ts';
import { atLeast, atMost, duration, type Goal, type Row, times } from './question.ts';

/** What is compared in a row about time. */
export interface LatencyRow {
  readonly what: string;
  readonly gateway: Contender;
  /** Its CPU is the most that the gateway may take. */
  readonly handWritten?: Contender | undefined;
  readonly naive?: Contender | undefined;
  readonly floor: Contender;
  readonly warmUps: number;
  readonly runs: number;
  /** What the round trips alone take, in milliseconds, by how many requests the floor sends. */
  readonly idealMs?: (requests: number) => number;
  /** Whether the README quotes it. */
  readonly telling?: boolean;
  /** How much of the floor's speed the gateway reaches at least: the floor's time divided by its own. */
  readonly share?: number;
}

/** Measures the gateway, the baselines and the floor in turns, and makes a row of it. */
export async function latencyRow({ gateway, handWritten, naive, floor, ...plan }: LatencyRow): Promise<Row> {
  const both = handWritten === undefined ? [] : [handWritten];
  const [ours, least, ...others] = await compare(
    [gateway, floor, ...both, ...(naive === undefined ? [] : [naive])],
    plan,
  );
  const written = handWritten === undefined ? undefined : others[0];
  const theirs = naive === undefined ? undefined : others.at(-1);
  if (ours === undefined || least === undefined) throw new Error('Nothing was measured.');
  const idealMs = plan.idealMs?.(least.requests);
  return {
    what: plan.what,
    gateway: duration(ours.ms),
    handWritten: written && duration(written.ms),
    naive: theirs && duration(theirs.ms),
    floor: idealMs === undefined ? duration(least.ms) : `${duration(least.ms)} (ideal ${duration(idealMs)})`,
    ratio: times(ours.ms / least.ms),
    requests: [ours, written, theirs, least].map((each) => each?.requests ?? '–').join(' / '),
    cpu: cpuOf([ours, written, least]),
    runs: plan.runs,
    ...(plan.telling === true &&
      theirs !== undefined && {
        telling: `${plan.what}: ${duration(ours.ms)} in ${counted(ours.requests)} to Webex; with a request for each field ${duration(theirs.ms)} in ${counted(theirs.requests)}.`,
      }),
    goals: goalsOf(plan.share, ours, written, least),
  };
}

function counted(requests: number): string {
  return requests === 1 ? 'one request' : `${requests} requests`;
}

/** The CPU of several in one cell. Undefined if the system does not say. */
function cpuOf(sides: readonly (Measured | undefined)[]): string | undefined {
  if (sides.every((side) => side?.cpuMs === undefined)) return undefined;
  return sides.map((side) => (side?.cpuMs === undefined ? '–' : duration(side.cpuMs))).join(' / ');
}

/**
 * The goals of a row: a share of the floor's speed, and no more CPU than the hand-written gateway.
 * @param share the least; undefined for no such goal
 */
function goalsOf(
  share: number | undefined,
  ours: Measured,
  written: Measured | undefined,
  least: Measured,
): Goal[] {
  const goals = share === undefined ? [] : [atLeast('share of the floor', least.ms / ours.ms, share)];
  if (ours.cpuMs === undefined || written?.cpuMs === undefined) return goals;
  return [...goals, atMost('CPU by the hand-written one', ours.cpuMs / written.cpuMs, 1)];
}
