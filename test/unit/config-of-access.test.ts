import { describe, expect, it } from 'vitest';
import { parseScopeMap } from '../../src/access/scope-map.ts';
import { loadConfig } from '../../src/config.ts';

describe('the configuration of access', () => {
  it.each([
    [
      { ACCESS_CONTROL: 'off', HOST: '0.0.0.0' },
      'ACCESS_CONTROL may be off only while HOST and PUBLIC_URL are of',
    ],
    [{ ACCESS_CONTROL: 'off', PUBLIC_URL: 'https://gateway.example.com' }, 'ACCESS_CONTROL may be off only'],
    [{ ACCESS_CONTROL: 'maybe' }, 'ACCESS_CONTROL must be on or off, not "maybe".'],
    [{ OIDC_ISSUER: 'https://login.example.com' }, 'OIDC_AUDIENCE must be set together with OIDC_ISSUER'],
    [{ OIDC_ISSUER: 'http://login.example.com', OIDC_AUDIENCE: 'x' }, 'OIDC_ISSUER must be an https URL'],
  ])('%o is refused with a sentence', (environment, sentence) => {
    expect(() => loadConfig(environment)).toThrow(sentence);
  });

  it('never repeats a key that was given in place of its hash', () => {
    const wrong = { ADMIN_KEY_HASH: 'webexgw_the-key-itself' };
    expect(() => loadConfig(wrong)).toThrow('ADMIN_KEY_HASH must be the SHA-256 of a key');
    expect(() => loadConfig(wrong)).not.toThrow('the-key-itself');
  });

  it('maps values of a claim to scopes', () => {
    const map = parseScopeMap('hr=provision@acme, hr=read,group=with=sign=admin');
    expect([map('hr'), map('group=with=sign'), map('golf')]).toEqual([
      [
        { scope: 'provision', connectors: ['acme'] },
        { scope: 'read', connectors: null },
      ],
      [{ scope: 'admin', connectors: null }],
      [],
    ]);
    expect(parseScopeMap(undefined)('webex-gateway:read@acme')).toEqual([
      { scope: 'read', connectors: ['acme'] },
    ]);
    expect(() => parseScopeMap('hr=fly')).toThrow('OIDC_SCOPE_MAP must be like hr-sync=provision@acme');
  });
});
