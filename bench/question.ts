import type { Sides } from './sides.ts';

/** One question that the bench answers, in a file of its own under bench/questions. */
export interface Question {
  /** How it is asked for on the command line. */
  readonly name: string;
  measure(scale: Scale, sides: () => Promise<Sides>): Promise<Row[]>;
}

/** How much is measured. */
export interface Scale {
  /** Smaller numbers, the same checks. */
  readonly quick: boolean;
  /** How often what is short is repeated, after a warm-up. */
  readonly runs: number;
}

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly gateway: string;
  readonly handWritten?: string | undefined;
  readonly naive?: string | undefined;
  /** Of the bare client, or of the baseline that `what` names. */
  readonly floor?: string | undefined;
  /** The gateway's figure by the floor's. */
  readonly ratio?: string | undefined;
  /** Requests to Webex: of the gateway, of the hand-written one, of the naive one, of the floor. */
  readonly requests?: string | undefined;
  /** CPU of the whole process in a run: of the gateway, of the hand-written one, of the floor. */
  readonly cpu?: string | undefined;
  readonly runs: number;
  readonly goals?: readonly Goal[] | undefined;
  /** The row as a sentence for the README, where it is one of those that tell most. */
  readonly telling?: string | undefined;
}

export interface Goal {
  readonly text: string;
  /** What was found, in the goal's own unit. */
  readonly found: string;
  readonly met: boolean;
}

/** A goal that is met by a figure not above a bound. */
export function atMost(name: string, found: number, bound: number, unit = ''): Goal {
  return { text: `${name} at most ${bound}${unit}`, found: `${short(found)}${unit}`, met: found <= bound };
}

/** A goal that is met by a figure not below a bound. */
export function atLeast(name: string, found: number, bound: number, unit = ''): Goal {
  return { text: `${name} at least ${bound}${unit}`, found: `${short(found)}${unit}`, met: found >= bound };
}

/** A number with as many digits as tell something. */
function short(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

/** Milliseconds, or seconds where they are many. */
export function duration(ms: number): string {
  return ms >= 10_000 ? `${short(ms / 1_000)} s` : `${ms.toFixed(ms >= 100 ? 0 : 1)} ms`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function times(ratio: number): string {
  return `× ${short(ratio)}`;
}

/** The value in the middle; of two in the middle their mean. Throws a RangeError for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) throw new RangeError('There is no median of nothing.');
  return (low + high) / 2;
}
