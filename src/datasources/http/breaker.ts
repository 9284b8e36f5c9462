import { UpstreamDown } from '../../errors/upstream.ts';
import type { AttemptOutcome } from './retry.ts';

/** What has to come in a row, with no sign of life in between, until the upstream is left alone. */
const ROWS = {
  down: { length: 5, paths: 1 },
  // One resource that always fails does not close the way to all others.
  suspect: { length: 10, paths: 3 },
} as const;
const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;
/** The wait that requests are given during a probe, in milliseconds. */
const DURING_A_PROBE_MS = 1_000;

/**
 * What the end of a request says of the upstream: that it lives, that it is down, that it may be, or may have
 * tripped over this one request (trouble), or nothing.
 */
export type HealthSignal = 'alive' | 'down' | 'suspect' | 'unknown';

/**
 * What an attempt says of the upstream.
 * @param isMuch whether less can be asked for instead: being too slow then says that it was too much at once
 */
export function healthSignalOf(outcome: AttemptOutcome, isMuch: boolean): HealthSignal {
  if (outcome.kind !== 'status') return isMuch && outcome.kind === 'too-slow' ? 'unknown' : 'down';
  if (outcome.status === 502 || outcome.status === 503) return 'down';
  if (outcome.status === 504) return isMuch ? 'unknown' : 'suspect';
  return outcome.status === 500 ? 'suspect' : 'alive';
}

/** Bad signs of one kind, one after the other. */
class Row {
  readonly #enough: { readonly length: number; readonly paths: number };
  #length = 0;
  /** When the first of them came. */
  #since = 0;
  readonly #paths = new Set<string>();

  constructor(enough: { readonly length: number; readonly paths: number }) {
    this.#enough = enough;
  }

  add(path: string, now: number): void {
    if (this.#length === 0) this.#since = now;
    this.#length += 1;
    this.#paths.add(path);
  }

  /** Whether it is long enough for one that began at this moment to tell that the upstream is down. */
  isProof(began: number): boolean {
    const { length, paths } = this.#enough;
    return this.#length >= length && this.#paths.size >= paths && began >= this.#since;
  }

  clear(): void {
    this.#length = 0;
    this.#paths.clear();
  }
}

/** A request that has ended. */
interface Ended {
  readonly request: symbol;
  readonly path: string;
  readonly began: number;
}

/**
 * Leaves an upstream alone that is down. Closed, it lets everything through and counts bad signs. The fifth
 * failure without a sign of life in between opens it, and so does the tenth trouble if they came of three
 * paths at least; unless all were under way when the first of them came: many connections that break at one
 * moment may come of one hiccup. Open, nothing goes through for a second; then one request does, as a probe, and
 * nothing else until that has ended. A probe that fails doubles the time, up to thirty seconds; one in trouble,
 * which may be its own, leaves it as it is. Any sign of life closes it.
 * Pure: `now` is handed in, in milliseconds of a clock that never goes back.
 */
export class Breaker {
  readonly #rows = { down: new Row(ROWS.down), suspect: new Row(ROWS.suspect) };
  /** For how long it is open; 0 when it is closed. */
  #openMs = 0;
  #openUntil = 0;
  /** The request that is the probe. */
  #probe: symbol | undefined;

  /** Milliseconds until a request may go through; 0 when it may now. */
  waitMs(now: number): number {
    const leftMs = this.openLeftMs(now);
    return leftMs === 0 && this.#probe !== undefined ? DURING_A_PROBE_MS : leftMs;
  }

  /** Milliseconds until the next probe may be sent; 0 when it is closed, or a probe may be or is under way. */
  openLeftMs(now: number): number {
    return this.#openMs === 0 ? 0 : Math.max(0, this.#openUntil - now);
  }

  /**
   * Lets a request through, and answers with the function that takes what became of it; to be called once.
   * Undefined when it may not go through.
   * @param path tells apart what is asked for
   */
  begin(path: string, now: number): ((signal: HealthSignal, endedAt: number) => void) | undefined {
    if (this.waitMs(now) > 0) return undefined;
    const request = Symbol();
    if (this.#openMs > 0) this.#probe = request;
    return (signal, endedAt) => this.#end({ request, path, began: now }, signal, endedAt);
  }

  #end({ request, path, began }: Ended, signal: HealthSignal, now: number): void {
    const wasProbe = this.#probe === request;
    if (wasProbe) this.#probe = undefined;
    if (signal === 'alive') {
      this.#rows.down.clear();
      this.#rows.suspect.clear();
      this.#openMs = 0;
      this.#probe = undefined;
    } else if (signal !== 'unknown' && this.#openMs === 0) {
      const row = this.#rows[signal];
      row.add(path, now);
      if (row.isProof(began)) this.#open(now, FIRST_MS);
    } else if (signal !== 'unknown' && wasProbe) {
      // Those that were under way when it opened change nothing when they fail too.
      this.#open(now, signal === 'down' ? Math.min(this.#openMs * 2, LONGEST_MS) : this.#openMs);
    }
  }

  #open(now: number, milliseconds: number): void {
    this.#openMs = milliseconds;
    this.#openUntil = now + milliseconds;
  }
}

interface Request {
  readonly method: string;
  readonly url: URL;
}

/** A breaker for each origin: the token endpoint may be down while the service is not. */
export class Breakers {
  readonly #breakers = new Map<string, Breaker>();
  readonly #service: string;

  /** @param service the service's name in sentences */
  constructor(service: string) {
    this.#service = service;
  }

  /** Milliseconds for which some origin is left alone; 0 when none is. */
  get openMs(): number {
    const now = performance.now();
    return Math.max(0, ...[...this.#breakers.values()].map((breaker) => breaker.openLeftMs(now)));
  }

  /** The error that a request fails with at once; undefined when it may be sent. */
  refusalOf(request: Request): UpstreamDown | undefined {
    const waitMs = this.#of(request).waitMs(performance.now());
    return waitMs === 0 ? undefined : this.#refusal(request, waitMs);
  }

  /**
   * Lets a request through, and answers with the function that takes what became of it; to be called once.
   * Throws UpstreamDown when it may not be sent.
   */
  begin(request: Request): (signal: HealthSignal) => void {
    const breaker = this.#of(request);
    const now = performance.now();
    const report = breaker.begin(request.url.pathname, now);
    if (report === undefined) throw this.#refusal(request, breaker.waitMs(now));
    return (signal) => report(signal, performance.now());
  }

  /** Forgets all failures; those under way are counted no more. */
  clear(): void {
    this.#breakers.clear();
  }

  #of({ url }: Request): Breaker {
    const known = this.#breakers.get(url.origin);
    if (known !== undefined) return known;
    const breaker = new Breaker();
    this.#breakers.set(url.origin, breaker);
    return breaker;
  }

  #refusal({ method, url }: Request, waitMs: number): UpstreamDown {
    const call = { service: this.#service, method, path: url.pathname };
    return new UpstreamDown(Math.ceil(waitMs / 1_000), call);
  }
}
