import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';

/** What a connector's pool is doing at this moment. */
export interface PoolReading {
  readonly connector: string;
  readonly maximumConnections: number;
  readonly connected: number;
  readonly running: number;
  readonly queued: number;
  readonly queuedInBackground: number;
  readonly throttledUntil: Date | undefined;
  readonly leftAloneUntil: Date | undefined;
}

/** What is asked each time that the metrics are read. */
export interface Sources {
  readonly pools: () => readonly PoolReading[];
  /** Days until each connector's refresh token expires, by name. */
  readonly daysLeft: () => Promise<ReadonlyMap<string, number>>;
}

/** How long the database may take to say when tokens expire, in milliseconds: the other metrics do not wait for it. */
const PATIENCE_MS = 1_000;

/** Adds what is read off at each scrape: one series for each connector there is. */
export function addGauges(registry: Registry, { pools, daysLeft }: Sources): void {
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
  ofPools('breaker_open', '1 while a Webex that does not answer is left alone.', (pool) =>
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
  new Gauge({
    name: 'webex_gateway_refresh_token_days_left',
    help: 'Whole days until the connection ends unless it is used. Connect again before.',
    labelNames: ['connector'],
    registers: [registry],
    async collect() {
      // While the database is away they stay as they were last seen.
      const known = await Promise.race([daysLeft(), nothingAfter(PATIENCE_MS)]).catch(() => undefined);
      if (known === undefined) return;
      this.reset();
      for (const [connector, days] of known) this.set({ connector }, days);
    },
  });
}

function secondsUntil(moment: Date | undefined): number {
  return moment === undefined ? 0 : Math.max(0, moment.getTime() - Date.now()) / 1_000;
}

function nothingAfter(milliseconds: number): Promise<undefined> {
  return sleep(milliseconds, undefined, { ref: false });
}
