import { createHash, randomUUID } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Store } from '../store/store.ts';
import { describeError } from '../telemetry/error-facts.ts';
import type { Logger } from '../telemetry/logger.ts';

/** What is counted of each caller. */
export type Counted = 'operations' | 'changes';

/** How many of each one caller may have in a minute. */
export type CallerRatesLimits = Readonly<Record<Counted, number>>;

const TOPIC = 'asked';
const MINUTE = 60;
/** How long what was counted here stays untold, in milliseconds. */
const TELL_AFTER_MS = 500;
/** Entries of one notice, of some 30 bytes each. */
const TOLD_AT_ONCE = 150;

/**
 * What each caller asks for in a minute, in all processes on one database. Each process counts by itself, so that no
 * request waits for the database, and tells the others twice a second. docs/decisions/0014-rate-limits-shared-between-processes.md
 */
export class CallerRates {
  readonly #limiters: Readonly<Record<Counted, RateLimiterMemory>>;
  readonly #untold: Readonly<Record<Counted, Map<string, number>>> = {
    operations: new Map(),
    changes: new Map(),
  };
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #unsubscribe: () => void;
  /** Tells our own notices from those of others, also of a second gateway in this process. */
  readonly #self = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> | undefined;

  constructor(store: Store, logger: Logger, limits: CallerRatesLimits) {
    const limiter = (points: number) => new RateLimiterMemory({ points, duration: MINUTE });
    this.#limiters = { operations: limiter(limits.operations), changes: limiter(limits.changes) };
    this.#store = store;
    this.#logger = logger;
    this.#unsubscribe = store.notices.subscribe(TOPIC, (payload) => this.#hear(payload));
  }

  /**
   * Counts what a caller asks for.
   * @returns how many seconds the caller has to wait; undefined if there is no need
   */
  async consume(counted: Counted, caller: string, points = 1): Promise<number | undefined> {
    const key = keyOf(caller);
    const untold = this.#untold[counted];
    untold.set(key, (untold.get(key) ?? 0) + points);
    this.#timer ??= setTimeout(() => this.#tell(), TELL_AFTER_MS).unref();
    try {
      await this.#limiters[counted].consume(key, points);
      return undefined;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000));
    }
  }

  /** Hears and tells no more, and resolves when nothing of ours is under way in the store. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#unsubscribe();
    await this.#telling;
  }

  #tell(): void {
    this.#timer = undefined;
    this.#telling = this.#tellAll().catch((error: unknown) => {
      // What is lost lets callers ask for more than they may, and costs nobody anything else.
      this.#logger.warn(
        { error: describeError(error) },
        'could not share the rates of callers with the other processes',
      );
    });
  }

  async #tellAll(): Promise<void> {
    for (const counted of ['operations', 'changes'] as const) {
      const entries = [...this.#untold[counted]];
      this.#untold[counted].clear();
      for (let start = 0; start < entries.length; start += TOLD_AT_ONCE) {
        const asked = Object.fromEntries(entries.slice(start, start + TOLD_AT_ONCE));
        await this.#store.notices.publish(TOPIC, { from: this.#self, counted, asked });
      }
    }
  }

  async #hear(payload: unknown): Promise<void> {
    const told = readTold(payload);
    if (told === undefined || told.from === this.#self) return;
    for (const [key, points] of told.asked) await this.#limiters[told.counted].penalty(key, points);
  }
}

/** As short as a notice needs it, and no name that others could read there. */
function keyOf(caller: string): string {
  return createHash('sha256').update(caller).digest('base64url').slice(0, 16);
}

function readTold(payload: unknown) {
  if (typeof payload !== 'object' || payload === null) return undefined;
  if (!('from' in payload && 'counted' in payload && 'asked' in payload)) return undefined;
  const { from, counted, asked } = payload;
  if (counted !== 'operations' && counted !== 'changes') return undefined;
  if (typeof asked !== 'object' || asked === null) return undefined;
  const entries = Object.entries(asked).flatMap(([key, points]): [string, number][] =>
    Number.isSafeInteger(points) && points > 0 ? [[key, points]] : [],
  );
  return { from, counted, asked: entries } as const;
}
