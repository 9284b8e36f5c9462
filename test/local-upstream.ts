import { loadConfig } from '../src/config.ts';
import { type Destinations, readDestinations } from '../src/connectors/allowed-origins.ts';

/** The configuration of gateways under test: Webex itself may be named, and is never asked; servers here may be anything. */
export const LOCAL_UPSTREAM = {
  UPSTREAM_ORIGINS: 'https://webexapis.com,http://127.0.0.1:*,http://localhost:*,https://localhost:*',
  UPSTREAM_PROXIES: 'http://127.0.0.1:*',
} as const;

/** Variables of the configuration that say where requests may go. */
export type Upstream = Readonly<
  Partial<Record<'UPSTREAM_ORIGINS' | 'UPSTREAM_PRIVATE_ORIGINS' | 'UPSTREAM_PROXIES', string>>
>;

/** Where the requests of a gateway under test may go; `upstream` replaces variables. */
export function localDestinations(upstream: Upstream = {}): Destinations {
  return readDestinations(loadConfig({ ...LOCAL_UPSTREAM, ...upstream }).upstream);
}
