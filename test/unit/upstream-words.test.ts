import { describe, expect, it } from 'vitest';
import { cleanWords, readTrackingId, withoutSecrets } from '../../src/datasources/http/upstream-words.ts';

const SECRET = 'a"secret&canary=7f3a/+ü';
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('an answer of an upstream without the secrets that it was sent', () => {
  it.each([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify(SECRET)],
    ['in a URL', encodeURIComponent(SECRET)],
    ['in a form', new URLSearchParams([['', SECRET]]).toString()],
    ['in base64', base64(SECRET)],
    ['in base64url', Buffer.from(SECRET).toString('base64url')],
    ['in the base64 of more, one byte in', base64(`:${SECRET}:`)],
    ['in the base64 of more, two bytes in', base64(`x:${SECRET}and more`)],
  ])('holds none that is spelled %s', (_how, spelled) => {
    const left = withoutSecrets(`before ${spelled} after`, [SECRET]);
    expect(left).toMatch(/^before .*\[removed\].* after$/);
    expect(left.length).toBeLessThan('before "xxxx[removed]xxxxxxxxxxxx" after'.length);
  });

  it('is left as it is if it holds none, or only what is too short to be one', () => {
    const text = 'All is well, and short.';
    expect(withoutSecrets(text, [SECRET, 'short', ''])).toBe(text);
  });
});

describe('words of an upstream', () => {
  const run = 'ZDI3MGEyYzQtNmFlNS00NDNhLWFlNzAtZGVjNjE0MGU1OGZm';
  const id = base64('ciscospark://us/PEOPLE/f5b36187-c8dd-4727-8b2f-f9c447f29046').replaceAll('=', '');

  it.each([
    ['bearer tokens', 'Denied: Bearer abc.def-123 is old', 'Denied: Bearer [removed] is old'],
    ['JSON Web Tokens', `No: eyJhbGciOiJSUzI1NiJ9.${run}.${run}!`, 'No: [removed].[removed].[removed]!'],
    ['long runs that look like tokens', `The token ${run}_PF84_x is old`, 'The token [removed] is old'],
    ['long runs of hexadecimal digits', `secret=${'0a'.repeat(32)}`, '[removed]'],
    ['control characters', 'one\u0000two\r\n\tthree\u2028four\u202efive', 'one two three four five'],
  ])('are shown without %s', (_what, said, shown) => {
    expect(cleanWords(said)).toBe(shown);
  });

  it.each([
    'The bearer token is missing.',
    `Could not find person ${id}.`,
    'The path /v1/identity/scim/groups/members/licenses/users was not found.',
    'Failed to create f5b36187-c8dd-4727-8b2f-f9c447f29046, license “Webex Basic”: 40 %.',
  ])('are left as they are where they hold no secret: %s', (said) => {
    expect(cleanWords(said)).toBe(said);
  });

  it('have 1,000 characters at most', () => {
    expect(cleanWords('so '.repeat(1_000_000))).toBe(`${'so '.repeat(333)}s`);
  });
});

describe('a tracking id of an upstream', () => {
  it.each(['ROUTER_5F3A-01BB_00.1', 'mine_1,mine_1', 'x'.repeat(100)])('is kept in its form: %s', (id) => {
    expect(readTrackingId(id)).toBe(id);
  });

  it.each([
    undefined,
    '',
    'Bearer token',
    'a [removed] b',
    '<script>',
    'x'.repeat(101),
    'ü',
    'a\n',
  ])('is left out in any other form: %j', (text) => {
    expect(readTrackingId(text)).toBeUndefined();
  });
});
