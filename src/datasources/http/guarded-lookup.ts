import dns from 'node:dns';
import type { LookupFunction } from 'node:net';
import { UpstreamAddressRefused } from '../../errors/connection.ts';
import { kindOf } from './addresses.ts';
import type { Destination } from './destinations.ts';

/**
 * Resolves the name of a destination for a connection that is about to be opened, and gives only addresses that it may
 * have. The connection goes to one of these, and the name is not asked about again, so a name that changes its mind
 * between a check and its use gains nothing. Fails with UpstreamAddressRefused where none is left.
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

/** The address is not told: it says something of a network that is none of the client's business. */
function refusal({ origin, kinds, variable }: Destination): UpstreamAddressRefused {
  const reason = `Nothing was sent to ${origin}, because its name leads to an address that it must not have.`;
  const advice =
    kinds.has('public') && !kinds.has('private')
      ? `If it is a server in a network of yours, ask whoever runs the gateway to allow that with ${variable}; otherwise look into the DNS.`
      : 'Look into the DNS.';
  return new UpstreamAddressRefused(`${reason} ${advice}`, origin, variable);
}
