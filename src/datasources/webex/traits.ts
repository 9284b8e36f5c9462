import type { ServiceTraits } from '../http/exchange.ts';

/** Webex, as a client of HTTP has to know it. `trackingid` is the header by which Cisco finds a request in its logs. */
export const WEBEX: ServiceTraits = {
  name: 'Webex',
  callIdHeader: 'trackingid',
  largestBody: 10 * 1024 * 1024,
};
