import { randomUUID } from 'node:crypto';
import type { OpenOrganization } from '../../connectors/organizations.ts';
import type { AuditEvent } from '../../store/audit-events.ts';
import type { Store } from '../../store/store.ts';
import type { DueLook, TargetRecord } from '../../store/undecided-writes.ts';
import { describeError } from '../../telemetry/error-facts.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { lockNameOf } from '../changes/lock-names.ts';
import type { LateWrites } from './late-writes.ts';
import { findUndone, isToBeSeen, readState, type Undone } from './state.ts';

/** How often it is looked for what other processes have left, in milliseconds. */
const LONGEST_WAIT_MS = 60_000;
const LONGEST_POSTPONEMENT_MS = 3_600_000;
/** Who stands in the audit trail for what the gateway finds out by itself. */
const ACTOR = 'gateway';

/** What second looks are made with. */
export interface LookTools {
  readonly store: Store;
  readonly lateWrites: LateWrites;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly graceMs: number;
  /** Opens the organization of a connector. Throws if that cannot be done just now. */
  readonly open: (connectorId: string) => Promise<OpenOrganization>;
}

/**
 * Looks once more at records that a write may have changed after others were acknowledged: at the end of the time
 * in which it may be made, and once again as long after that. What was acknowledged and is undone is told, in the audit
 * trail, the log and the metrics; it is not made again, as docs/decisions/0015 says.
 */
export class SecondLooks {
  readonly #tools: LookTools;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> | undefined;
  #isStale = false;
  readonly #closing = new AbortController();

  constructor(tools: LookTools) {
    this.#tools = tools;
  }

  /** Looks at all that is due, and from then on at each record when it is. */
  start(): void {
    clearTimeout(this.#timer);
    this.#isStale = this.#work !== undefined;
    if (this.#isStale || this.#closing.signal.aborted) return;
    this.#work = this.#lookAtDue().then((wait) => {
      this.#work = undefined;
      if (this.#closing.signal.aborted) return;
      this.#timer = setTimeout(() => this.start(), this.#isStale ? 0 : wait);
      this.#timer.unref();
    });
  }

  /** Resolves when all reads have ended. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('The gateway is closing.'));
    clearTimeout(this.#timer);
    await this.#work;
  }

  /** Resolves with the milliseconds until there is something to look at. */
  async #lookAtDue(): Promise<number> {
    const { undecidedWrites } = this.#tools.store;
    try {
      for (const record of await undecidedWrites.due()) await this.#look(record);
      return Math.min((await undecidedWrites.nextDue()) ?? LONGEST_WAIT_MS, LONGEST_WAIT_MS);
    } catch (error) {
      if (!this.#closing.signal.aborted) {
        this.#tools.logger.warn(
          { error: describeError(error) },
          'could not look for records that a late write may have changed',
        );
      }
      return LONGEST_WAIT_MS;
    }
  }

  /** One process looks, with nobody changing the record; the others find nothing due any more. */
  #look(record: TargetRecord): Promise<void> {
    const { store, logger, metrics } = this.#tools;
    const look = async () => {
      const writes = await store.undecidedWrites.looksAt(record);
      const due = writes.filter(({ isDue }) => isDue);
      const [first] = due;
      if (first === undefined) return;
      try {
        await this.#compare(record, writes, await this.#tools.open(first.connectorId));
      } catch (error) {
        metrics.lookedAgain('failed');
        logger.warn(
          { auditEvent: first.auditEventId, error: describeError(error) },
          'a record that a late write may have changed could not be read; it is tried again later',
        );
        await this.#postpone(due);
      }
    };
    return store.withLock(lockNameOf(record), look, this.#closing.signal);
  }

  async #compare(
    record: TargetRecord,
    writes: readonly DueLook[],
    organization: OpenOrganization,
  ): Promise<void> {
    const { store, lateWrites, metrics } = this.#tools;
    const since = new Date(Math.min(...writes.map(({ beganAt }) => beganAt.getTime())));
    const state = await readState(organization, record);
    const acknowledged = await store.auditEvents.acknowledgedSince(record, since);
    const undone = findUndone(acknowledged, writes, state);
    for (const each of undone) await this.#tell(each);
    metrics.lookedAgain(undone.length === 0 ? 'kept' : 'undone');
    const due = writes.filter(({ isDue }) => isDue);
    const isMade = (write: DueLook) => !write.isResent && isToBeSeen(write, state);
    for (const write of due) if (isMade(write)) await lateWrites.wasMade(write.auditEventId);
    const open = due.filter((write) => !isMade(write));
    await store.undecidedWrites.settle(
      open.filter(({ looks }) => looks > 0).map(({ auditEventId }) => auditEventId),
    );
    await this.#postpone(open.filter(({ looks }) => looks === 0));
  }

  #postpone(writes: readonly DueLook[]): Promise<void> {
    const looks = Math.max(0, ...writes.map((write) => write.looks));
    const wait = Math.min(this.#tools.graceMs * 2 ** Math.min(looks, 10), LONGEST_POSTPONEMENT_MS);
    return this.#tools.store.undecidedWrites.postpone(
      writes.map(({ auditEventId }) => auditEventId),
      wait,
    );
  }

  async #tell({ event, changes }: Undone<AuditEvent>): Promise<void> {
    const { store, logger, metrics } = this.#tools;
    const { operation, requestId, connectorName } = event;
    await store.auditEvents.begin({
      ...event,
      id: randomUUID(),
      actor: ACTOR,
      changes,
      settled: { outcome: 'UNDONE', errorCode: null },
    });
    metrics.changed(operation, 'UNDONE');
    logger.error(
      { auditEvent: event.id, operation, requestId, connector: connectorName ?? undefined },
      'a change that was acknowledged no longer holds: an earlier one that Webex applied late, or a change outside the gateway, has undone it',
    );
  }
}
