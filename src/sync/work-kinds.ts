import type { Mappings } from './mapping/mappings.ts';
import { PlanMaker } from './plans/plan-maker.ts';
import { RunCarrier } from './runs/run-carrier.ts';
import type { SyncSettings, SyncTools } from './sync.ts';
import { SyncWorker, type WorkKind } from './worker.ts';

/** What a worker needs of the rest of synchronization. */
export interface WorkParts {
  readonly mappings: Mappings;
  /** Does what schedules are due for. */
  readonly fireSchedules: () => Promise<void>;
}

/** A worker that makes plans and carries out runs. */
export function createWorker(
  tools: SyncTools,
  { atOnce, planLifetime }: SyncSettings,
  { mappings, fireSchedules }: WorkParts,
): SyncWorker {
  const { store, logger, metrics } = tools;
  const maker = new PlanMaker({ ...tools, mappings, planLifetime });
  const carrier = new RunCarrier(tools);
  return new SyncWorker({
    ...{ notices: store.notices, logger, metrics, atOnce },
    kinds: [plansOf(tools, maker), runsOf(tools, carrier)],
    due: () => store.sync.planWork.due(),
    fireSchedules,
  });
}

function plansOf({ store }: SyncTools, maker: PlanMaker): WorkKind {
  const { planWork } = store.sync;
  return {
    name: 'plans',
    async take(holder) {
      const plan = await planWork.takeDue(holder);
      return plan && { id: plan.id, epoch: plan.epoch, work: ({ signal }) => maker.make(plan, signal) };
    },
    renew: (id, epoch) => planWork.renew(id, epoch),
    giveBack: (id, epoch) => planWork.giveBack(id, epoch),
  };
}

function runsOf({ store }: SyncTools, carrier: RunCarrier): WorkKind {
  const { runWork } = store.sync;
  return {
    name: 'runs',
    async take(holder) {
      const run = await runWork.takeDue(holder);
      return run && { id: run.id, epoch: run.epoch, work: (lease) => carrier.carry(run, lease) };
    },
    renew: (id, epoch) => runWork.renew(id, epoch),
    giveBack: (id, epoch) => runWork.giveBack(id, epoch),
  };
}
