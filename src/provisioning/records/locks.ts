import type { OpenOrganization } from '../../connectors/organizations.ts';
import type { WithLock } from '../../store/locks/with-lock.ts';
import type { TargetRecord } from '../../store/undecided-writes.ts';
import { lockNameOf } from '../changes/lock-names.ts';
import type { Step } from '../changes/recorded-change.ts';
import type { LateWrites } from './late-writes.ts';

/** Lets one change of a user or a group be made at a time, among all processes on one database. */
export class RecordLocks {
  readonly #withLock: WithLock;
  readonly #lateWrites: LateWrites;

  constructor(withLock: WithLock, lateWrites: LateWrites) {
    this.#withLock = withLock;
    this.#lateWrites = lateWrites;
  }

  /**
   * Does what changes a record, with nobody else changing it and no earlier write of it under way.
   * Throws RecordBusy if the caller's time does not suffice, StoreUnavailable, and what `work` throws.
   */
  change<T>(
    organization: OpenOrganization,
    record: TargetRecord,
    step: Step,
    work: () => Promise<T>,
  ): Promise<T> {
    return this.alone(lockNameOf(record), step, async () => {
      // A dry run sends nothing that could be undone.
      if (!step.dryRun) await this.#lateWrites.decided(organization, record, step.eventId, step.patience);
      return work();
    });
  }

  /**
   * Does work with nobody else changing the record, without waiting for earlier writes: for a deletion, which none of them
   * can undo, and for a record that was just created. Throws RecordBusy, StoreUnavailable, and what `work` throws.
   */
  changeAtOnce<T>(record: TargetRecord, step: Step, work: () => Promise<T>): Promise<T> {
    return this.alone(lockNameOf(record), step, work);
  }

  /** Does work with nobody else at work under the same name. Throws RecordBusy, StoreUnavailable, and what `work` throws. */
  alone<T>(name: string, step: Step, work: () => Promise<T>): Promise<T> {
    const locked = (lock: Parameters<Step['holds']>[0]) => {
      step.holds(lock);
      return work();
    };
    return this.#withLock(name, locked, step.patience);
  }
}
