import { type UpstreamError, UpstreamTimeout } from '../../errors/upstream.ts';

/** Where a connection was to lead. */
export interface Endpoint {
  /** The setting that holds the address. */
  readonly setting: string;
  readonly url: URL;
  readonly proxyUrl: string | null;
  /** Seconds. */
  readonly timeout: number;
}

/** What it means that a name was not resolved, and how to mend it. */
export function nameNotResolved(error: unknown, host: string, setting: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  if (code === 'ENOTFOUND') {
    return `The name ${host} does not exist, as far as the DNS of this machine knows. If it is misspelt, correct ${setting} with updateConnector; otherwise mend the DNS.`;
  }
  return `The name ${host} could not be resolved just now (${code}): the DNS server of this machine does not answer. Look at its network settings, then test again.`;
}

/** What it means that a connection broke, and how to mend it. Never shows the password of a proxy. */
export function brokenConnection(error: UpstreamError, endpoint: Endpoint): string {
  const { setting, url, proxyUrl, timeout } = endpoint;
  const target = proxyUrl === null ? url.host : `${url.host}, through the proxy ${new URL(proxyUrl).host},`;
  if (error instanceof UpstreamTimeout) {
    return `${target} did not answer in time (the connection timeout is ${timeout} seconds). A firewall may swallow the connection: open it for this machine, or set proxyUrl if there is a proxy to use.`;
  }
  const code = error.call.brokenBy ?? '';
  const certificate = certificateFailure(code);
  if (certificate !== undefined)
    return `The TLS certificate of ${target} is not accepted: ${certificate} (${code}).`;
  switch (code) {
    case 'ECONNREFUSED':
      return `${target} refuses the connection: nothing listens there, or a firewall forbids it. If the address is wrong, correct ${proxyUrl === null ? setting : `${setting} or proxyUrl`} with updateConnector.`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `There is no way to ${target} from this machine (${code}). Look at its network, or set proxyUrl if there is a proxy to use.`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return `${target} closed the connection without an answer. A firewall or a proxy may forbid it: ask for ${url.hostname} to be allowed.`;
    default:
      return proxyUrl === null
        ? `The connection to ${target} broke${code === '' ? '' : ` (${code})`}. Test again; if that stays so, look at firewall and network.`
        : `The connection to ${target} broke${code === '' ? '' : ` (${code})`}. Does the proxy allow it, and are the user name and password in proxyUrl right?`;
  }
}

/** What is wrong with a certificate, by OpenSSL's and Node's names; undefined where it is not TLS that failed. */
function certificateFailure(code: string): string | undefined {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return 'it has expired. Whoever runs the server has to renew it; if it is Webex, look at the clock of this machine';
    case 'CERT_NOT_YET_VALID':
      return 'it is not valid yet. Look at the clock of this machine';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'it is for another name. Correct the address with updateConnector, or look who answers in its place';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'no authority that is trusted here has signed it. If a proxy of yours looks into TLS, set its certificate as caCertificates with updateConnector';
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'what answers does not speak TLS. Is the port right, or was http meant instead of https';
    default:
      return /CERT|SSL|TLS|ALTNAME/.test(code)
        ? 'the two sides could not agree. Look who answers at the address, and at what stands between'
        : undefined;
  }
}
