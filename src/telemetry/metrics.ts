import { Gauge, Registry } from 'prom-client';

/** What the gateway measures, in the form that Prometheus reads. */
export interface Metrics {
  readonly contentType: string;
  /** The current values. */
  read(): Promise<string>;
}

/**
 * Makes the gateway's metrics.
 * @param daysLeft days until each connector's refresh token expires; asked for each time they are read
 */
export function createMetrics(daysLeft: () => Promise<ReadonlyMap<string, number>>): Metrics {
  const registry = new Registry();
  new Gauge({
    name: 'webex_gateway_refresh_token_days_left',
    help: 'Whole days until the connection ends unless it is used. Connect again before.',
    labelNames: ['connector'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const [connector, days] of await daysLeft()) this.set({ connector }, days);
    },
  });
  return { contentType: registry.contentType, read: () => registry.metrics() };
}
