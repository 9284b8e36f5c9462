import { GatewayError, NotRecorded, StoreUnavailable } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Attempt, ChangedConnector, Target } from './attempt.ts';
import { AuditTrail } from './audit-trail.ts';
import { Groups } from './groups.ts';
import { Ledger } from './ledger.ts';
import { Users } from './users.ts';

/** The rules of changing what is in Webex. */
export class Provisioning {
  readonly users: Users;
  readonly groups: Groups;
  readonly audit: AuditTrail;
  readonly #store: Store;
  readonly #ledger: Ledger;
  readonly #metrics: Metrics;

  constructor(store: Store, logger: Logger, metrics: Metrics) {
    this.#store = store;
    this.#metrics = metrics;
    this.audit = new AuditTrail(store.auditEvents, logger, metrics);
    this.#ledger = new Ledger(store, logger, metrics);
    this.users = new Users(this.#ledger, store.exclusively);
    this.groups = new Groups(this.#ledger, store.exclusively);
  }

  /**
   * Sees that the audit trail has a change that was not made: what failed before it could be written down was
   * not sent, and is written down now, or counted where there are many in its request.
   */
  async noteRefusal(attempt: Attempt, connector: ChangedConnector, target: Target, error: unknown) {
    const isKnown = error instanceof GatewayError && !(error instanceof NotRecorded);
    if (attempt.isWrittenDown || !isKnown || error instanceof StoreUnavailable) return;
    this.#metrics.changed(attempt.operation, 'NOT_APPLIED');
    const all = { ...target, id: null, name: null };
    const isInFull = attempt.refusals.isInFull(`${connector.id} ${error.code}`, (count) =>
      this.audit.refused(attempt, connector, all, error, count),
    );
    if (isInFull) await this.audit.refused(attempt, connector, target, error);
  }

  /**
   * Forgets what is kept for a time only: keys after a day, the audit trail after so many days.
   * Throws StoreUnavailable.
   */
  async forgetOld(auditDays: number): Promise<void> {
    await this.#store.idempotencyKeys.forgetExpired();
    await this.#store.auditEvents.forgetOlderThan(auditDays);
  }

  /** Resolves when no change is under way any more, also of clients that have gone away. */
  idle(): Promise<void> {
    return this.#ledger.idle();
  }
}
