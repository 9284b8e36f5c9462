import { describe, expect, it } from 'vitest';
import { readDestinations } from '../../src/connectors/allowed-origins.ts';
import { kindOf } from '../../src/datasources/http/addresses.ts';

const KINDS = {
  public: ['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '64:ff9b::808:808'],
  private: [
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    'fc00::1',
    'fd12:3456::1',
  ],
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  never: [
    ...['0.0.0.0', '0.1.2.3', '169.254.0.1', '169.254.169.254', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
    ...['192.0.0.192', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '192.88.99.1'],
    ...['100.100.100.200', '168.63.129.16', 'fd00:ec2::254', 'FD00:EC2:0::254', 'fd20:ce::254'],
    ...['::', 'fe80::1', 'fe80::1%lo', 'fec0::1', 'ff02::1', '2001:db8::1', '2002:7f00:1::', '2001:0:1::1'],
    ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:0:8.8.8.8', '::127.0.0.1', '4000::1'],
    ...['64:ff9b::7f00:1', '64:ff9b::a00:1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::808:808'],
    ...['', 'localhost', '[::1]', '127.0.0.1:80'],
  ],
} as const;

describe('the kind of an address', () => {
  it.each(Object.entries(KINDS))('is %s', (kind, addresses) => {
    expect(addresses.map((address) => [address, kindOf(address)])).toEqual(
      addresses.map((address) => [address, kind]),
    );
  });
});

const NOTHING = { origins: '', privateOrigins: '', proxies: '' };

describe('where requests may go', () => {
  const destinations = readDestinations({
    origins: ' https://webexapis.com , https://10.1.2.3:8443,http://localhost:*,http://[::1]:4001,',
    privateOrigins: 'https://webex.corp.example',
    proxies: 'http://proxy.corp.example:3128,https://secure.example',
  });
  const upstream = (url: string) => destinations.upstream(new URL(url));

  it('is what was written, in whatever spelling a URL may have', () => {
    for (const url of [
      ...['https://webexapis.com/v1', 'https://WEBEXAPIS.com:443/', 'https://ｗｅｂｅｘapis.com/'],
      ...['https://10.1.2.3:8443/x', 'https://0x0a.1.515:8443/x', 'https://webex.corp.example/v1'],
      ...['http://localhost/', 'http://localhost:65535/', 'http://[0:0::1]:4001/'],
    ]) {
      expect([url, upstream(url)?.origin]).toEqual([url, new URL(url).origin]);
    }
    expect(destinations.proxy(new URL('http://user:password@proxy.corp.example:3128'))).toBeDefined();
  });

  it('is nothing else', () => {
    for (const url of [
      ...[
        'http://webexapis.com/',
        'https://webexapis.com:8443/',
        'https://webexapis.com./',
        'https://evil.example/',
      ],
      ...[
        'https://webexapis.com.evil.example/',
        'https://api.webexapis.com/',
        'https://webexapis.com@evil.example/',
      ],
      ...[
        'https://wеbexapis.com/',
        'https://localhost/',
        'http://localhost./',
        'http://127.0.0.1/',
        'http://[::1]/',
      ],
      ...[
        'https://10.1.2.3/',
        'http://10.1.2.3:8443/',
        'ftp://webexapis.com/',
        'http://proxy.corp.example:3128/',
      ],
    ]) {
      expect([url, upstream(url)]).toEqual([url, undefined]);
    }
    for (const url of ['http://proxy.corp.example', 'http://secure.example:443', 'https://webexapis.com']) {
      expect(destinations.proxy(new URL(url))).toBeUndefined();
    }
  });

  it('resolves to public addresses, unless it is in the list of private origins or a proxy', () => {
    expect([...(upstream('https://webexapis.com')?.kinds ?? [])]).toEqual(['public']);
    expect([...(upstream('http://localhost:1')?.kinds ?? [])]).toEqual(['loopback']);
    expect(upstream('https://webex.corp.example')?.kinds).toEqual(new Set(['public', 'private']));
    expect(destinations.proxy(new URL('https://secure.example'))?.kinds.has('private')).toBe(true);
  });

  it.each([
    [{ origins: 'webexapis.com' }, /^UPSTREAM_ORIGINS must be origins like https/],
    [{ origins: 'https://webexapis.com/v1' }, /^UPSTREAM_ORIGINS must be origins/],
    [{ origins: 'https://webexapis.com?x' }, /^UPSTREAM_ORIGINS must be origins/],
    [{ origins: 'https://user:canary@webexapis.com' }, /^UPSTREAM_ORIGINS must be origins(?!.*canary)/],
    [{ origins: 'https://*.webexapis.com' }, /^UPSTREAM_ORIGINS must be origins/],
    [{ origins: '*' }, /^UPSTREAM_ORIGINS must be origins/],
    [{ origins: 'https://webexapis.com.' }, /^UPSTREAM_ORIGINS must be origins/],
    [{ origins: 'ftp://webexapis.com' }, /^UPSTREAM_ORIGINS must be origins/],
    [{ origins: 'http://webexapis.com' }, /^UPSTREAM_ORIGINS must have https for webexapis\.com/],
    [{ origins: 'http://10.0.0.1' }, /^UPSTREAM_ORIGINS must have https for 10\.0\.0\.1/],
    [{ origins: 'https://webexapis.com:*' }, /^UPSTREAM_ORIGINS must name the port of webexapis\.com/],
    [{ origins: 'https://169.254.169.254' }, /^UPSTREAM_ORIGINS must not hold https:\/\/169\.254\.169\.254/],
    [{ origins: 'http://[::ffff:127.0.0.1]' }, /^UPSTREAM_ORIGINS must not hold/],
    [{ privateOrigins: 'http://webex.corp.example' }, /^UPSTREAM_PRIVATE_ORIGINS must have https/],
    [{ proxies: 'socks5://proxy.example' }, /^UPSTREAM_PROXIES must be origins/],
    [{ proxies: 'http://proxy.example:*' }, /^UPSTREAM_PROXIES must name the port/],
    [{ proxies: 'http://100.100.100.200:3128' }, /^UPSTREAM_PROXIES must not hold/],
  ])('is refused as written in %o, by the name of the variable', (written, sentence) => {
    expect(() => readDestinations({ ...NOTHING, ...written })).toThrow(sentence);
  });
});
