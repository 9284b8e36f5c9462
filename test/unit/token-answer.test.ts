import { describe, expect, it } from 'vitest';
import { readTokenAnswer } from '../../src/datasources/webex/oauth/token-answer.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const read = (body: unknown) => readTokenAnswer(typeof body === 'string' ? body : JSON.stringify(body), NOW);
const BARE = { access_token: 'a-1' };

describe('an answer of a token endpoint', () => {
  it('is read in the types of the standard', () => {
    const body = {
      access_token: 'a-1',
      token_type: 'Bearer',
      expires_in: 3_600,
      refresh_token: 'r-1',
      refresh_token_expires_in: 7_200,
      scope: 'one  two',
    };
    expect(read(body)).toEqual({
      accessToken: 'a-1',
      accessTokenExpiresAt: new Date('2026-01-01T01:00:00Z'),
      refreshToken: 'r-1',
      refreshTokenExpiresAt: new Date('2026-01-01T02:00:00Z'),
      scopes: ['one', 'two'],
    });
  });

  it('is read without anything but the access token, and the rest is unknown', () => {
    expect(read(BARE)).toEqual({
      accessToken: 'a-1',
      accessTokenExpiresAt: undefined,
      refreshToken: undefined,
      refreshTokenExpiresAt: undefined,
      scopes: undefined,
    });
  });

  it.each([
    ['3600', 3_600],
    [' 3600.5 ', 3_600.5],
    ['3.6e3', 3_600],
    [0.7, 0.7],
    [0, undefined],
    [-1, undefined],
    [1e300, undefined],
    ['', undefined],
    ['3600s', undefined],
    ['2027-01-01', undefined],
    [null, undefined],
    [true, undefined],
    [[3_600], undefined],
    [{}, undefined],
  ])('with a lifetime of %j lasts %j seconds', (lifetime, seconds) => {
    const answer = read({ ...BARE, expires_in: lifetime, refresh_token_expires_in: lifetime });
    const end = seconds === undefined ? undefined : new Date(NOW + seconds * 1_000);
    expect([answer?.accessTokenExpiresAt, answer?.refreshTokenExpiresAt]).toEqual([end, end]);
  });

  it.each([
    [
      ['one', 'two'],
      ['one', 'two'],
    ],
    [
      ['one two', 'two', '', 3],
      ['one', 'two'],
    ],
    ['one\ttwo\n', ['one', 'two']],
    ['', undefined],
    [[], undefined],
    [null, undefined],
    [7, undefined],
    [{ one: true }, undefined],
  ])('with the scope %j grants %j', (scope, scopes) => {
    expect(read({ ...BARE, scope })?.scopes).toEqual(scopes);
  });

  it.each(['Bearer', 'bearer', 'BEARER', ' bearer ', '', null, 7])('may have the token type %j', (type) => {
    expect(read({ ...BARE, token_type: type })?.accessToken).toBe('a-1');
  });

  it.each(['DPoP', 'mac', 'Bearer token'])('is refused with the token type %j', (type) => {
    expect(read({ ...BARE, token_type: type })).toBeUndefined();
  });

  it.each([
    '',
    'null',
    '[]',
    '"a-1"',
    '<html>',
    '{}',
    '{"access_token":""}',
    '{"access_token":7}',
    '{"access_token":"a\\r\\nX-Other: b"}',
  ])('is not accepted, if it is %s', (text) => {
    expect(read(text)).toBeUndefined();
  });

  it.each(['', 7, null, 'r\n1'])('keeps the refresh token that was used, if it holds %j', (token) => {
    expect(read({ ...BARE, refresh_token: token })).toMatchObject({ refreshToken: undefined });
  });
});
