import type { FaultyRoute } from '../faults.ts';
import type { Answer, Call } from './exchange.ts';

/** A route as the server knows it. */
export interface ServedRoute extends FaultyRoute {
  readonly method: string;
  /** The paths that it is served at; parameters with a colon. */
  readonly paths: readonly string[];
  /** Never rejects: a refusal is an answer. */
  answer(call: Call): Promise<Answer>;
}

/** The system that a sandbox plays, as the server knows it. */
export interface Service {
  readonly routes: readonly ServedRoute[];
  /** Query parameters that narrow a list down. */
  readonly filters: readonly string[];
  /** The answer to an address that is not a route. */
  readonly unknown: (call: Call) => Answer;
  /** The time by the system's own clock: milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that each request takes at least. */
  readonly latencyMs: () => number;
}
