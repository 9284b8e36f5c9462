import { type Contender, compare } from './compare.ts';
import { atMost, duration, type Row, times } from './question.ts';

/** What is compared in a row about time. */
export interface LatencyRow {
  readonly what: string;
  readonly gateway: Contender;
  readonly naive?: Contender | undefined;
  readonly floor: Contender;
  readonly warmUps: number;
  readonly runs: number;
  /** What the round trips alone take, in milliseconds, by how many requests the floor sends. */
  readonly idealMs?: (requests: number) => number;
  /** Whether the README quotes it. */
  readonly telling?: boolean;
  /** The most that the gateway may take, as a multiple of the ideal time or of the floor. */
  readonly goal?: { readonly of: 'ideal' | 'floor'; readonly atMost: number };
}

/** Measures the gateway, the naive one and the floor in turns, and makes a row of it. */
export async function latencyRow({ gateway, naive, floor, ...plan }: LatencyRow): Promise<Row> {
  const [ours, least, theirs] = await compare(
    [gateway, floor, ...(naive === undefined ? [] : [naive])],
    plan,
  );
  if (ours === undefined || least === undefined) throw new Error('Nothing was measured.');
  const { goal } = plan;
  const idealMs = plan.idealMs?.(least.requests);
  const base = goal?.of === 'ideal' ? (idealMs ?? least.ms) : least.ms;
  return {
    what: plan.what,
    gateway: duration(ours.ms),
    naive: theirs === undefined ? undefined : duration(theirs.ms),
    floor: idealMs === undefined ? duration(least.ms) : `${duration(least.ms)} (ideal ${duration(idealMs)})`,
    ratio: times(ours.ms / least.ms),
    requests: [ours, theirs, least].map((each) => each?.requests ?? '–').join(' / '),
    runs: plan.runs,
    ...(plan.telling === true &&
      theirs !== undefined && {
        telling: `${plan.what}: ${duration(ours.ms)} in ${counted(ours.requests)} to Webex; with a request for each field ${duration(theirs.ms)} in ${counted(theirs.requests)}.`,
      }),
    goals: goal === undefined ? [] : [atMost(`× ${goal.of}`, ours.ms / base, goal.atMost)],
  };
}

function counted(requests: number): string {
  return requests === 1 ? 'one request' : `${requests} requests`;
}
