import { canonicalId } from '../../datasources/webex/ids.ts';
import type { PlanSeats } from '../../store/sync/documents.ts';
import {
  changeDrafts,
  type DraftPlace,
  draftsByNumber,
  heldAddresses,
  type ManagedDraft,
  managedDrafts,
  pageOfSeatDrafts,
  placeDrafts,
  type ReadDraft,
  type SeatDraft,
  setWaves,
  withholdDrafts,
} from '../../store/sync/draft-graph.ts';
import { countsOf } from './actions.ts';
import type { CompareContext } from './context.ts';
import { grantsChanged } from './differences.ts';
import type { DraftWriter } from './drafts.ts';
import { type AddressOrder, type ManagerOrder, orderAddresses, orderManagers } from './order.ts';
import { SeatCount } from './seats.ts';

const PAGE_SIZE = 1_000;
/** Waves of creations begin here; what frees and shuts is before. */
const FIRST_CREATIONS = 2;
const NO_SEATS = 'has no free seat';

/** Withholds drafts that take an address which does not become free. */
export async function arrangeAddresses(context: CompareContext): Promise<AddressOrder> {
  const order = orderAddresses(await heldAddresses(context.db, context.plan));
  for (const page of pagesOf(order.withheld)) await withholdDrafts(context.db, context.plan, page);
  return order;
}

/** Counts seats. Creations that would find none are withheld, and updates go on without the license. */
export async function arrangeSeats(context: CompareContext): Promise<readonly PlanSeats[]> {
  const count = new SeatCount(context.licenses.values());
  const asked = new Map<string, number>();
  for await (const draft of seatDrafts(context)) {
    count.free(draft);
    for (const id of draft.takes.map(canonicalId)) asked.set(id, (asked.get(id) ?? 0) + 1);
  }
  const isShort = count.isShort(asked);
  for (const creates of [true, false]) {
    let lacking = new Map<number, readonly string[]>();
    for await (const draft of seatDrafts(context)) {
      if ((draft.action === 'CREATE') !== creates || draft.takes.length === 0) continue;
      const missing = count.take(draft);
      if (isShort && missing.length > 0) lacking.set(draft.draft, missing);
      if (lacking.size < PAGE_SIZE) continue;
      await dropSeats(lacking, context);
      lacking = new Map();
    }
    await dropSeats(lacking, context);
  }
  return count.all;
}

async function* seatDrafts({ db, plan }: CompareContext): AsyncGenerator<SeatDraft> {
  let after = 0;
  for (;;) {
    const page = await pageOfSeatDrafts(db, plan, after, PAGE_SIZE);
    yield* page;
    if (page.length < PAGE_SIZE) return;
    after = page.at(-1)?.draft ?? after;
  }
}

async function dropSeats(
  lacking: ReadonlyMap<number, readonly string[]>,
  context: CompareContext,
): Promise<void> {
  if (lacking.size === 0) return;
  const drafts = await draftsByNumber(context.db, context.plan, [...lacking.keys()]);
  const changed = drafts.map((draft) => withoutSeats(draft, lacking.get(draft.draft_no) ?? [], context));
  await changeDrafts(context.db, context.plan, changed);
}

function withoutSeats(draft: ReadDraft, missing: readonly string[], context: CompareContext): ReadDraft {
  const { names } = context.rules.licenses;
  const said = missing
    .map((id) => `${JSON.stringify(names.get(canonicalId(id)) ?? id)} ${NO_SEATS}.`)
    .join(' ');
  const reason = draft.reason === null ? said : `${said} ${draft.reason}`;
  const without = draft.changes.flatMap((change) => {
    if (change.field !== 'licenses') return [change];
    const rest = idsOf(change.after).filter((id) => !missing.includes(id));
    return grantsChanged('licenses', idsOf(change.before), rest, names);
  });
  if (draft.action === 'CREATE' || without.length === 0) return { ...draft, withheld: 'NO_SEATS', reason };
  return { ...draft, reason, changes: without, counts_in: recounted(draft, without) };
}

/** Gives each draft its wave, and what must come before it. Managers who are not created are left out. */
export async function arrangeWaves(
  context: CompareContext,
  writer: DraftWriter,
  addresses: AddressOrder,
): Promise<void> {
  const { db, plan } = context;
  const managed = await managedDrafts(db, plan);
  const dropped = managed.filter(({ isManagerCreated }) => !isManagerCreated);
  for (const page of pagesOf(dropped)) await withoutManagers(page, context);
  const kept = managed.filter(({ isManagerCreated }) => isManagerCreated);
  const order = orderManagers(kept);
  const later = kept.filter(({ draft }) => order.later.has(draft));
  for (const page of pagesOf(later)) await setManagersLater(page, context, writer);
  const places = placesOf(addresses, order, kept);
  const updates = Math.max(FIRST_CREATIONS, ...places.map(({ wave = 0 }) => wave)) + 1;
  await setWaves(db, plan, updates);
  for (const page of pagesOf(places)) await placeDrafts(db, plan, page);
}

/** Waves of creations by the depth of their managers, of changed addresses by their place in a chain. Pure. */
function placesOf(
  { levels, needs }: AddressOrder,
  { depths, later }: ManagerOrder,
  managed: readonly ManagedDraft[],
): DraftPlace[] {
  const managers = new Map(
    managed.filter(({ draft }) => !later.has(draft)).map(({ draft, manager }) => [draft, manager]),
  );
  const waves = new Map<number, number>([...levels].map(([draft, level]) => [draft, 1 + level]));
  for (const [draft, depth] of [...depths].sort(([, one], [, other]) => one - other)) {
    const manager = managers.get(draft);
    const behind = manager === undefined ? 0 : (waves.get(manager) ?? FIRST_CREATIONS) + 1;
    waves.set(draft, Math.max(FIRST_CREATIONS + depth, behind, waves.get(draft) ?? 0));
  }
  return [...new Set([...waves.keys(), ...managers.keys()])].map((draft) => {
    const manager = managers.get(draft);
    return {
      ...{ draft, wave: waves.get(draft) },
      needs: [...(needs.get(draft) ?? []), ...(manager === undefined ? [] : [manager])],
    };
  });
}

async function withoutManagers(page: readonly ManagedDraft[], { db, plan }: CompareContext): Promise<void> {
  const drafts = await draftsByNumber(
    db,
    plan,
    page.map(({ draft }) => draft),
  );
  await changeDrafts(db, plan, drafts.map(withoutManager));
}

function withoutManager(draft: ReadDraft): ReadDraft {
  const note = 'The manager is not created in this plan, so the manager is left alone.';
  const reason = draft.reason === null ? note : `${draft.reason} ${note}`;
  const changes = draft.changes.filter(({ field }) => field !== 'managerId');
  const isNothing = changes.length === 0 && draft.action === 'UPDATE';
  const action = !isNothing ? draft.action : draft.situation === 'FOUND' ? 'LINK' : 'REPORT';
  return { ...draft, action, reason, changes, counts_in: recounted({ ...draft, action }, changes) };
}

/** The item of the user goes on without the manager, and another one sets the manager at the end. */
async function setManagersLater(
  page: readonly ManagedDraft[],
  { db, plan }: CompareContext,
  writer: DraftWriter,
): Promise<void> {
  const drafts = await draftsByNumber(
    db,
    plan,
    page.map(({ draft }) => draft),
  );
  const managers = new Map(page.map(({ draft, manager }) => [draft, manager]));
  const isManager = ({ field }: { readonly field: string }) => field === 'managerId';
  await changeDrafts(
    db,
    plan,
    drafts.map((draft) => {
      const changes = draft.changes.filter((change) => !isManager(change));
      return { ...draft, changes, counts_in: recounted(draft, changes) };
    }),
  );
  await writer.write(
    drafts.map((draft) => ({
      draft: {
        ...{ wave: 0, kind: 'USER', situation: draft.situation, action: 'SET_MANAGER', name: draft.name },
        reason: 'Managers in a circle, or too many below one another: the manager is set at the end.',
        ...(draft.at === null ? {} : { at: draft.at }),
        ...(draft.source_key === null ? {} : { sourceKey: draft.source_key }),
        ...(draft.target_id === null ? {} : { targetId: draft.target_id }),
        changes: draft.changes.filter(isManager),
        ...(draft.reviewed === null ? {} : { reviewed: draft.reviewed }),
        ...{ countsIn: {}, rowNo: null, managerRow: null, takes: [] },
        needs: [...new Set([draft.draft_no, managers.get(draft.draft_no) ?? draft.draft_no])],
      },
    })),
  );
}

function recounted(draft: Pick<ReadDraft, 'action' | 'counts_in'>, changes: ReadDraft['changes']) {
  return { ...countsOf(draft.action, changes, draft.counts_in.RELINK !== undefined) };
}

function idsOf(value: ReadDraft['changes'][number]['after']): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function* pagesOf<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let from = 0; from < rows.length; from += PAGE_SIZE) yield rows.slice(from, from + PAGE_SIZE);
}
