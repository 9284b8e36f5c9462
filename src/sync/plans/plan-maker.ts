import { randomUUID } from 'node:crypto';
import type { OpenOrganization, Organizations } from '../../connectors/organizations.ts';
import { NotConnected } from '../../errors/connection.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { NotFound } from '../../errors/request.ts';
import { StoreUnavailable } from '../../errors/start.ts';
import type { Store } from '../../store/store.ts';
import { type Staging, StagingLost } from '../../store/sync/staging.ts';
import type { SyncPlanRow } from '../../store/sync/tables.ts';
import { describeError } from '../../telemetry/error-facts.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { compare } from '../compare/compare.ts';
import type { Mapping, ResolvedMapping } from '../mapping/mapping.ts';
import type { Mappings } from '../mapping/mappings.ts';
import { readMapping } from '../mapping/read-mapping.ts';
import { assertNames, type NameCatalogue, resolveNames } from '../mapping/resolve-names.ts';
import { changedSince } from '../observe/changed-since.ts';
import { type Observation, observe } from '../observe/observe.ts';
import { secondLook } from '../observe/second-look.ts';
import { closePlan } from './close-plan.ts';
import { openSource } from './open-source.ts';
import { PlanLog } from './plan-log.ts';
import { publishPlan } from './plan-notices.ts';
import { readSource, type SourceRead } from './read-source.ts';

export interface PlanMakerTools {
  readonly store: Pick<Store, 'sync' | 'notices' | 'grants' | 'auditEvents'>;
  readonly organizations: Organizations;
  readonly mappings: Pick<Mappings, 'get'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Seconds after which a plan can no longer be applied. */
  readonly planLifetime: number;
}

/** What a plan is made with. */
interface Making {
  readonly plan: SyncPlanRow;
  readonly signal: AbortSignal;
  readonly log: PlanLog;
  readonly staging: Staging;
  readonly organizationId: string;
  readonly organization: OpenOrganization;
}

/** Makes plans: reads the source and Webex, compares them, and stores what is to be done. Changes nothing in Webex. */
export class PlanMaker {
  readonly #tools: PlanMakerTools;

  constructor(tools: PlanMakerTools) {
    this.#tools = tools;
  }

  /**
   * Makes a plan that this worker has taken. Resolves when it is made or has failed, or cannot be gone on with here: the
   * database does not answer, or the signal was aborted. Never throws.
   */
  async make(plan: SyncPlanRow, signal: AbortSignal): Promise<void> {
    const { store } = this.#tools;
    const changed = () => publishPlan(store.notices, plan.id);
    try {
      const log = new PlanLog(plan, store.sync.planWork, changed);
      const staging = await store.sync.staging.open(plan.plan_no, plan.epoch);
      try {
        await this.#make(plan, log, staging, signal);
      } finally {
        await staging.drop();
      }
    } catch (error) {
      await this.#end(plan, signal, error);
    }
    await changed();
  }

  async #make(plan: SyncPlanRow, log: PlanLog, staging: Staging, signal: AbortSignal): Promise<void> {
    const { store, organizations } = this.#tools;
    const mapping = await this.#mapping(plan);
    const organization = await organizations.open(plan.connector_id, { lane: 'background', signal });
    const grant = await store.grants.get(plan.connector_id);
    if (grant === null) throw new NotConnected(organization.connector.name);
    const { organizationId } = grant;
    await log.note({ organizationId });
    const making = { plan, signal, log, staging, organizationId, organization };
    const { observation, source, resolved } = await this.#read(making, mapping);
    await log.note({ state: 'COMPARING', observedAt: observation.observedAt });
    await requireWhole(staging, observation, source);
    await staging.analyze();
    await this.#compare(making, resolved, observation, source);
  }

  async #mapping({ request }: SyncPlanRow): Promise<Mapping> {
    const { mapping } = request;
    const stored = 'text' in mapping ? mapping : await this.#stored(mapping);
    const read = readMapping(stored.text);
    if ('mapping' in read) return read.mapping;
    // It was read when the plan was asked for.
    throw new Error('A stored mapping cannot be read');
  }

  async #stored({ name, version }: { readonly name: string; readonly version: number }) {
    const found = await this.#tools.mappings.get(name, version);
    if (found === null) throw new NotFound('mapping', `${name} version ${version}`);
    return found;
  }

  /** Reads source and Webex side by side: one waits for the disk, the other for Webex. */
  async #read({ plan, signal, log, staging, organization }: Making, mapping: Mapping) {
    const { sync, auditEvents } = this.#tools.store;
    const source = await openSource(sync, plan.request);
    const failed = new AbortController();
    const ends = AbortSignal.any([signal, failed.signal]);
    const names = Promise.withResolvers<NameCatalogue>();
    const observing = log.measure('OBSERVING', () =>
      observe(organization, mapping.outline, {
        ...{ staging, signal: ends, catalogues: names.resolve },
        changedSince: (since) => changedSince(auditEvents, plan.connector_id, since),
        progress: (progress) => log.progress(progress),
      }),
    );
    observing.catch(names.reject);
    const resolving = names.promise.then((found) => resolve(mapping, found));
    const reading = log.measure('READING', async () => {
      const resolved = await resolving;
      const progress = (sourceRecords: number) => log.progress({ sourceRecords });
      const read = await readSource(source, resolved, { staging, signal: ends, progress });
      await log.note({ state: 'OBSERVING' });
      return { ...read, requests: 0 };
    });
    try {
      const [observation, read, resolved] = await Promise.all([observing, reading, resolving]);
      return { observation, source: read, resolved };
    } catch (error) {
      failed.abort(error);
      await Promise.allSettled([observing, reading]);
      throw error;
    }
  }

  async #compare(making: Making, mapping: ResolvedMapping, observation: Observation, source: SourceRead) {
    const { plan, signal, log, staging, organizationId, organization } = making;
    const { store, planLifetime } = this.#tools;
    const looks = { requests: 0 };
    const compared = await log.measure('COMPARING', async () => {
      const hasAppliedRun = await store.sync.plans.hasApplied(plan.connector_id, plan.mapping_name ?? '');
      const comparison = await store.sync.unhurried((db) =>
        compare({
          ...{ db, staging, signal, mapping, observation, hasAppliedRun },
          plan: { planNo: plan.plan_no, connectorId: plan.connector_id, organizationId },
          source: { end: endOf(plan, source) },
          narrow: plan.request.narrow,
          lateLook: async (asked) => {
            const look = await secondLook(organization, asked, signal);
            looks.requests += look.requests;
            return look;
          },
        }),
      );
      return { ...comparison, requests: looks.requests };
    });
    signal.throwIfAborted();
    await closePlan({
      ...{ store: store.sync, plan, staging, organizationId, mapping, observation },
      source: { ...source, end: endOf(plan, source) },
      ...{ comparison: compared, log, planLifetime },
      connections: organization.connector.maximumConnections,
    });
    this.#measure(log);
  }

  #measure(log: PlanLog): void {
    for (const { name, seconds } of log.phases) {
      if (name !== 'WAVE') this.#tools.metrics.sync.planned(PHASES[name], seconds);
    }
  }

  async #end(plan: SyncPlanRow, signal: AbortSignal, error: unknown): Promise<void> {
    const { store, logger } = this.#tools;
    // Another worker goes on with it, or it was canceled.
    if (signal.aborted) return;
    const isTrouble = error instanceof StoreUnavailable;
    if (isTrouble || error instanceof StagingLost) {
      logger.warn({ error: describeError(error) }, 'a plan of a synchronization was lost; it is made again');
      if (!isTrouble) await store.sync.planWork.beginAgain(plan.id, plan.epoch).catch(() => undefined);
      return;
    }
    const failure = error instanceof GatewayError ? error : this.#bug(error);
    await store.sync.planWork.fail(plan.id, plan.epoch, failure).catch((failed: unknown) => {
      logger.warn({ error: describeError(failed) }, 'could not store why a plan failed; it is made again');
    });
  }

  #bug(error: unknown) {
    const errorId = randomUUID();
    this.#tools.logger.error(
      { errorId, error: describeError(error) },
      'a bug: a plan of a synchronization failed',
    );
    const message = `Something went wrong in the gateway. Its log says more under the id ${errorId}.`;
    return { code: 'INTERNAL', message };
  }
}

const PHASES = { READING: 'reading', OBSERVING: 'observing', COMPARING: 'comparing' } as const;

/** Throws UnknownName or AmbiguousName if the organization does not have what the mapping names. */
function resolve(mapping: Mapping, catalogue: NameCatalogue): ResolvedMapping {
  const { mapping: resolved, problems } = resolveNames(mapping, catalogue);
  assertNames(problems);
  return resolved;
}

/** A retry reads the whole source, but is about a part of it: nothing follows from what is missing. */
function endOf({ request }: SyncPlanRow, { end }: SourceRead): SourceRead['end'] {
  return request.extent === 'CHANGES' ? 'CHANGES' : end;
}

/** PostgreSQL empties staging tables when it recovers from a crash. Throws StagingLost. */
async function requireWhole(staging: Staging, observation: Observation, source: SourceRead): Promise<void> {
  const counts = await staging.counts();
  const isWhole =
    counts.sync_source_rows === source.records &&
    counts.sync_wanted_members === source.members &&
    counts.sync_target_rows === observation.people + observation.others &&
    counts.sync_target_groups === observation.groups &&
    counts.sync_held_members === observation.heldMembers;
  if (!isWhole) throw new StagingLost('Rows are missing in the staging tables');
}
