import { UpstreamAddressRefused } from '../../errors/connection.ts';
import type { AddressKind } from './addresses.ts';

/** An origin that requests may go to. */
export interface Destination {
  readonly origin: string;
  /** What its name may resolve to. */
  readonly kinds: ReadonlySet<AddressKind>;
  /** Which variable of the configuration would let it resolve to more. */
  readonly variable: string;
}

/** Where requests may go, as the operator has allowed it. Undefined: nowhere. */
export interface Destinations {
  upstream(url: URL): Destination | undefined;
  proxy(url: URL): Destination | undefined;
}

/**
 * Throws UpstreamAddressRefused if nothing may be sent to the origin of `url`, or not through `proxy`.
 * @param proxy undefined without a proxy
 */
export function checkDestination(destinations: Destinations, url: URL, proxy: URL | undefined): void {
  if (destinations.upstream(url) === undefined) {
    throw new UpstreamAddressRefused(
      `Nothing was sent: ${url.origin} is not an allowed origin. Correct the address in the connector, or ask the operator to add it to UPSTREAM_ORIGINS.`,
      url.origin,
      'UPSTREAM_ORIGINS',
    );
  }
  if (proxy === undefined) return;
  const way = destinations.proxy(proxy);
  if (way === undefined) {
    throw new UpstreamAddressRefused(
      `Nothing was sent: ${proxy.origin} is not an allowed proxy. Correct proxyUrl in the connector, or ask the operator to add it to UPSTREAM_PROXIES.`,
      proxy.origin,
      'UPSTREAM_PROXIES',
    );
  }
  if (url.protocol === 'http:' && !isThisMachine(way)) {
    throw new UpstreamAddressRefused(
      `Nothing was sent to ${url.origin} through the proxy ${proxy.origin}, because tokens must not leave this machine over plain http. Use https, or no proxy.`,
      url.origin,
      'UPSTREAM_ORIGINS',
    );
  }
}

function isThisMachine({ kinds }: Destination): boolean {
  return [...kinds].every((kind) => kind === 'loopback');
}
