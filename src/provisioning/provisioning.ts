import type { Store } from '../store/store.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
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

  constructor(store: Store, logger: Logger, metrics: Metrics) {
    this.#store = store;
    this.audit = new AuditTrail(store.auditEvents);
    this.#ledger = new Ledger(store, logger, metrics);
    this.users = new Users(this.#ledger, store.exclusively);
    this.groups = new Groups(this.#ledger, store.exclusively);
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
