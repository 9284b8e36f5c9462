import dns from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { UpstreamAddressRefused } from '../../errors/connection.ts';
import type { Destination } from './destinations.ts';

/**
 * Where an address leads, as far as it matters for tokens: to the internet, into a private network, to this machine, or
 * to an address that is never allowed.
 */
export type AddressKind = 'public' | 'private' | 'loopback' | 'never';

/** Where clouds tell a machine its own credentials; those that their range does not tell from others. */
const METADATA = new Set(
  ['100.100.100.200', '168.63.129.16', 'fd00:ec2::254', 'fd20:ce::254'].map(normalize),
);

/** What IANA has given out of IPv6 so far. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/** Translates to the whole IPv4 internet (RFC 6052), in networks that have IPv6 only. */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** The kind of an IP address, as a name resolves to it or as it stands in a URL, without brackets. */
export function kindOf(address: string): AddressKind {
  if (!ipaddr.isValid(address) || METADATA.has(normalize(address))) return 'never';
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv6 && parsed.match(NAT64)) {
    const behind = ipaddr.fromByteArray(parsed.toByteArray().slice(-4)).toString();
    return kindOf(behind) === 'public' ? 'public' : 'never';
  }
  switch (parsed.range()) {
    case 'unicast':
      return parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_UNICAST) ? 'public' : 'never';
    case 'private':
    case 'carrierGradeNat':
    case 'uniqueLocal':
      return 'private';
    case 'loopback':
      return 'loopback';
    default:
      return 'never';
  }
}

function normalize(address: string): string {
  return ipaddr.parse(address).toString();
}

/**
 * Resolves the name of a destination for a connection that is about to be opened, and gives only addresses that it may
 * have. The connection goes to one of these, and the name is not asked about again, so a name that changes its mind
 * between a check and its use gains nothing. Fails with UpstreamAddressRefused if none is left.
 */
export function guardedLookup(destination: Destination): LookupFunction {
  return (hostname, options, callback) => {
    dns.lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '');
      const allowed = found.filter(({ address }) => destination.kinds.has(kindOf(address)));
      const [first] = allowed;
      if (first === undefined) return callback(refusal(destination), '');
      if (options.all === true) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
  };
}

/** The message leaves the address out, because it would tell clients something about the operator's network. */
function refusal({ origin, kinds, variable }: Destination): UpstreamAddressRefused {
  const reason = `Nothing was sent to ${origin}, because its name resolves to an address that is not allowed.`;
  const advice =
    kinds.has('public') && !kinds.has('private')
      ? `If the server is in your private network, ask the operator to add it to ${variable}. Otherwise check the DNS.`
      : 'Check the DNS.';
  return new UpstreamAddressRefused(`${reason} ${advice}`, origin, variable);
}
