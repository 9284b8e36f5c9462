import { createHash, randomUUID } from 'node:crypto';
import type { OpenOrganization } from '../../connectors/organizations.ts';
import { NotRecorded, OutcomeUnknown, PartiallyApplied } from '../../errors/changes.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { IdempotencyKeyReused, ReadOnlyConnector } from '../../errors/request.ts';
import { SecretKeyMismatch, StoreUnavailable } from '../../errors/start.ts';
import type { ClaimResult, KeyedChange } from '../../store/idempotency-keys.ts';
import type { Store } from '../../store/store.ts';
import { describeError } from '../../telemetry/error-facts.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { LateWrites } from '../records/late-writes.ts';
import { type Answers, readAnswer, writeAnswer, writePartialAnswer } from './answers.ts';
import { type ChangeRequest, requestHash } from './change-request.ts';
import type { Outcome } from './outcome.ts';
import { Step } from './recorded-change.ts';
import type { Recording } from './recording.ts';

type Claim = Exclude<ClaimResult, { readonly kind: 'other-request' }>;

/** Records every change before it is sent, and makes it once however often it is asked for. */
export class Ledger {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #lateWrites: LateWrites;
  readonly #recording: Recording;
  readonly #running = new Set<Promise<unknown>>();

  constructor(store: Store, logger: Logger, metrics: Metrics, recording: Recording, lateWrites: LateWrites) {
    this.#lateWrites = lateWrites;
    this.#recording = recording;
    this.#store = store;
    this.#logger = logger;
    this.#metrics = metrics;
  }

  /**
   * Makes a change. With `once`, an earlier attempt with the same id is found in the audit trail. With a key, later requests with the same one wait for the first, and get its answer; a
   * change of which the answer was lost, because the process died, is begun again as a step that knows so.
   * What failed without having done anything leaves the key free.
   * @param asked what is asked for, as it was read: another request with the same key is refused
   * @param work makes the change, or finds out what became of it
   * @param answers how its records are kept with the key
   * Throws ReadOnlyConnector, IdempotencyKeyReused, NotRecorded, and what `work` throws.
   */
  make<Record extends object>(
    request: ChangeRequest,
    organization: OpenOrganization,
    asked: unknown,
    answers: Answers<Record>,
    work: (step: Step) => Promise<Outcome<Record>>,
  ): Promise<Outcome<Record>> {
    const made = this.#make(request, organization, asked, answers, work).catch((error: unknown) => {
      const { operation, requestId } = request;
      // Once something was sent nothing of the store's is thrown any more.
      if (error instanceof StoreUnavailable) {
        this.#logger.error(
          { operation, requestId, error: describeError(error) },
          'a change could not be recorded, and was not sent',
        );
        this.#recording.suspect();
        throw new NotRecorded();
      }
      if (!(error instanceof GatewayError)) {
        this.#logger.error(
          { operation, requestId, error: describeError(error) },
          'a bug: a change broke off',
        );
      }
      throw error;
    });
    const settled = made.catch(() => undefined).finally(() => this.#running.delete(settled));
    this.#running.add(settled);
    return made;
  }

  /** Resolves when no change is under way any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #make<Record extends object>(
    request: ChangeRequest,
    organization: OpenOrganization,
    asked: unknown,
    answers: Answers<Record>,
    work: (step: Step) => Promise<Outcome<Record>>,
  ): Promise<Outcome<Record>> {
    const { operation, idempotencyKey, actor, dryRun, once } = request;
    if (organization.connector.readOnly && !dryRun) throw new ReadOnlyConnector();
    if (once !== undefined && !dryRun) {
      const step = this.#step(request, organization, once);
      await step.resume();
      return work(step);
    }
    // A dry run does nothing that could be done twice.
    if (idempotencyKey === undefined || dryRun) return work(this.#step(request, organization, randomUUID()));
    const { key, place: part } = idempotencyKey;
    const keyHash = createHash('sha256').update(key).digest('hex');
    return this.#store.withLock(
      `change ${actor} ${keyHash} ${part}`,
      async (lock) => {
        const keys = this.#store.idempotencyKeys;
        const claim = { caller: actor, key, place: part };
        const claimed = await this.#claim(
          claim,
          requestHash(operation, organization.connector.id, asked),
          request,
        );
        if (claimed.kind === 'answered') {
          this.#metrics.changed(operation, 'ANSWERED_AGAIN');
          await this.#replay(request, claimed.auditEventId);
          return readAnswer(claimed.answer, organization.connector.id, answers);
        }
        const step = this.#step(request, organization, claimed.auditEventId);
        step.holds(lock);
        if (claimed.kind === 'unfinished') await step.resume();
        try {
          const outcome = await work(step);
          await this.#quietly(step, () => keys.finish(claim, writeAnswer(outcome, answers)));
          return outcome;
        } catch (error) {
          if (error instanceof PartiallyApplied) {
            await this.#quietly(step, () => keys.finish(claim, writePartialAnswer(error, answers)));
          } else if (!(error instanceof OutcomeUnknown) && !step.isOpen) {
            await this.#quietly(step, () => keys.release(claim));
          }
          throw error;
        }
      },
      request.patience,
    );
  }

  /** Brings back what the audit trail tells of the first request. */
  async #replay({ report }: ChangeRequest, eventId: string): Promise<void> {
    report.isRecorded = true;
    report.isReplayed = true;
    const event = await this.#store.auditEvents.get(eventId);
    if (event === null) return;
    report.auditEventId = eventId;
    report.changes = event.changes;
  }

  /** A claim of which the change is known to have failed does not count: the process died before it was released. */
  async #claim(change: KeyedChange, hash: string, request: ChangeRequest): Promise<Claim> {
    const { report } = request;
    const keys = this.#store.idempotencyKeys;
    const claim = { ...change, requestHash: hash, auditEventId: randomUUID() };
    const claimed = await keys.claim(claim).catch((error: unknown) => {
      report.isAnswerUnreadable = error instanceof SecretKeyMismatch;
      throw error;
    });
    if (claimed.kind === 'other-request') throw new IdempotencyKeyReused();
    if (claimed.kind !== 'unfinished') return claimed;
    const event = await this.#store.auditEvents.get(claimed.auditEventId);
    if (event?.outcome !== 'NOT_APPLIED') return claimed;
    await keys.release(change);
    return this.#claim(change, hash, request);
  }

  #step(request: ChangeRequest, organization: OpenOrganization, eventId: string): Step {
    const records = {
      events: this.#store.auditEvents,
      recording: this.#recording,
      metrics: this.#metrics,
      lateWrites: this.#lateWrites,
    };
    return new Step(records, request, organization, eventId);
  }

  /** The change is made, whatever becomes of what is noted about it; then the next one finds out again. */
  async #quietly(step: Step, note: () => Promise<void>): Promise<void> {
    try {
      await note();
    } catch (error) {
      this.#logger.error(
        { auditEvent: step.eventId, error: describeError(error) },
        'could not keep the answer for its idempotency key',
      );
    }
  }
}
