import type { OpenOrganization } from '../../connectors/organizations.ts';
import { NotRecorded, OutcomeUnknown, PartiallyApplied } from '../../errors/changes.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { AuditEventRepository, AuditOutcome } from '../../store/audit-events.ts';
import type { LockHandle } from '../../store/locks/with-lock.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { newEvent } from './audit-trail.ts';
import type { ChangeRequest, Target } from './change-request.ts';
import { type DoubtfulWrites, remember } from './doubtful-writes.ts';
import { Notes } from './notes.ts';
import { applied, type FieldChange, type Outcome, type SeatNeed } from './outcome.ts';
import { isDecisive, outcomeOf } from './outcome-of.ts';
import type { Recording } from './recording.ts';
import type { SeatCount } from './seats.ts';
import { callBehind, partsOf } from './verdict.ts';
import type { Standing } from './visible-state.ts';

/** A change of which the answer was never given. */
export interface EarlierAttempt {
  /** When it was begun, as of performance.now(), which may be below zero. */
  readonly begunAt: number;
  /** Field by field, as it was recorded. */
  readonly changes: readonly FieldChange[];
  /** Webex's id of what was changed; null if nothing was created yet, as far as was recorded. */
  readonly targetId: string | null;
  /** Whether Webex is known to have made it, or a part of it. */
  readonly isDone: boolean;
  /** Whether it is known to have made a part only. */
  readonly isPart: boolean;
  /** Whether it may be sent again if nothing of it is visible. */
  readonly maySend: boolean;
}

/** Where it is put down what becomes of a change. */
export interface Records {
  readonly events: AuditEventRepository;
  readonly recording: Recording;
  readonly metrics: Metrics;
  readonly lateWrites: DoubtfulWrites;
}

/** One change on its way: it is an audit event before anything of it is sent, which is completed afterwards. */
export class Step {
  readonly eventId: string;
  readonly dryRun: boolean;
  readonly seats: SeatCount;
  readonly #records: Records;
  readonly #request: ChangeRequest;
  readonly #organization: OpenOrganization;
  #earlier: EarlierAttempt | undefined;
  #isOpen = false;
  readonly #locks: LockHandle[] = [];

  constructor(records: Records, request: ChangeRequest, organization: OpenOrganization, eventId: string) {
    this.#records = records;
    this.#request = request;
    this.#organization = organization;
    this.eventId = eventId;
    this.dryRun = request.dryRun;
    this.seats = request.seats;
  }

  /** The same change, begun earlier and never answered; undefined if nothing of it can have been sent. */
  get earlier(): EarlierAttempt | undefined {
    return this.#earlier;
  }

  /** What may have created the record before: the same attempt, or an earlier one with an audit event of its own. */
  get earlierCreation(): EarlierAttempt | undefined {
    const { firstBegunAt } = this.#request;
    if (firstBegunAt === undefined) return this.#earlier;
    const first = { changes: [], targetId: null, isDone: false, isPart: false, maySend: true };
    return { ...(this.#earlier ?? first), begunAt: firstBegunAt };
  }

  /** Whether something may have been sent of which the end is not known. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Ends waiting for other changes, with the error that says so as its reason. */
  get patience(): AbortSignal {
    return this.#request.patience;
  }

  /** Takes note of a lock without which the change must not be sent. */
  holds(lock: LockHandle): void {
    this.#locks.push(lock);
  }

  /** Looks whether anything was sent of a change that did not come to its end. */
  async resume(): Promise<void> {
    // Before the database says how old it is: the answer takes its time, and what it created must not seem older than it.
    const asked = performance.now();
    const event = await this.#records.events.get(this.eventId);
    if (event === null) return;
    const { ageMs, changes, outcome, targetId } = event;
    const { report } = this.#request;
    report.isRecorded = true;
    report.auditEventId = this.eventId;
    report.changes = changes;
    const isDone = outcome !== 'PENDING' && outcome !== 'UNKNOWN' && outcome !== 'NOT_APPLIED';
    const isPart = outcome === 'PARTIALLY_APPLIED';
    const maySend = this.#request.looksOnly !== true;
    this.#earlier = { begunAt: asked - ageMs, changes, targetId, isDone, isPart, maySend };
    this.#isOpen = true;
  }

  /**
   * Records the change, makes it, and records what came of it. If it cannot be recorded it is not made.
   * @param make resolves with the record; throws PartiallyApplied, OutcomeUnknown, or any other error when nothing was done
   */
  async change<T>(
    target: Target,
    changes: readonly FieldChange[],
    make: (notes: Notes) => Promise<T>,
  ): Promise<Outcome<T>> {
    const notes = new Notes();
    if (this.#hasLostLease) throw new NotRecorded();
    // A creation looks by itself, as there is no record to look at before.
    if (this.#request.looksOnly === true && (target.id !== null || this.#earlier === undefined))
      throw new OutcomeUnknown(this.#organization.connector.id, null, undefined);
    if (this.#earlier === undefined) this.#request.report.changes = changes;
    // Whether it was recorded may be unknown, too; then it is looked up.
    this.#isOpen = true;
    if (this.#earlier === undefined) await this.#begin(target, changes);
    else if (target.id !== null) await this.#records.lateWrites.sentAgain(this.#writeOf(target, target.id));
    try {
      // Another process may be at work on the same record by now.
      if (this.#hasLostLock || this.#hasLostLease) throw new NotRecorded();
      const made = await make(notes);
      await this.#doubt(target, 'APPLIED', notes);
      await this.#complete('APPLIED', null, notes);
      return applied(made);
    } catch (thrown) {
      // The next owner of the lease finds the event open, and completes it.
      if (thrown instanceof NotRecorded && this.#hasLostLease) throw thrown;
      const error = this.#asKnown(thrown, notes);
      const outcome = outcomeOf(error);
      this.#request.report.failedMembers = notes.failedMembers;
      await this.#doubt(target, outcome, notes);
      await this.#complete(outcome, error instanceof GatewayError ? error.code : 'INTERNAL', notes);
      throw error;
    }
  }

  /**
   * The error of a change, which may say that nothing was done only where that is so: not once something was created,
   * nor while an earlier attempt may still be made.
   */
  #asKnown(error: unknown, { created }: Notes): unknown {
    if (outcomeOf(error) !== 'NOT_APPLIED') return error;
    const earlier = this.#earlier?.isDone === false && !isDecisive(error) ? this.#earlier : undefined;
    const mayBeMade = earlier !== undefined && this.#records.lateWrites.mayBeMade(earlier.begunAt);
    if (created === undefined && !mayBeMade) return error;
    return new OutcomeUnknown(this.#organization.connector.id, created ?? null, callBehind(error));
  }

  async #doubt(target: Target, outcome: AuditOutcome, { targetId, isUndecided }: Notes): Promise<void> {
    const id = target.id ?? targetId;
    if (id === undefined) return;
    const write = this.#writeOf(target, id);
    await remember(this.#records.lateWrites, write, outcome, isUndecided, this.#hasLostLock);
  }

  #writeOf({ type }: Target, id: string) {
    return { auditEventId: this.eventId, connectorId: this.#organization.connector.id, target: { type, id } };
  }

  get #hasLostLease(): boolean {
    return this.#request.lease?.isHeld === false;
  }

  get #hasLostLock(): boolean {
    return this.#locks.some(({ isHeld }) => !isHeld);
  }

  /**
   * That there is nothing to do, as it was so already; or the record, where an earlier attempt of the same
   * change has made it so.
   */
  async recordNoop<Record extends object>(target: Target, record: Record | null): Promise<Outcome<Record>> {
    const isResumed = this.#earlier !== undefined;
    if (!isResumed) await this.#begin(target, []);
    await this.#complete(isResumed ? 'APPLIED' : 'NOTHING_CHANGED', null, new Notes());
    return { kind: isResumed ? 'APPLIED' : 'NOTHING_CHANGED', record };
  }

  /**
   * The record, where an earlier attempt has made the change, or a part of it; changes that were made since
   * came after that, and are left alone.
   * @param standing what of the change is to be seen now
   * Throws PartiallyApplied.
   */
  async recall<Record>(record: Record, standing: Standing): Promise<Outcome<Record>> {
    if (this.#earlier?.isPart === true && standing.missing.length > 0) {
      const parts = partsOf(standing.applied, standing.missing);
      const { id } = this.#organization.connector;
      const partial = new PartiallyApplied(id, record, parts, undefined, undefined);
      await this.#complete('PARTIALLY_APPLIED', partial.code, new Notes());
      throw partial;
    }
    await this.#complete('APPLIED', null, new Notes());
    return applied(record);
  }

  /** What the change would do. */
  async recordDryRun<Record>(
    target: Target,
    changes: readonly FieldChange[],
    seats: readonly SeatNeed[],
    record: Record | null,
  ): Promise<Outcome<Record>> {
    const { report } = this.#request;
    report.changes = changes;
    report.seats = seats;
    await this.#begin(target, changes);
    await this.#complete('DRY_RUN', null, new Notes());
    return { kind: 'DRY_RUN', record };
  }

  async #begin(target: Target, changes: readonly FieldChange[]): Promise<void> {
    const { report } = this.#request;
    report.isRecorded = true;
    const event = newEvent(this.eventId, this.#request, this.#organization.connector, target, changes);
    await this.#records.recording.begin(event);
    report.auditEventId = this.eventId;
  }

  #complete(
    outcome: Exclude<AuditOutcome, 'PENDING'>,
    errorCode: string | null,
    notes: Notes,
  ): Promise<void> {
    this.#isOpen = outcome === 'UNKNOWN';
    this.#records.metrics.changed(this.#request.operation, outcome);
    return this.#records.recording.complete({
      ...{ id: this.eventId, outcome, errorCode },
      targetId: notes.targetId,
      trackingIds: [...notes.trackingIds],
    });
  }
}
