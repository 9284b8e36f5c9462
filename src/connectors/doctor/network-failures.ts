import { type UpstreamError, UpstreamTimeout } from '../../errors/upstream.ts';

/** The target of a connection. */
export interface Endpoint {
  /** The setting that holds the address. */
  readonly setting: string;
  readonly url: URL;
  readonly proxyUrl: string | null;
  /** Seconds. */
  readonly timeout: number;
}

/** Why a name was not resolved, and how to fix it. */
export function nameNotResolved(error: unknown, host: string, setting: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  if (code === 'ENOTFOUND') {
    return `The name ${host} does not exist in the DNS of this machine. If it is misspelled, correct ${setting} with updateConnector. Otherwise fix the DNS.`;
  }
  return `The name ${host} could not be resolved just now (${code}): the DNS server of this machine does not answer. Check its network settings, then test again.`;
}

/** Why a connection broke, and how to fix it. Never shows the password of a proxy. */
export function brokenConnection(error: UpstreamError, endpoint: Endpoint): string {
  const { setting, url, proxyUrl, timeout } = endpoint;
  const target = proxyUrl === null ? url.host : `${url.host}, through the proxy ${new URL(proxyUrl).host},`;
  if (error instanceof UpstreamTimeout) {
    return `${target} did not answer in time (the connection timeout is ${timeout} seconds). A firewall may drop the connection: open it for this machine, or set proxyUrl if there is a proxy.`;
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
      return `There is no route to ${target} from this machine (${code}). Check its network, or set proxyUrl if there is a proxy.`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return `${target} closed the connection without an answer. A firewall or a proxy may block it: ask for ${url.hostname} to be allowed.`;
    default:
      return proxyUrl === null
        ? `The connection to ${target} broke${code === '' ? '' : ` (${code})`}. Test again. If it breaks again, check the firewall and the network.`
        : `The connection to ${target} broke${code === '' ? '' : ` (${code})`}. Does the proxy allow it, and are the user name and password in proxyUrl right?`;
  }
}

/** What is wrong with a certificate, by OpenSSL's and Node's names; undefined if it is not TLS that failed. */
function certificateFailure(code: string): string | undefined {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return 'it has expired. Ask the operator of the server to renew it. If the server is Webex, check the clock of this machine';
    case 'CERT_NOT_YET_VALID':
      return 'it is not valid yet. Check the clock of this machine';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'it is for another name. Correct the address with updateConnector, or check which server answers';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'it was not signed by a trusted authority. If your proxy inspects TLS, set its certificate as caCertificates with updateConnector';
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'the server does not speak TLS. Check the port, and whether http is meant instead of https';
    default:
      return /CERT|SSL|TLS|ALTNAME/.test(code)
        ? 'the TLS handshake failed. Check which server answers at the address, and whether a proxy is in between'
        : undefined;
  }
}
