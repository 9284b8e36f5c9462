import { isIP } from 'node:net';
import { type AddressKind, kindOf } from '../datasources/http/addresses.ts';
import type { Destination, Destinations } from '../datasources/http/destinations.ts';
import { InvalidConfiguration } from '../errors/start.ts';

export type { Destinations };

/** Lists of origins as written in the configuration, with commas between them. */
export interface WrittenDestinations {
  readonly origins: string;
  readonly privateOrigins: string;
  readonly proxies: string;
}

type Variable = 'UPSTREAM_ORIGINS' | 'UPSTREAM_PRIVATE_ORIGINS' | 'UPSTREAM_PROXIES';

/** One entry of a list. */
interface Entry {
  readonly protocol: string;
  readonly hostname: string;
  /** Empty for the protocol's own, undefined for any. */
  readonly port: string | undefined;
  readonly kinds: ReadonlySet<AddressKind>;
}

const PUBLIC: ReadonlySet<AddressKind> = new Set(['public']);
const LOOPBACK: ReadonlySet<AddressKind> = new Set(['loopback']);
const ELSEWHERE: ReadonlySet<AddressKind> = new Set(['public', 'private']);

/**
 * Where requests may go. Names of UPSTREAM_ORIGINS may resolve to public addresses only, those of the other lists also
 * to private ones; an address that is itself in a list is allowed as it stands. localhost is this machine, and no other
 * name may lead to it.
 * Throws InvalidConfiguration, which names the variable.
 */
export function readDestinations(written: WrittenDestinations): Destinations {
  const upstream = [
    ...readEntries('UPSTREAM_ORIGINS', written.origins, PUBLIC),
    ...readEntries('UPSTREAM_PRIVATE_ORIGINS', written.privateOrigins, ELSEWHERE),
  ];
  const proxies = readEntries('UPSTREAM_PROXIES', written.proxies, ELSEWHERE);
  return {
    upstream: remembering((url) => find(upstream, url, 'UPSTREAM_PRIVATE_ORIGINS')),
    proxy: remembering((url) => find(proxies, url, 'UPSTREAM_PROXIES')),
  };
}

/** What is found for an origin, looked for once, as every request asks. There are no more than the lists allow. */
function remembering(look: (url: URL) => Destination | undefined): Destinations['upstream'] {
  const known = new Map<string, Destination>();
  return (url) => {
    const { origin } = url;
    const found = known.get(origin) ?? look(url);
    if (found !== undefined) known.set(origin, found);
    return found;
  };
}

function find(entries: readonly Entry[], url: URL, variable: Variable): Destination | undefined {
  const found = entries.filter(
    ({ protocol, hostname, port }) =>
      protocol === url.protocol && hostname === url.hostname && (port === undefined || port === url.port),
  );
  if (found.length === 0) return undefined;
  return { origin: url.origin, kinds: new Set(found.flatMap(({ kinds }) => [...kinds])), variable };
}

function readEntries(variable: Variable, list: string, kinds: ReadonlySet<AddressKind>): Entry[] {
  return list.split(',').flatMap((each) => {
    const text = each.trim();
    return text === '' ? [] : [readEntry(variable, text, kinds)];
  });
}

function readEntry(variable: Variable, text: string, kinds: ReadonlySet<AddressKind>): Entry {
  const anyPort = text.endsWith(':*');
  const url = URL.parse(anyPort ? text.slice(0, -2) : text);
  // A password in it is not repeated.
  if (url === null || !isOrigin(url)) {
    throw new InvalidConfiguration(
      variable,
      'must be origins like https://webexapis.com, with commas between them: http or https, a host name, perhaps a port, and nothing else.',
    );
  }
  const { protocol, hostname } = url;
  const address = hostname.replace(/^\[|\]$/g, '');
  const kind = isIP(address) === 0 ? undefined : kindOf(address);
  if (kind === 'never') {
    throw new InvalidConfiguration(
      variable,
      `must not hold ${url.origin}: nothing is sent to such an address.`,
    );
  }
  const isHere = hostname === 'localhost' || kind === 'loopback';
  if (protocol === 'http:' && !isHere && variable !== 'UPSTREAM_PROXIES') {
    throw new InvalidConfiguration(
      variable,
      `must have https for ${url.host}: plain http is for this machine (localhost) only.`,
    );
  }
  if (anyPort && !isHere) {
    throw new InvalidConfiguration(
      variable,
      `must name the port of ${url.hostname}: * is for this machine (localhost) only.`,
    );
  }
  return { protocol, hostname, port: anyPort ? undefined : url.port, kinds: isHere ? LOOPBACK : kinds };
}

function isOrigin(url: URL): boolean {
  return (
    ['http:', 'https:'].includes(url.protocol) &&
    url.href === `${url.origin}/` &&
    /^(\[[\da-f:]+\]|[\w-]+(\.[\w-]+)*)$/.test(url.hostname)
  );
}
