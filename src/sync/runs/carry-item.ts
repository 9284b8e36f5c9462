import { createHash } from 'node:crypto';
import type { OpenOrganization } from '../../connectors/organizations.ts';
import { RecordBusy } from '../../errors/changes.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { NotFound } from '../../errors/request.ts';
import { Refusals } from '../../provisioning/changes/audit-thinning.ts';
import { ChangeReport } from '../../provisioning/changes/change-report.ts';
import type { ChangeRequest, Target } from '../../provisioning/changes/change-request.ts';
import type { Outcome } from '../../provisioning/changes/outcome.ts';
import type { Provisioning } from '../../provisioning/provisioning.ts';
import type { LockHandle } from '../../store/locks/with-lock.ts';
import type { Store } from '../../store/store.ts';
import type { SyncItemRow, SyncRunRow } from '../../store/sync/tables.ts';
import type { FieldChange } from '../../store/sync/words.ts';
import { describeError } from '../../telemetry/error-facts.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { groupInputOf, membersInputOf, userInputOf } from './item-input.ts';
import { type ItemVerdict, settledAs, verdictOf } from './item-outcome.ts';
import { keepsNumber, takesAway } from './item-rules.ts';
import {
  BUG,
  DIRECTORY_SKIPPED,
  knownVerdict,
  LINKED_MEANWHILE,
  nothingLeft,
  STALE,
  without,
} from './item-verdicts.ts';
import type { RunJudge } from './judge-run.ts';
import { NeededItems } from './needed-items.ts';
import { assertMayLose } from './protection.ts';
import type { RunSeats } from './run-seats.ts';

/** What items are carried out with. */
export interface ItemTools {
  readonly store: Store;
  readonly provisioning: Pick<Provisioning, 'users' | 'groups' | 'noteRefusal'>;
  readonly logger: Logger;
}

/** What all items of a run share. */
export interface Carriage {
  readonly run: SyncRunRow;
  readonly seats: RunSeats;
  readonly judge: RunJudge;
  readonly lease: LockHandle;
  /** Webex's id of the account that the connector uses; null if it is not known. */
  readonly ownId: string | null;
  /** Opens the organization, as the connector is now. */
  readonly open: () => Promise<OpenOrganization>;
  /** Whether removing items are too old to be carried out. */
  readonly isStale: () => Promise<boolean>;
}

/** How an attempt ended. `changes` is what was to be sent. */
export interface CarriedItem {
  readonly verdict: ItemVerdict;
  readonly changes: readonly FieldChange[];
}

/** How long an item waits for other changes of its record, in milliseconds. */
const PATIENCE_MS = 30_000;
const BUSY_AGAIN_SECONDS = 5;

/** The mutation that stands for an action in the audit trail. */
const OPERATIONS: Readonly<Record<string, string>> = {
  CREATE: 'createUser',
  DELETE: 'deleteUser',
  CREATE_GROUP: 'createGroup',
  UPDATE_GROUP: 'updateGroup',
  CHANGE_MEMBERS: 'updateGroupMembers',
  DELETE_GROUP: 'deleteGroup',
};

/** Carries one item out: one call of provisioning, and what becomes of it. */
export class ItemCarrier {
  readonly #tools: ItemTools;
  readonly #carriage: Carriage;

  constructor(tools: ItemTools, carriage: Carriage) {
    this.#tools = tools;
    this.#carriage = carriage;
  }

  /**
   * Attempts an item that was claimed.
   * @param isResumed whether its try was begun before, by this worker or another
   * Throws what is no GatewayError only if the run's lease is lost.
   */
  async carry(item: SyncItemRow, isResumed: boolean): Promise<CarriedItem> {
    let isOpen = false;
    try {
      if (isResumed) {
        const event = await this.#tools.store.auditEvents.get(item.event_id ?? '');
        const known = event && knownVerdict(event.outcome, event.targetId);
        if (known) return { verdict: known, changes: item.changes };
        isOpen = event !== null;
      }
      return await this.#attempt(item, isOpen);
    } catch (error) {
      if (error instanceof GatewayError) {
        const verdict = verdictOf({ ...item, isOpen }, error);
        return { verdict, changes: item.changes };
      }
      const { run } = this.#carriage;
      this.#tools.logger.error(
        { run: run.id, item: item.seq, error: describeError(error) },
        'a bug: an item broke off',
      );
      return { verdict: BUG, changes: item.changes };
    }
  }

  async #attempt(item: SyncItemRow, isOpen: boolean): Promise<CarriedItem> {
    const { judge, isStale } = this.#carriage;
    const { action, changes: planned } = item;
    const needed = await NeededItems.read(this.#tools.store.sync.runWork, item);
    const refusal = needed.refusalOf(item);
    if (refusal !== undefined && !isOpen) return { verdict: refusal, changes: planned };
    if (judge.isRefused(action) && !isOpen) return { verdict: DIRECTORY_SKIPPED, changes: planned };
    if (takesAway(item) && !isOpen && (await isStale())) return { verdict: STALE, changes: planned };
    if (action === 'CREATE' && !isOpen && (await this.#isLinkedMeanwhile(item)))
      return { verdict: LINKED_MEANWHILE, changes: planned };
    const organization = await this.#carriage.open();
    const named = await needed.named(organization.admin, item);
    const { changes, dropped } = judge.sendable(named.changes);
    const missing = [...named.missing, ...dropped];
    if (changes.length === 0 && planned.length > 0) return { verdict: nothingLeft(missing), changes };
    const verdict = await this.#send({ ...item, changes }, organization, isOpen, needed);
    return { verdict: missing.length === 0 ? verdict : without(verdict, missing), changes };
  }

  /** Whether another run has linked the record to a user since the plan was made: that user must not be created twice. */
  async #isLinkedMeanwhile({ plan_id: planId, kind, source_key: key, target_id: known }: SyncItemRow) {
    if (key === null) return false;
    const linked = await this.#tools.store.sync.runs.linkedId(planId, kind, key);
    return linked !== undefined && linked !== known;
  }

  async #send(
    item: SyncItemRow,
    organization: OpenOrganization,
    isOpen: boolean,
    needed: NeededItems,
  ): Promise<ItemVerdict> {
    const { request, end } = await this.#requestOf(item);
    try {
      const { kind, record } = await this.#make(item, organization, request, needed);
      const id = record !== null && 'id' in record && typeof record.id === 'string' ? record.id : null;
      return settledAs(kind === 'APPLIED' ? 'APPLIED' : 'ALREADY', id);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      const verdict = keepsNumber(verdictOf({ ...item, isOpen }, error), request.report.isRecorded);
      if (verdict.kind === 'SETTLED') {
        const target: Target = {
          type: item.kind === 'USER' ? 'User' : 'Group',
          id: item.target_id,
          name: item.name,
        };
        await this.#tools.provisioning.noteRefusal(request, organization.connector, target, error);
      }
      return verdict;
    } finally {
      end();
    }
  }

  async #make(
    item: SyncItemRow,
    organization: OpenOrganization,
    request: ChangeRequest,
    needed: NeededItems,
  ): Promise<Outcome<object>> {
    const { users, groups } = this.#tools.provisioning;
    const { action, changes, target_id: targetId } = item;
    if (action === 'CREATE') return users.create(organization, request, userInputOf(changes), 'item');
    if (action === 'CREATE_GROUP') {
      const { displayName, description } = groupInputOf(changes);
      return groups.create(
        organization,
        request,
        { displayName: displayName ?? '', description, members: [] },
        'item',
      );
    }
    const id = targetId ?? needed.createdGroup;
    if (id === undefined) throw new NotFound(item.kind === 'USER' ? 'user' : 'group', item.name);
    const reviewed = { changes, values: item.reviewed ?? {} };
    if (item.kind === 'GROUP') {
      if (action === 'DELETE_GROUP') return groups.delete(organization, request, { id, reviewed });
      if (action === 'CHANGE_MEMBERS')
        return groups.updateMembers(
          organization,
          request,
          { id, ...membersInputOf(changes), reviewed },
          'item',
        );
      return groups.update(organization, request, { id, ...groupInputOf(changes), reviewed }, 'item');
    }
    const { ownId } = this.#carriage;
    const ofUser = { ...reviewed, assertAllowed: assertMayLose(action, changes, ownId) };
    if (action === 'DELETE') return users.delete(organization, request, { id, reviewed: ofUser });
    return users.update(organization, request, { ...userInputOf(changes), id, reviewed: ofUser }, 'item');
  }

  async #requestOf(item: SyncItemRow) {
    const { run, seats, lease } = this.#carriage;
    const patience = new AbortController();
    const timer = setTimeout(
      () => patience.abort(new RecordBusy('waiting', BUSY_AGAIN_SECONDS)),
      PATIENCE_MS,
    );
    const request: ChangeRequest = {
      operation: OPERATIONS[item.action] ?? 'updateUser',
      actor: run.started_by,
      requestId: `sync:${run.id}#${item.seq}`,
      dryRun: false,
      idempotencyKey: undefined,
      once: item.event_id ?? undefined,
      firstBegunAt: await this.#firstBegunAt(item),
      looksOnly: item.looks > 0,
      lease,
      patience: patience.signal,
      seats,
      refusals: new Refusals(),
      report: new ChangeReport(),
    };
    return { request, end: () => clearTimeout(timer) };
  }

  /** When the first try of a creation began that may have sent something, as of performance.now(). */
  async #firstBegunAt({ action, tries, seq }: SyncItemRow): Promise<number | undefined> {
    if (action !== 'CREATE' && action !== 'CREATE_GROUP') return undefined;
    for (let number = 1; number < tries; number += 1) {
      const asked = performance.now();
      const event = await this.#tools.store.auditEvents.get(eventIdOf(this.#carriage.run.id, seq, number));
      if (event !== null) return asked - event.ageMs;
    }
    return undefined;
  }
}

/** The id of the audit event of an item's try, as the database makes it when the item is claimed. Pure. */
function eventIdOf(runId: string, seq: number, tries: number): string {
  const hex = createHash('sha256').update(`${runId}:${seq}:${tries}`).digest('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)];
  return parts.join('-');
}
