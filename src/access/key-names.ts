import { InvalidInput } from '../errors/request.ts';

const LONGEST_NAME = 100;

/** Scripts whose letters look like those of another of these. */
const SCRIPTS_ALIKE = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
  /\p{Script=Coptic}/u,
];

/** Letters and digits that look like others, and what they look like. Source: Unicode, confusables.txt (UTS 39). */
const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: 'аα',
    b: 'ьβ',
    c: 'сϲ',
    d: 'ԁ',
    e: 'еεҽ',
    h: 'һ',
    i: 'іι',
    j: 'ј',
    k: 'кκ',
    l: 'ӏ1|',
    m: 'м',
    n: 'пη',
    o: 'оοσ0',
    p: 'рρ',
    q: 'ԛ',
    r: 'г',
    s: 'ѕ',
    t: 'тτ',
    u: 'υ',
    v: 'ѵν',
    w: 'ԝω',
    x: 'хχ',
    y: 'уγ',
    z: 'ζ',
  }).flatMap(([letter, others]) => [...others].map((other) => [other, letter] as const)),
);

/**
 * The name of a new API key as it is kept: in Unicode's compatibility form (NFKC), without blanks around it. The audit
 * trail and the log call callers by it, so nobody may pass for another by a name that only looks like theirs.
 * Throws InvalidInput for input.name.
 */
export function readKeyName(text: string): string {
  const refuse = (sentence: string) => new InvalidInput('input.name', sentence);
  if (text.length > 2 * LONGEST_NAME) throw refuse(`must be one line of 1 to ${LONGEST_NAME} characters.`);
  const name = text.normalize('NFKC').trim();
  if (name === '' || name.length > LONGEST_NAME || /\p{Cc}/u.test(name))
    throw refuse(`must be one line of 1 to ${LONGEST_NAME} characters.`);
  if (/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(name))
    throw refuse('must not hold characters that nobody can see.');
  if (SCRIPTS_ALIKE.filter((script) => script.test(name)).length > 1) {
    throw refuse(
      'must not mix scripts, such as Latin and Cyrillic, because some of their letters look the same.',
    );
  }
  return name;
}

/** What two names share that people take for the same: the name without regard to case, look-alikes as one. */
export function likenessOf(name: string): string {
  const letters = name.normalize('NFKC').toLowerCase().normalize('NFC');
  return [...letters].map((letter) => LOOK_ALIKES.get(letter) ?? letter).join('');
}
