import { describe, expect, it } from 'vitest';
import { brokenConnection, nameNotResolved } from '../../src/connectors/doctor/network-failures.ts';
import { UpstreamUnavailable } from '../../src/errors/upstream.ts';

describe('each way in which a connection breaks has a sentence of its own', () => {
  const sentence = (brokenBy: string, proxyUrl: string | null = null) =>
    brokenConnection(new UpstreamUnavailable('', { method: 'GET', path: '/', brokenBy }), {
      setting: 'serviceUri',
      url: new URL('https://webexapis.com/v1'),
      proxyUrl,
      timeout: 30,
    });

  it.each([
    ['ECONNREFUSED', /refuses the connection.*correct serviceUri/],
    ['ENETUNREACH', /no route to webexapis\.com from this machine/],
    ['ECONNRESET', /closed the connection without an answer/],
    ['CERT_HAS_EXPIRED', /has expired/],
    ['CERT_NOT_YET_VALID', /not valid yet/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /for another name/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /not signed by a trusted authority.*caCertificates/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /does not speak TLS/],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', /handshake failed/],
    ['EWHATEVER', /broke \(EWHATEVER\)/],
  ])('%s', (code, expected) => {
    expect(sentence(code)).toMatch(expected);
  });

  it('names the proxy where there is one', () => {
    expect(sentence('', 'http://u:canary@proxy.example:3128')).toMatch(
      /through the proxy proxy\.example:3128, broke\. Does the proxy allow it/,
    );
  });

  it('tells a name that does not exist from a DNS server that does not answer', () => {
    const failure = (code: string) => Object.assign(new Error(code), { code });
    expect(nameNotResolved(failure('ENOTFOUND'), 'a.example', 'serviceUri')).toContain('correct serviceUri');
    expect(nameNotResolved(failure('EAI_AGAIN'), 'a.example', 'serviceUri')).toContain('does not answer');
  });
});
