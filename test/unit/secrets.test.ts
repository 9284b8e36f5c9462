import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { InvalidConfiguration, SecretKeyMismatch } from '../../src/errors/start.ts';
import {
  createSealer,
  formatSecretKey,
  generateSecretKey,
  parseSecretKeys,
} from '../../src/store/secrets/secrets.ts';

const PLACE = 'connectors/1/client_secret';
const KEY_TEXT = Buffer.alloc(32, 7).toString('base64');

describe('parsing SECRET_KEYS', () => {
  test('reads one key, and several in their order', () => {
    const keys = parseSecretKeys(`new:${KEY_TEXT}, old:${Buffer.alloc(32, 8).toString('base64')}`);
    expect(keys.map((key) => [key.id, Buffer.from(key.key)])).toEqual([
      ['new', Buffer.alloc(32, 7)],
      ['old', Buffer.alloc(32, 8)],
    ]);
  });

  test('reads what was written', () => {
    const key = generateSecretKey('k-1');
    const [read] = parseSecretKeys(formatSecretKey(key));
    expect(read?.id).toBe('k-1');
    expect(read?.key).toEqual(key.key);
  });

  test.each([
    ['nothing', ''],
    ['a key without an id', KEY_TEXT],
    ['an id with a dot', `a.b:${KEY_TEXT}`],
    ['a key that is too short', `a:${Buffer.alloc(31, 7).toString('base64')}`],
    ['a key that is too long', `a:${Buffer.alloc(33, 7).toString('base64')}`],
    ['a key that is not base64', `a:${'*'.repeat(43)}`],
    ['an id given twice', `a:${KEY_TEXT},a:${KEY_TEXT}`],
    ['an empty entry', `a:${KEY_TEXT},`],
  ])('refuses %s without repeating any of it', (_what, text) => {
    const refusal = catchError(() => parseSecretKeys(text));
    expect(refusal).toBeInstanceOf(InvalidConfiguration);
    expect(String(refusal)).toContain('SECRET_KEYS');
    expect(inspect(refusal)).not.toContain(KEY_TEXT.slice(0, 20));
  });

  test('a key shows its bytes neither when inspected nor as JSON', () => {
    const keys = parseSecretKeys(`a:${KEY_TEXT}`);
    const shown = inspect(keys, { depth: Number.POSITIVE_INFINITY, showHidden: true }) + JSON.stringify(keys);
    expect(shown).toContain('a');
    expect(shown).not.toMatch(/07 07 07|7, 7, 7|"key"/);
  });
});

describe('sealing', () => {
  const key = generateSecretKey('k1');
  const sealer = createSealer([key]);

  test.each(['', 'secret', 'ßecret 🔑', 'x'.repeat(10_000)])('opens what was sealed', (plain) => {
    const sealed = sealer.seal(plain, PLACE);
    expect(sealed).toMatch(/^v1\.k1\.[\w-]+$/);
    expect(sealer.open(sealed, PLACE)).toBe(plain);
  });

  test('seals the same value differently each time', () => {
    const sealed = Array.from({ length: 100 }, () => sealer.seal('same', PLACE));
    expect(new Set(sealed).size).toBe(100);
  });

  test('does not open in another place', () => {
    const sealed = sealer.seal('secret', PLACE);
    expect(() => sealer.open(sealed, 'connectors/2/client_secret')).toThrow(SecretKeyMismatch);
  });

  test('does not open when any part was changed', () => {
    const sealed = sealer.seal('secret', PLACE);
    const start = 'v1.k1.'.length;
    for (let index = start; index < sealed.length; index++) {
      const changed = sealed.slice(0, index) + (sealed[index] === 'A' ? 'B' : 'A') + sealed.slice(index + 1);
      if (
        Buffer.from(changed.slice(start), 'base64url').equals(Buffer.from(sealed.slice(start), 'base64url'))
      )
        continue;
      expect(() => sealer.open(changed, PLACE), `character ${index}`).toThrow(SecretKeyMismatch);
    }
  });

  test.each(['', 'secret', 'v2.k1.AAAA', 'v1.k1.', 'v1.k1.AAAA', 'v1..AAAA'])('refuses %j', (text) => {
    expect(() => sealer.open(text, PLACE)).toThrow(SecretKeyMismatch);
  });

  test('says which key is missing and what to do', () => {
    const sealed = sealer.seal('secret', PLACE);
    const other = createSealer([generateSecretKey('k2')]);
    expect(() => other.open(sealed, PLACE)).toThrow(/"k1".*SECRET_KEYS/);
  });

  test('refuses another key with the same id', () => {
    const sealed = sealer.seal('secret', PLACE);
    const other = createSealer([generateSecretKey('k1')]);
    expect(() => other.open(sealed, PLACE)).toThrow(SecretKeyMismatch);
  });

  test('seals with the first key and opens with all', () => {
    const rotated = createSealer([generateSecretKey('k2'), key]);
    expect(rotated.keyIds).toEqual(['k2', 'k1']);
    expect(rotated.open(sealer.seal('old', PLACE), PLACE)).toBe('old');
    expect(rotated.seal('new', PLACE)).toMatch(/^v1\.k2\./);
  });

  test('needs a key', () => {
    expect(() => createSealer([])).toThrow(InvalidConfiguration);
  });

  test('shows no key when inspected', () => {
    const known = createSealer([{ id: 'seven', key: new Uint8Array(32).fill(7) }]);
    expect(inspect(known, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toMatch(/7, 7|07 07/);
  });
});

function catchError(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
