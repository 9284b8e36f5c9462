import { createHash } from 'node:crypto';
import { IdempotencyKeyReused, NotFound } from '../../errors/request.ts';
import { AlreadyEnded, PlanChanged, PlanNotApplicable, SelfApproval } from '../../errors/sync.ts';
import type { Store } from '../../store/store.ts';
import type { Verdict } from '../../store/sync/documents.ts';
import type { ItemFilter, PlanFilter } from '../../store/sync/filters.ts';
import type { SyncItemRow, SyncPlanRow } from '../../store/sync/tables.ts';
import { adminPartsOf } from '../mapping/limit-defaults.ts';
import type { Mappings } from '../mapping/mappings.ts';
import { readMapping } from '../mapping/read-mapping.ts';
import type { AskedPlan } from './asked-plan.ts';
import { publishPlan } from './plan-notices.ts';
import { checkRequest } from './plan-request.ts';

export interface PlansTools {
  readonly store: Pick<Store, 'sync' | 'notices'>;
  readonly mappings: Mappings;
  /** Whether a caller may approve a plan of its own. */
  readonly selfApproval: boolean;
  /** Days that applied plans are kept. */
  readonly history: number;
  /** Tells the workers that there is work, or which work was canceled. */
  readonly wake: (id?: string) => Promise<void>;
}

export interface Approval {
  readonly id: string;
  /** Of the plan as it was reviewed, hexadecimal. */
  readonly digest: string;
  readonly reason: string;
  readonly actor: string;
}

/** A page of rows. */
export interface Page<Row> {
  readonly rows: Row[];
  readonly hasNextPage: boolean;
}

/** What callers do with plans: ask for, read, approve and cancel them. All methods throw StoreUnavailable. */
export class Plans {
  readonly #tools: PlansTools;

  constructor(tools: PlansTools) {
    this.#tools = tools;
  }

  /**
   * Stores a plan that a worker makes from now on. Nothing is changed in Webex.
   * Throws InvalidInput, NotFound, Forbidden, IdempotencyKeyReused.
   */
  async plan(asked: AskedPlan): Promise<SyncPlanRow> {
    const { sync } = this.#tools.store;
    const checked = await checkRequest({ store: sync, mappings: this.#tools.mappings }, asked);
    const { connectorId, actor: requestedBy, idempotencyKey } = asked;
    const hash = hashOf(JSON.stringify({ ...asked, idempotencyKey: undefined }));
    const once = idempotencyKey === undefined ? {} : { once: { key: hashOf(idempotencyKey), hash } };
    const { plan, isNew } = await sync.plans.create({ ...checked, connectorId, requestedBy, ...once });
    if (!isNew && plan.request_hash !== hash) throw new IdempotencyKeyReused();
    if (isNew) await this.#tools.wake();
    return plan;
  }

  /** Null if the plan does not exist. A plan whose time is over is EXPIRED. */
  async get(id: string): Promise<SyncPlanRow | null> {
    const { plans } = this.#tools.store.sync;
    const plan = await plans.get(id);
    const isUnused = plan?.state === 'READY' || plan?.state === 'BLOCKED';
    if (plan === null || !isUnused || !isOver(plan)) return plan;
    await this.#expire();
    return plans.get(id);
  }

  /** Plans of a connector, the newest first. @param after `plan_no` of the last plan of the page before */
  page(connectorId: string, filter: PlanFilter, first: number, after?: number): Promise<Page<SyncPlanRow>> {
    return this.#tools.store.sync.plans.page(connectorId, filter, first, after);
  }

  count(connectorId: string, filter: PlanFilter): Promise<number> {
    return this.#tools.store.sync.plans.count(connectorId, filter);
  }

  /** Items of a plan by number. @param after `seq` of the last item of the page before */
  items(planId: string, filter: ItemFilter, first: number, after?: number): Promise<Page<SyncItemRow>> {
    return this.#tools.store.sync.items.page(planId, filter, first, after);
  }

  countItems(planId: string, filter: ItemFilter): Promise<number> {
    return this.#tools.store.sync.items.count(planId, filter);
  }

  item(planId: string, seq: number): Promise<SyncItemRow | null> {
    return this.#tools.store.sync.items.get(planId, seq);
  }

  /** The items with these numbers, in the order of their numbers. */
  itemsBySeq(planId: string, seqs: readonly number[]): Promise<SyncItemRow[]> {
    return this.#tools.store.sync.items.ofSeqs(planId, seqs);
  }

  /**
   * Lets a plan through that exceeds limits. The caller has the scope admin.
   * Throws NotFound, PlanChanged, PlanNotApplicable, SelfApproval.
   */
  async approve({ id, digest, reason, actor }: Approval): Promise<SyncPlanRow> {
    const { store } = this.#tools;
    const plan = await this.#require(id);
    requireBlocked(plan);
    const known = plan.digest?.toString('hex') ?? '';
    if (known !== digest.toLowerCase()) throw new PlanChanged(known);
    await this.#requireOther(plan, actor);
    const verdicts = (plan.verdicts ?? []).map(approved);
    const now = await store.sync.plans.approve(id, { digest: known, actor, reason, verdicts });
    if (now === undefined) {
      const found = await this.#require(id);
      throw new PlanNotApplicable(found.state, sentenceOf(found));
    }
    await this.#markMissing(plan);
    await publishPlan(store.notices, id);
    return now;
  }

  /** Ends a plan that is being made, or that was not applied. Throws NotFound, AlreadyEnded. */
  async cancel(id: string): Promise<SyncPlanRow> {
    const { store, wake } = this.#tools;
    const canceled = await store.sync.plans.cancel(id);
    if (canceled === undefined) throw new AlreadyEnded((await this.#require(id)).state);
    await publishPlan(store.notices, id);
    await wake(id);
    return canceled;
  }

  /** Ends plans whose time is over, and deletes old ones. */
  async forgetOld(): Promise<void> {
    const { store, history } = this.#tools;
    await this.#expire();
    await store.sync.plans.forgetOld(history);
  }

  async #expire(): Promise<void> {
    const { store } = this.#tools;
    for (const id of await store.sync.plans.expire()) await publishPlan(store.notices, id);
  }

  async #require(id: string): Promise<SyncPlanRow> {
    const plan = await this.get(id);
    if (plan === null) throw new NotFound('plan', id);
    return plan;
  }

  /** An approval comes from another caller than the plan and what raises its limits. */
  async #requireOther(plan: SyncPlanRow, actor: string): Promise<void> {
    if (this.#tools.selfApproval) return;
    if (plan.requested_by === actor) throw new SelfApproval('You have requested this plan yourself.');
    // As it was when the plan was requested: the schedule may have changed hands since.
    if (plan.request.onBehalfOf === actor)
      throw new SelfApproval('You have created the schedule that requested this plan.');
    const { mapping } = plan.request;
    const stored = 'text' in mapping ? null : await this.#tools.mappings.get(mapping.name, mapping.version);
    if (stored?.created_by === actor && raisesExceeded(stored.text, plan))
      throw new SelfApproval('You have written the mapping that raises a limit which this plan exceeds.');
  }

  /** The approved loss of records of the source starts grace periods. */
  async #markMissing(plan: SyncPlanRow): Promise<void> {
    const { connector_id, organization_id, mapping_name, verdicts } = plan;
    const isShrunk = verdicts?.some(({ limit, outcome }) => limit === 'SOURCE_SHRUNK' && isOpen(outcome));
    if (isShrunk !== true || organization_id === null || mapping_name === null) return;
    const owner = { connectorId: connector_id, organizationId: organization_id, mappingName: mapping_name };
    await this.#tools.store.sync.missingLinks.mark(owner, plan.id);
  }
}

/** Whether a mapping raises a limit that the plan exceeds all the same. */
function raisesExceeded(text: string, { verdicts }: SyncPlanRow): boolean {
  const read = readMapping(text);
  const raised = 'mapping' in read ? adminPartsOf(read.mapping.outline).limits : [];
  return (verdicts ?? []).some(({ limit, outcome }) => isOpen(outcome) && raised.includes(limit));
}

function requireBlocked(plan: SyncPlanRow): void {
  const isForbidden = plan.verdicts?.some(({ outcome }) => outcome === 'FORBIDDEN') === true;
  if (plan.state === 'BLOCKED' && !isForbidden && !isOver(plan)) return;
  throw new PlanNotApplicable(plan.state, sentenceOf(plan));
}

function sentenceOf(plan: SyncPlanRow): string {
  if (plan.state !== 'BLOCKED')
    return `Only a plan that is BLOCKED needs an approval. This one is ${plan.state}.`;
  if (isOver(plan)) return 'The plan has expired. Plan again.';
  return 'No approval lets this plan through: one of its verdicts is FORBIDDEN. Fix the source, then plan again.';
}

function isOver({ expires_at }: SyncPlanRow): boolean {
  return expires_at !== null && expires_at.getTime() <= Date.now();
}

function isOpen(outcome: Verdict['outcome']): boolean {
  return outcome === 'NEEDS_APPROVAL';
}

function approved(verdict: Verdict): Verdict {
  return isOpen(verdict.outcome) ? { ...verdict, outcome: 'APPROVED' } : verdict;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
