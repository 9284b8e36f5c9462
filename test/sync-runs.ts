import { Connectors } from '../src/connectors/connectors.ts';
import { LiveConnections } from '../src/connectors/live-connections.ts';
import { Organizations } from '../src/connectors/organizations.ts';
import { Provisioning } from '../src/provisioning/provisioning.ts';
import type { StagingRow } from '../src/store/sync/staging.ts';
import type { SyncItemRow, SyncRunRow } from '../src/store/sync/tables.ts';
import type { FieldChange } from '../src/store/sync/words.ts';
import { LeaseKeeper } from '../src/sync/lease-keeper.ts';
import { RunCarrier } from '../src/sync/runs/run-carrier.ts';
import { Runs } from '../src/sync/runs/runs.ts';
import type { ItemDraft } from '../src/sync/words.ts';
import { createLogger } from '../src/telemetry/logger.ts';
import { Telemetry } from '../src/telemetry/telemetry.ts';
import { localDestinations } from './local-upstream.ts';
import { startWorld, type World, type WorldOptions } from './world.ts';

/** An item for a plan. `needs` are numbers of items, which begin at 1 and follow the order of the waves. */
export type GivenItem = Partial<ItemDraft> &
  Pick<ItemDraft, 'action' | 'name'> & { readonly needs?: readonly number[] };

/** A world whose plans are given by tests, and whose runs are carried out when a test says so. */
export interface RunWorld extends AsyncDisposable {
  readonly world: World;
  readonly runs: Runs;
  readonly organizationId: string;
  /** A plan with these items, as if it had been made and reviewed. */
  plan(
    items: readonly GivenItem[],
    lifetime?: number,
  ): Promise<{ readonly planId: string; readonly digest: string }>;
  /** Applies a plan with these items, and carries its run out until it pauses or ends. */
  apply(items: readonly GivenItem[]): Promise<SyncRunRow>;
  /** Takes the run that is due, and carries it out until it pauses or ends. Undefined: none is due. */
  carry(meanwhile?: (lease: LeaseKeeper) => unknown): Promise<SyncRunRow | undefined>;
  /** The items of a plan, in their order. */
  items(planId: string): Promise<SyncItemRow[]>;
}

/** Items wait for their next try as many times shorter. */
const WAIT_FACTOR = 0.01;

/** Starts a sandbox, a gateway, and what carries runs out. `await using` ends it. */
export async function startRunWorld(options: WorldOptions = {}): Promise<RunWorld> {
  const resources = new AsyncDisposableStack();
  const world = resources.use(await startWorld({ partner: false, ...options }));
  const { store } = world;
  const [connector] = await store.connectors.list();
  const connectorId = connector?.id ?? '';
  const logger = createLogger('debug', (line) => void line);
  const telemetry = new Telemetry();
  const live = new LiveConnections(store, logger, telemetry, localDestinations(), 30_000);
  const connectors = new Connectors(store, live, logger, localDestinations());
  const organizations = new Organizations(store, live, connectors);
  const { metrics } = telemetry;
  const provisioning = new Provisioning({
    ...{ store, logger, metrics, graceMs: 0 },
    open: (id) => organizations.open(id, { lane: 'background' }),
  });
  resources.defer(async () => {
    await provisioning.close();
    await live.close();
  });
  const runs = new Runs({ store, connectors, wake: () => Promise.resolve() });
  const tools = { store, provisioning, logger, organizations, connectors, metrics, waitFactor: WAIT_FACTOR };
  const carrier = new RunCarrier(tools);
  const organizationId = world.webex.org.id;
  const runWorld: RunWorld = {
    ...{ world, runs, organizationId },
    async plan(items, lifetime = 3_600) {
      const { sync } = store;
      const { plan } = await sync.plans.create({
        ...{ connectorId, mappingName: 'staff', mappingVersion: 1, requestedBy: 'planner' },
        request: { mapping: { name: 'staff', version: 1 }, extent: 'ALL', byAdmin: false },
      });
      const taken = await sync.planWork.takeDue('test');
      if (taken?.id !== plan.id) throw new Error('Another plan was taken');
      const closing = { id: plan.id, planNo: plan.plan_no, epoch: taken.epoch };
      const staging = await sync.staging.open(plan.plan_no, taken.epoch);
      await staging.insert('sync_drafts', items.map(draftOf));
      await sync.planWork.note(plan.id, taken.epoch, { state: 'COMPARING', organizationId });
      await sync.closing.number(closing);
      await sync.closing.clear(closing);
      await sync.closing.copy(closing, 1, items.length);
      const digest = await sync.closing.digest(plan.id, 'test');
      await sync.closing.finish(closing, {
        ...{ state: 'READY', digest, hasChanges: true, lists: [], counts: [], seats: [], verdicts: [] },
        ...{ estimate: { requests: 0, seconds: 0 }, phases: [], lifetime },
      });
      await staging.drop();
      return { planId: plan.id, digest };
    },
    async apply(items) {
      const { id } = await runs.apply(await runWorld.plan(items), 'operator');
      await runWorld.carry();
      const run = await runs.get(id);
      if (run === null) throw new Error('The run is gone');
      return run;
    },
    async carry(meanwhile) {
      const { runWork } = store.sync;
      const takenAt = performance.now();
      const run = await runWork.takeDue('test');
      if (run === undefined) return undefined;
      const lease = new LeaseKeeper(run.epoch, takenAt, () => runWork.renew(run.id, run.epoch));
      const work = carrier.carry(run, lease);
      await meanwhile?.(lease);
      await work.finally(() => lease.close());
      if (lease.signal.aborted) await runWork.giveBack(run.id, run.epoch);
      return (await runs.get(run.id)) ?? undefined;
    },
    async items(planId) {
      return (await store.sync.items.page(planId, {}, 100_000)).rows;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
  return runWorld;
}

function draftOf(item: GivenItem, index: number): StagingRow<'sync_drafts'> {
  return {
    ...{ draft_no: index + 1, seq: null, wave: item.wave ?? 3, kind: item.kind ?? 'USER' },
    ...{ situation: item.situation ?? 'CONFIRMED', action: item.action, withheld: item.withheld ?? null },
    ...{ reason: item.reason ?? null, name: item.name, at: item.at ?? null },
    ...{
      source_key: item.sourceKey ?? `key ${String(index).padStart(6, '0')}`,
      target_id: item.targetId ?? null,
    },
    ...{ changes: item.changes ?? [], reviewed: item.reviewed ?? null, link: item.link ?? null },
    ...{ candidates: null, needs: item.needs ? [...item.needs] : null, counts_in: {} },
    ...{ row_no: null, manager_row: null, takes: null },
  };
}

/** One field of an item. */
export function field(name: string, before: FieldChange['before'], after: FieldChange['after']): FieldChange {
  return { field: name, before, after };
}

/** An item that creates a user. */
export function creation(email: string, more: Partial<GivenItem> = {}): GivenItem {
  const displayName = `New ${email.split('@')[0]}`;
  return {
    ...{ action: 'CREATE', situation: 'ABSENT', name: email, link: { emails: [email] }, wave: 2 },
    sourceKey: `key of ${email}`,
    ...more,
    changes: [
      field('emails', null, [email]),
      field('displayName', null, displayName),
      ...(more.changes ?? []),
    ],
  };
}

/** An item that gives another title to a user of the sandbox. */
export function titleChange(
  person: { readonly id: string; readonly email: string; readonly title: string | undefined },
  title: string,
  reviewed: GivenItem['reviewed'] = {},
): GivenItem {
  const changes = [field('title', person.title ?? null, title)];
  const link = { emails: [person.email] };
  return {
    action: 'UPDATE',
    name: person.email,
    targetId: person.id,
    changes,
    link,
    ...(reviewed && { reviewed }),
  };
}
