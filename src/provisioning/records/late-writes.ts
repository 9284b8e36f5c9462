import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenOrganization } from '../../connectors/organizations.ts';
import { RecordBusy } from '../../errors/changes.ts';
import type { Store } from '../../store/store.ts';
import type { DoubtfulWrite, TargetRecord } from '../../store/undecided-writes.ts';
import type { DoubtfulWrites } from '../changes/doubtful-writes.ts';
import type { Recording } from '../changes/recording.ts';
import { isToBeSeen, readState } from './state.ts';

/** The longest that a change may have been under way when its process died, in milliseconds. */
const LONGEST_CHANGE_MS = 60_000;
/** How soon a record is read again for a write that may still be made, in milliseconds: less and less often. */
const READ_AGAIN_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

/** Where undecided writes are remembered. */
type Records = Pick<Store, 'undecidedWrites' | 'auditEvents'> & { readonly recording: Recording };

/**
 * Writes that nobody has answered, and that Webex may still make: it replaces whole people, so that such a write
 * would undo whatever else has been written meanwhile. docs/decisions/0015 says how long that is waited for.
 */
export class LateWrites implements DoubtfulWrites {
  readonly #records: Records;
  readonly #graceMs: number;
  readonly #noted: () => void;

  /**
   * @param graceMs how long after it was given up a write may still be made, in milliseconds
   * @param noted is called when there is one more record to read again later
   */
  constructor(records: Records, graceMs: number, noted: () => void) {
    this.#records = records;
    this.#graceMs = graceMs;
    this.#noted = noted;
  }

  /**
   * Resolves when no earlier write of a record can be made any more: each of them is to be seen, its time is over, or the
   * record is gone.
   * To be asked under the record's lock, as `eventId` whose own write does not count.
   * @param patience ends the waiting
   * Throws RecordBusy, StoreUnavailable, and the errors of an upstream.
   */
  async decided(
    organization: OpenOrganization,
    record: TargetRecord,
    eventId: string,
    patience: AbortSignal,
  ): Promise<void> {
    const { undecidedWrites } = this.#records;
    for (let pause = READ_AGAIN_MS; ; pause = Math.min(1.5 * pause, LONGEST_PAUSE_MS)) {
      const writes = await undecidedWrites.ofRecord(record, eventId, this.#graceMs + LONGEST_CHANGE_MS);
      if (writes.length === 0) return;
      const state = await readState(organization, record);
      const open = writes.filter((write) => write.isResent || !isToBeSeen(write, state));
      for (const write of writes) if (!open.includes(write)) await this.wasMade(write.auditEventId);
      // Of a record that is gone nothing can be undone.
      if (open.length === 0 || state === null) return;
      const left = Math.max(...open.map(({ leftMs }) => leftMs));
      await sleep(Math.min(pause, left), undefined, { signal: patience }).catch(() => {
        throw new RecordBusy('undecided', Math.max(1, Math.ceil(left / 1_000)));
      });
    }
  }

  /** Puts down that an undecided write is made, and cannot be made any more. Throws StoreUnavailable. */
  async wasMade(auditEventId: string): Promise<void> {
    const { auditEvents, undecidedWrites } = this.#records;
    await auditEvents.complete({ id: auditEventId, outcome: 'APPLIED', errorCode: null, trackingIds: [] });
    await undecidedWrites.settle([auditEventId]);
  }

  /** A write was given up, and may still be made. */
  givenUp(write: DoubtfulWrite): Promise<void> {
    return this.#note(write, () => this.#records.undecidedWrites.note(write, this.#graceMs));
  }

  /** A write was made after the lock of its record was lost, and perhaps between the steps of another write. */
  madeUnlocked(write: DoubtfulWrite): Promise<void> {
    return this.#note(write, () => this.#records.undecidedWrites.note(write, 0));
  }

  /** Whether a write that began then, as of performance.now(), and was not answered may still be made. */
  mayBeMade(begunAt: number): boolean {
    return performance.now() - begunAt < this.#graceMs + LONGEST_CHANGE_MS;
  }

  /** A write of which nobody knows what became is about to be sent once more. Throws StoreUnavailable. */
  async sentAgain(write: DoubtfulWrite): Promise<void> {
    await this.#records.undecidedWrites.noteResent(write, this.#graceMs + LONGEST_CHANGE_MS);
    this.#noted();
  }

  /** A write ended with its process, `ageMs` after its change had begun. Throws StoreUnavailable. */
  async brokenOff(write: DoubtfulWrite, ageMs: number): Promise<void> {
    const left = Math.max(0, this.#graceMs + LONGEST_CHANGE_MS - ageMs);
    await this.#records.undecidedWrites.note(write, left);
    this.#noted();
  }

  /** The write has been sent, whatever becomes of this. */
  #note({ auditEventId }: DoubtfulWrite, note: () => Promise<void>): Promise<void> {
    return this.#records.recording.later({ auditEvent: auditEventId }, async () => {
      await note();
      this.#noted();
    });
  }
}
