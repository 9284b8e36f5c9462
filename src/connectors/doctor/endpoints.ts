import { lookup } from 'node:dns/promises';
import type { HttpClient } from '../../datasources/http/client.ts';
import type { CallContext } from '../../datasources/rest/call-context.ts';
import { RateLimited, UpstreamDown, UpstreamTimeout, UpstreamUnavailable } from '../../errors/upstream.ts';
import type { ConnectorRecord } from '../../store/connectors.ts';
import { failed, type Observation, passed, skipped, warning } from './check.ts';
import { brokenConnection, nameNotResolved } from './network-failures.ts';

/** The upstream's time, and between which moments of ours it was told; epoch milliseconds. */
export interface ClockReading {
  readonly theirs: number;
  readonly sentAt: number;
  readonly receivedAt: number;
}

/**
 * Whether an address answers at all, asked with a GET that carries no token and uses nothing up, through
 * the connector's own pool, proxy and certificates.
 * @param setting which setting holds the address
 */
export async function examineEndpoint(
  http: HttpClient,
  connector: ConnectorRecord,
  setting: 'serviceUri' | 'tokenEndpoint',
  context: CallContext,
): Promise<Observation<ClockReading>> {
  const url = new URL(connector[setting]);
  // Before the name is resolved: the result would tell the caller something about the operator's network.
  http.checkDestination(url);
  // A proxy resolves the names behind it, so ours is the only one that has to be known here.
  const resolves = connector.proxyUrl === null ? { url, setting } : ofProxy(connector.proxyUrl);
  try {
    await lookup(resolves.url.hostname.replace(/^\[|\]$/g, ''));
  } catch (error) {
    return failed(nameNotResolved(error, resolves.url.hostname, resolves.setting));
  }
  const endpoint = { setting, url, proxyUrl: connector.proxyUrl, timeout: connector.connectionTimeout };
  try {
    const sentAt = Date.now();
    const headers = { accept: 'application/json' };
    const request = { method: 'GET', url, headers, signal: context.signal, retry: 'never' } as const;
    const answer = await http.send(request, context.meter);
    const theirs = Date.parse(answer.header('date') ?? '');
    const learned = Number.isNaN(theirs) ? undefined : { theirs, sentAt, receivedAt: Date.now() };
    return { ...judge(answer.status, url, connector.proxyUrl), learned };
  } catch (error) {
    if (error instanceof RateLimited) return warning(`${url.host} is reached. ${error.message}`);
    if (error instanceof UpstreamDown) {
      return failed(`${url.host} was not asked now, because it did not answer before. ${error.message}`);
    }
    if (error instanceof UpstreamTimeout || error instanceof UpstreamUnavailable) {
      return failed(brokenConnection(error, endpoint));
    }
    throw error;
  }
}

function ofProxy(proxyUrl: string) {
  return { url: new URL(proxyUrl), setting: 'proxyUrl' };
}

function judge(status: number, url: URL, proxyUrl: string | null) {
  const way = proxyUrl === null ? '' : ` through the proxy ${new URL(proxyUrl).host}`;
  if (status >= 500) {
    return warning(
      `${url.host} is reached${way}, but it, or a proxy before it, fails with status ${status}. If it keeps failing, check status.webex.com.`,
    );
  }
  const trust = url.protocol === 'https:' ? 'its certificate is trusted' : 'there is no TLS';
  return passed(
    `${url.host} is reached${way}, ${trust}, and it answers (with status ${status} to a request without a token, which is fine).`,
  );
}

const TOLERATED_MS = 60_000;
const UNBEARABLE_MS = 300_000;

/** How far this machine's clock is from the upstream's. A Date header counts whole seconds. */
export function examineClock(reading: ClockReading | undefined): Observation<never> {
  if (reading === undefined) {
    return skipped('No answer came that tells the time, so the clocks could not be compared.');
  }
  const ahead = reading.sentAt - (reading.theirs + 1_000);
  const behind = reading.theirs - reading.receivedAt;
  const apart = Math.max(ahead, behind, 0);
  if (apart <= TOLERATED_MS) {
    return passed('The clock of this machine agrees with Webex’s to within a minute.');
  }
  const message = `The clock of this machine is ${inWords(apart)} ${ahead > behind ? 'ahead of' : 'behind'} Webex’s. Certificates and tokens then seem expired, or not yet valid, and dates in logs mislead. Let it be set by NTP.`;
  return apart > UNBEARABLE_MS ? failed(message) : warning(message);
}

function inWords(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds < 120) return `${Math.round(seconds)} seconds`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} minutes`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} hours`;
  return `${Math.round(seconds / 86_400)} days`;
}
