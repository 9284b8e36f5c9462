import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailable } from '../../errors/start.ts';
import type {
  AuditCompletion,
  AuditEventRepository,
  AuditOutcome,
  NewAuditEvent,
} from '../../store/audit-events.ts';
import { reasonOf } from '../../store/database-failures.ts';
import { describeError } from '../../telemetry/error-facts.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';

/** Writes that are kept at most. About 1 KB each. */
const MOST_KEPT = 10_000;
/** Events that are written side by side, so that they travel in one statement. */
const SIDE_BY_SIDE = 200;
/** How soon a database that did not take a write is tried again, in milliseconds: less and less often. */
const TRY_AGAIN_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/** A write about an event of the audit trail, as the log names it. */
interface LateWrite {
  readonly auditEvent: string;
  readonly outcome?: AuditOutcome | undefined;
}

interface Kept extends LateWrite {
  readonly write: () => Promise<void>;
}

/**
 * Writes the audit trail. What happened in Webex cannot be taken back if the database does not take its outcome, so that
 * write is kept in memory and made when the database is back. While the database cannot be written to, `trouble` says why.
 */
export class Recording {
  readonly #events: AuditEventRepository;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  /** By event: what is about the same event is written in order. */
  readonly #kept = new Map<string, Kept[]>();
  readonly #closing = new AbortController();
  #count = 0;
  #trouble: string | undefined;
  #work: Promise<void> | undefined;

  constructor(events: AuditEventRepository, logger: Logger, metrics: Metrics) {
    this.#events = events;
    this.#logger = logger;
    this.#metrics = metrics;
  }

  /** Why nothing can be written at the moment, in a few words; undefined if it can, as far as is known. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /**
   * Records a change before it is sent. If this fails the change must not be sent; then the event may exist all the same
   * and is completed later.
   * Throws StoreUnavailable.
   */
  async begin(event: NewAuditEvent): Promise<void> {
    try {
      await this.#counted('begin', () => this.#events.begin(event));
    } catch (error) {
      // Another attempt with the same key would have the same event, and finds out by itself.
      if (event.idempotencyKey === null) {
        const completion = neverSent(event.id);
        this.#keep({ ...lateWriteOf(completion), write: () => this.#events.complete(completion) });
      }
      throw error;
    }
  }

  /** Records what has happened already, now or when the database is back. Never fails. */
  tell(event: NewAuditEvent): Promise<void> {
    const late = { auditEvent: event.id, outcome: event.settled?.outcome };
    return this.later(late, () => this.#counted('begin', () => this.#events.begin(event)));
  }

  /** Records the outcome of a change, now or when the database is back. Never fails. */
  complete(completion: AuditCompletion): Promise<void> {
    return this.later(lateWriteOf(completion), () =>
      this.#counted('complete', () => this.#events.complete(completion)),
    );
  }

  /** Makes a write about an event, now or when the database is back; those of one event in order. Never fails. */
  async later(late: LateWrite, write: () => Promise<void>): Promise<void> {
    const kept = { ...late, write };
    if (this.#kept.has(late.auditEvent)) this.#keep(kept);
    else if ((await this.#attempt(kept)) === 'unavailable') this.#keep(kept);
  }

  /** Finds out whether the database can be written to: something else could not be. */
  suspect(): void {
    if (this.#work !== undefined || this.#closing.signal.aborted) return;
    this.#work = this.#tryAgain().finally(() => {
      this.#work = undefined;
    });
  }

  /** Tries once more to write what is kept, and logs what cannot be written. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#work;
    await this.#writeKept();
    for (const chain of this.#kept.values()) for (const kept of chain) this.#lose(kept, undefined);
    this.#kept.clear();
  }

  #keep(kept: Kept): void {
    if (this.#count >= MOST_KEPT || this.#closing.signal.aborted) {
      this.#lose(kept, undefined);
      return;
    }
    this.#kept.set(kept.auditEvent, [...(this.#kept.get(kept.auditEvent) ?? []), kept]);
    this.#kepts(1);
    this.suspect();
  }

  async #tryAgain(): Promise<void> {
    const { signal } = this.#closing;
    for (let pause = TRY_AGAIN_MS; !signal.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      await this.#look();
      if (this.#trouble === undefined && (await this.#writeKept())) return;
      await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const before = this.#trouble;
    try {
      await this.#events.probe();
      this.#trouble = undefined;
      if (before !== undefined) this.#logger.info({}, 'changes can be recorded again');
    } catch (error) {
      this.#trouble = reasonOf(error instanceof StoreUnavailable ? (error.cause ?? error) : error);
      if (before === undefined) {
        this.#logger.error(
          { error: describeError(error) },
          'changes cannot be recorded, and are not sent: the database cannot be written to',
        );
      }
    }
    this.#metrics.store.recordable(this.#trouble === undefined);
  }

  /** Resolves with whether nothing is left. */
  async #writeKept(): Promise<boolean> {
    while (this.#kept.size > 0) {
      const some = [...this.#kept].slice(0, SIDE_BY_SIDE);
      const written = await Promise.all(some.map(([id, chain]) => this.#writeChain(id, chain)));
      if (written.includes(false)) return false;
    }
    return true;
  }

  async #writeChain(id: string, chain: readonly Kept[]): Promise<boolean> {
    for (const kept of chain) {
      if ((await this.#attempt(kept)) === 'unavailable') return false;
      const rest = (this.#kept.get(id) ?? []).filter((each) => each !== kept);
      if (rest.length > 0) this.#kept.set(id, rest);
      else this.#kept.delete(id);
      this.#kepts(-1);
    }
    return true;
  }

  /** What fails for another reason than the database fails again, so it is not kept. */
  async #attempt(kept: Kept): Promise<'over' | 'unavailable'> {
    try {
      await kept.write();
    } catch (error) {
      if (error instanceof StoreUnavailable) return 'unavailable';
      this.#lose(kept, error);
    }
    return 'over';
  }

  #lose({ auditEvent, outcome }: Kept, error: unknown): void {
    const why = error === undefined ? {} : { error: describeError(error) };
    this.#logger.error({ auditEvent, outcome, ...why }, 'the outcome of a change could not be recorded');
  }

  #kepts(more: 1 | -1): void {
    this.#count += more;
    this.#metrics.store.waiting(this.#count);
  }

  async #counted(stage: 'begin' | 'complete', write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#metrics.store.audited(stage, 'failed');
      throw error;
    }
    this.#metrics.store.audited(stage, 'written');
  }
}

function lateWriteOf({ id, outcome }: AuditCompletion): LateWrite {
  return { auditEvent: id, outcome };
}

function neverSent(id: string): AuditCompletion {
  return { id, outcome: 'NOT_APPLIED', errorCode: 'NOT_RECORDED', trackingIds: [] };
}
