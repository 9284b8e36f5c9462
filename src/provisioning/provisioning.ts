import { NotRecorded } from '../errors/changes.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { StoreUnavailable } from '../errors/start.ts';
import type { Store } from '../store/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { AuditTrail } from './changes/audit-trail.ts';
import type { ChangedConnector, ChangeRequest, Target } from './changes/change-request.ts';
import { Ledger } from './changes/ledger.ts';
import { Recording } from './changes/recording.ts';
import { UnfinishedChanges } from './changes/unfinished-changes.ts';
import { Groups } from './groups/groups.ts';
import { LateWrites } from './records/late-writes.ts';
import { RecordLocks } from './records/locks.ts';
import { type LookTools, SecondLooks } from './records/second-looks.ts';
import { Users } from './users/users.ts';

/** The rules of changing what is in Webex. */
export class Provisioning {
  readonly users: Users;
  readonly groups: Groups;
  readonly audit: AuditTrail;
  readonly #store: Store;
  readonly #ledger: Ledger;
  readonly #metrics: Metrics;
  readonly #looks: SecondLooks;
  readonly #recording: Recording;
  readonly #unfinished: UnfinishedChanges;

  /** @param tools what changes are made with, but for what is made here */
  constructor(tools: Omit<LookTools, 'lateWrites'>) {
    const { store, logger, metrics, graceMs } = tools;
    const { auditEvents, undecidedWrites } = store;
    const recording = new Recording(auditEvents, logger, metrics);
    const lateWrites = new LateWrites({ auditEvents, undecidedWrites, recording }, graceMs, () =>
      this.#looks.start(),
    );
    this.#looks = new SecondLooks({ ...tools, lateWrites });
    this.#store = store;
    this.#metrics = metrics;
    this.#recording = recording;
    this.#unfinished = new UnfinishedChanges({ store, lateWrites, logger, metrics });
    this.audit = new AuditTrail(auditEvents, recording);
    this.#ledger = new Ledger(store, logger, metrics, recording, lateWrites);
    const locks = new RecordLocks(store.withLock, lateWrites);
    this.users = new Users(this.#ledger, locks);
    this.groups = new Groups(this.#ledger, locks);
    this.#looks.start();
    this.#unfinished.start();
  }

  /** Why no change can be recorded, and so sent, at the moment; undefined if they can, as far as is known. */
  get trouble(): string | undefined {
    return this.#recording.trouble;
  }

  /**
   * Ensures that the audit trail has a change that was not made: what failed before it could be recorded was
   * not sent, and is recorded now, or counted if there are many in its request.
   */
  async noteRefusal(request: ChangeRequest, connector: ChangedConnector, target: Target, error: unknown) {
    const isKnown = error instanceof GatewayError && !(error instanceof NotRecorded);
    if (request.report.isRecorded || !isKnown || error instanceof StoreUnavailable) return;
    this.#metrics.changed(request.operation, 'NOT_APPLIED');
    const all = { ...target, id: null, name: null };
    const isInFull = request.refusals.isInFull(`${connector.id} ${error.code}`, (count) =>
      this.audit.refused(request, connector, all, error, count),
    );
    if (isInFull) request.report.auditEventId = await this.audit.refused(request, connector, target, error);
  }

  /**
   * Forgets what is kept for a time only: keys after a day, the audit trail after so many days.
   * Throws StoreUnavailable.
   */
  async forgetOld(auditDays: number): Promise<void> {
    await this.#store.idempotencyKeys.forgetExpired();
    await this.#store.auditEvents.forgetOlderThan(auditDays);
  }

  /**
   * Ends looking at records later, and resolves when no change is under way any more, also of clients that have gone away,
   * and their outcomes are recorded, or logged if that fails.
   */
  async close(): Promise<void> {
    await this.#ledger.idle();
    await Promise.all([this.#unfinished.close(), this.#looks.close()]);
    await this.#recording.close();
  }
}
