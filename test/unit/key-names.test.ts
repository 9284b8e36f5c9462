import { describe, expect, it } from 'vitest';
import { likenessOf, readKeyName } from '../../src/access/key-names.ts';

describe('the name of an API key', () => {
  it.each([
    ['hr-sync', 'hr-sync'],
    ['  two words ', 'two words'],
    ['ｈｒ－ｓｙｎｃ', 'hr-sync'],
    ['Bu\u0308ro', 'Büro'],
    ['кадры', 'кадры'],
    ['人事 sync', '人事 sync'],
    ['x'.repeat(100), 'x'.repeat(100)],
  ])('%j is kept as %j', (text, name) => {
    expect(readKeyName(text)).toBe(name);
  });

  it.each([
    ['', 'one line'],
    [' \u00a0', 'one line'],
    ['two\nlines', 'one line'],
    ['x'.repeat(101), 'one line'],
    ['x'.repeat(1_000_000), 'one line'],
    ['hr\u200bsync', 'nobody can see'],
    ['hr\u202esync', 'nobody can see'],
    ['hr\u00adsync', 'nobody can see'],
    ['hr\u3164sync', 'nobody can see'],
    ['hr\u2028sync', 'nobody can see'],
    ['hr\ud800', 'nobody can see'],
    ['hr-sуnc', 'scripts'],
    ['αdmin', 'scripts'],
  ])('%j is refused', (text, words) => {
    expect(() => readKeyName(text)).toThrow(words);
  });

  it.each([
    ['HR-Sync', 'hr-sync'],
    ['ＨＲ', 'hr'],
    ['срасе', 'cpace'],
    ['СРАСЕ', 'cpace'],
    ['key l', 'key 1'],
    ['team0', 'teamo'],
  ])('%j is taken for %j', (one, other) => {
    expect(likenessOf(one)).toBe(likenessOf(other));
  });

  it.each([
    ['hr-sync', 'hr-sync2'],
    ['büro', 'buro'],
    ['кадры', 'кадр'],
  ])('%j is not taken for %j', (one, other) => {
    expect(likenessOf(one)).not.toBe(likenessOf(other));
  });
});
