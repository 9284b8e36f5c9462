import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';
import type { PoolStatus } from '../datasources/http/pool.ts';

/** What a connector's pool is doing at this moment. */
export interface PoolReading extends PoolStatus {
  readonly connector: string;
}

/** How a connector stands with Webex. */
export interface ConnectorStanding {
  readonly connector: string;
  readonly isConnected: boolean;
  /** Days until its refresh token expires; null if Webex does not say, or the connector has no token. */
  readonly daysLeft: number | null;
}

/** How many runs of synchronizations are in a state. */
export interface RunsInState {
  readonly state: string;
  readonly count: number;
}

/** What is asked each time that the metrics are read. */
export interface Sources {
  readonly pools: () => readonly PoolReading[];
  readonly standings: () => Promise<readonly ConnectorStanding[]>;
  readonly runs: () => Promise<readonly RunsInState[]>;
}

/** How long the database may take to say how connectors stand, in milliseconds: the other metrics do not wait for it. */
const PATIENCE_MS = 1_000;

/**
 * Adds what is read off at each scrape: one series for each connector there is.
 * @returns asks how connectors stand, which the next scrape shows; to be called before each. Undefined if the
 *   database does not say, or not in time: then what was last seen stays.
 */
export function addGauges(
  registry: Registry,
  { pools, standings, runs }: Sources,
): () => Promise<readonly ConnectorStanding[] | undefined> {
  const ask = patient(standings);
  const askRuns = addRuns(registry, runs);
  let known: readonly ConnectorStanding[] | undefined;
  // Another process may have deleted or renamed a connector whose pool is here.
  addPools(registry, () => {
    const names = known && new Set(known.map(({ connector }) => connector));
    return pools().filter(({ connector }) => names?.has(connector) !== false);
  });
  new Gauge({
    name: 'webex_gateway_connector_connected',
    help: '1 for a connector that is connected, 0 for one that has to be.',
    labelNames: ['connector'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { connector, isConnected } of known ?? []) this.set({ connector }, isConnected ? 1 : 0);
    },
  });
  new Gauge({
    name: 'webex_gateway_refresh_token_days_left',
    help: 'Whole days until the connection ends unless it is used. Connect again before.',
    labelNames: ['connector'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { connector, daysLeft } of known ?? []) {
        if (daysLeft !== null) this.set({ connector }, daysLeft);
      }
    },
  });
  return async () => {
    const [now] = await Promise.all([ask(), askRuns()]);
    known = now ?? known;
    return now;
  };
}

/** Asks once for all who want to know at the same time. Undefined if the database does not answer, or not in time. */
function patient<T>(ask: () => Promise<T>): () => Promise<T | undefined> {
  let asking: Promise<T | undefined> | undefined;
  return () => {
    asking ??= Promise.race([ask(), nothingAfter(PATIENCE_MS)])
      .catch(() => undefined)
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };
}

/** States of runs that have not ended. */
const OPEN_STATES = ['QUEUED', 'RUNNING', 'PAUSED'];

/** Adds how many runs have not ended. Returns what asks for their number before each scrape. */
function addRuns(registry: Registry, runs: Sources['runs']): () => Promise<void> {
  const ask = patient(runs);
  let known: readonly RunsInState[] | undefined;
  new Gauge({
    name: 'webex_gateway_sync_runs',
    help: 'Runs of synchronizations that have not ended, of all processes on the database.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.reset();
      if (known === undefined) return;
      for (const state of OPEN_STATES)
        this.set({ state }, known.find((each) => each.state === state)?.count ?? 0);
    },
  });
  return async () => {
    known = (await ask()) ?? known;
  };
}

function addPools(registry: Registry, pools: Sources['pools']): void {
  const ofPools = (name: string, help: string, read: (pool: PoolReading) => number) =>
    new Gauge({
      name: `webex_gateway_pool_${name}`,
      help,
      labelNames: ['connector'],
      registers: [registry],
      collect() {
        this.reset();
        for (const pool of pools()) this.set({ connector: pool.connector }, read(pool));
      },
    });
  ofPools('connections', 'Connections to Webex that are open.', (pool) => pool.connected);
  ofPools('maximum_connections', 'Most connections that may be open.', (pool) => pool.maximumConnections);
  ofPools('running_requests', 'Requests to Webex that are under way.', (pool) => pool.running);
  ofPools('pause_left_seconds', 'Seconds until the pause that Webex has asked for is over.', (pool) =>
    secondsUntil(pool.throttledUntil),
  );
  ofPools('breaker_open', '1 while the circuit breaker is open because Webex does not answer.', (pool) =>
    secondsUntil(pool.leftAloneUntil) > 0 ? 1 : 0,
  );
  new Gauge({
    name: 'webex_gateway_pool_queued_requests',
    help: 'Requests to Webex that wait for their turn.',
    labelNames: ['connector', 'lane'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { connector, queued, queuedInBackground } of pools()) {
        this.set({ connector, lane: 'interactive' }, queued - queuedInBackground);
        this.set({ connector, lane: 'background' }, queuedInBackground);
      }
    },
  });
}

function secondsUntil(moment: Date | undefined): number {
  return moment === undefined ? 0 : Math.max(0, moment.getTime() - Date.now()) / 1_000;
}

function nothingAfter(milliseconds: number): Promise<undefined> {
  return sleep(milliseconds, undefined, { ref: false });
}
