import { GatewayError, NotRecorded, StoreUnavailable } from '../errors.ts';
import type { Store } from '../store/store.ts';
import { describeError, type Logger } from '../telemetry/logger.ts';
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
  readonly #logger: Logger;

  constructor(store: Store, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
    this.audit = new AuditTrail(store.auditEvents);
    this.#ledger = new Ledger(store, logger);
    this.users = new Users(this.#ledger, store.exclusively);
    this.groups = new Groups(this.#ledger, store.exclusively);
  }

  /**
   * Sees that the audit trail has a change that was not made: what failed before it could be written down was
   * not sent, and is written down now. Where that fails the log says so, as there is nothing to be held back.
   */
  async noteRefusal(attempt: Attempt, connector: ChangedConnector, target: Target, error: unknown) {
    const isKnown = error instanceof GatewayError && !(error instanceof NotRecorded);
    if (attempt.isWrittenDown || !isKnown || error instanceof StoreUnavailable) return;
    try {
      await this.audit.refused(attempt, connector, target, error);
    } catch (failure) {
      const { operation, requestId } = attempt;
      this.#logger.error(
        { operation, requestId, error: describeError(failure) },
        'could not write down that a change was refused',
      );
    }
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
