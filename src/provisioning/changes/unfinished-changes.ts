import type { AuditEvent } from '../../store/audit-events.ts';
import type { Store } from '../../store/store.ts';
import { describeError } from '../../telemetry/error-facts.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { LateWrites } from '../records/late-writes.ts';
import { lockNameOf } from './lock-names.ts';

/** How often it is looked for what other processes have left, in milliseconds. */
const LOOK_EVERY_MS = 600_000;
/** The age from which a change is checked whose record is locked while it is under way, in milliseconds. */
const OLD_MS = 60_000;
/** The age from which a creation counts as broken off, in milliseconds: one in the background may wait 15 minutes. */
const OLD_CREATION_MS = 1_200_000;
/** How long it is waited for a record that others change, in milliseconds. */
const PATIENCE_MS = 1_000;

/** What unfinished changes are looked for with. */
interface SearchTools {
  readonly store: Store;
  readonly lateWrites: LateWrites;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

type PendingEvent = AuditEvent & { readonly ageMs: number };

/**
 * Gives an outcome to audit events of changes that ended with their process. What is known of itself is recorded. The rest
 * becomes UNKNOWN, and is remembered as an undecided write of its record, so that a second look settles it if the record
 * shows the change.
 */
export class UnfinishedChanges {
  readonly #tools: SearchTools;
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> | undefined;

  constructor(tools: SearchTools) {
    this.#tools = tools;
  }

  /** Looks for unfinished changes now, and every ten minutes. */
  start(): void {
    this.#work = this.#lookForAll().finally(() => {
      if (this.#closing.signal.aborted) return;
      this.#timer = setTimeout(() => this.start(), LOOK_EVERY_MS);
      this.#timer.unref();
    });
  }

  /** Resolves when all checks have ended. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('The gateway is closing.'));
    clearTimeout(this.#timer);
    await this.#work;
  }

  /** One process at a time: the others find nothing any more. */
  async #lookForAll(): Promise<void> {
    const { store, logger } = this.#tools;
    const { signal } = this.#closing;
    try {
      await store.withLock('unfinished changes', () => this.#settleAll(), signal);
    } catch (error) {
      if (signal.aborted) return;
      logger.warn(
        { error: describeError(error) },
        'could not look for changes that ended with their process',
      );
    }
  }

  async #settleAll(): Promise<void> {
    const { auditEvents, openedAt, hasOwnDatabase } = this.#tools.store;
    // Whatever is older than the only process on this database is nobody's.
    const own = hasOwnDatabase ? Date.now() - openedAt.getTime() : Number.POSITIVE_INFINITY;
    let after: string | undefined;
    do {
      const events = await auditEvents.pending(Math.min(own, OLD_MS), after);
      for (const event of events) {
        if (this.#closing.signal.aborted) return;
        const isCreation = event.targetId === null;
        if (event.ageMs >= (isCreation ? Math.min(own, OLD_CREATION_MS) : 0)) await this.#settle(event);
      }
      after = events.at(-1)?.seq;
    } while (after !== undefined);
  }

  /** A change under way holds its record's lock until it has an outcome. */
  async #settle(event: PendingEvent): Promise<void> {
    const { targetType: type, targetId } = event;
    if (targetId === null || (type !== 'User' && type !== 'Group')) return this.#conclude(event);
    const target = { type, id: targetId };
    const patience = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(PATIENCE_MS)]);
    const work = async () => {
      const { auditEvents } = this.#tools.store;
      const isStillPending = (await auditEvents.get(event.id))?.outcome === 'PENDING';
      if (isStillPending) await this.#conclude(event, target);
    };
    await this.#tools.store.withLock(lockNameOf(target), work, patience).catch((error: unknown) => {
      if (!patience.aborted) throw error;
    });
  }

  async #conclude(event: PendingEvent, target?: { readonly type: 'User' | 'Group'; readonly id: string }) {
    const { store, lateWrites, logger, metrics } = this.#tools;
    const { id, operation, requestId, connectorId, connectorName, ageMs } = event;
    const outcome = knownOutcome(event) ?? 'UNKNOWN';
    if (outcome === 'UNKNOWN' && target !== undefined && connectorId !== null) {
      await lateWrites.brokenOff({ auditEventId: id, connectorId, target }, ageMs);
    }
    const errorCode = outcome === 'UNKNOWN' ? 'OUTCOME_UNKNOWN' : null;
    await store.auditEvents.complete({ id, outcome, errorCode, trackingIds: [] });
    metrics.changed(operation, outcome);
    logger.warn(
      { auditEvent: id, operation, requestId, connector: connectorName ?? undefined, outcome },
      'a change had no outcome, as its process had ended or the database was away; it has one now',
    );
  }
}

/** What the event itself proves. */
function knownOutcome({ dryRun, changes }: PendingEvent): 'DRY_RUN' | 'NOTHING_CHANGED' | undefined {
  if (dryRun) return 'DRY_RUN';
  return changes.length === 0 ? 'NOTHING_CHANGED' : undefined;
}
