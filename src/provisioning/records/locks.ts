import type { OpenOrganization } from '../../connectors/organizations.ts';
import { canonicalId } from '../../datasources/webex/ids.ts';
import type { WithLock } from '../../store/locks/with-lock.ts';
import type { TargetRecord } from '../../store/undecided-writes.ts';
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
   * Throws RecordBusy where the caller's time does not suffice, StoreUnavailable, and what `work` throws.
   */
  change<T>(
    organization: OpenOrganization,
    record: TargetRecord,
    step: Step,
    work: () => Promise<T>,
  ): Promise<T> {
    return this.alone(nameOf(record), step, async () => {
      // A dry run sends nothing that could be undone.
      if (!step.dryRun) await this.#lateWrites.decided(organization, record, step.eventId, step.patience);
      return work();
    });
  }

  /**
   * Does what deletes a record, with nobody else changing it. Earlier writes are not waited for: none of them can undo a
   * deletion. Throws RecordBusy, StoreUnavailable, and what `work` throws.
   */
  delete<T>(record: TargetRecord, step: Step, work: () => Promise<T>): Promise<T> {
    return this.alone(nameOf(record), step, work);
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

/** What the lock of a record is called, however its id is spelled. */
export function nameOf({ type, id }: TargetRecord): string {
  return `${type === 'User' ? 'person' : 'group'} ${canonicalId(id)}`;
}
