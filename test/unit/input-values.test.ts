import { describe, expect, it } from 'vitest';
import {
  emailOf,
  extensionOf,
  nameOf,
  phoneNumberOf,
  pictureOf,
  plainSiteOf,
  type ReadValue,
  siteOf,
  trimmed,
  type ValueReader,
} from '../../src/provisioning/users/input-values.ts';

const taken = (value: string) => ({ value });
const refused = (words: string) => ({ refusal: expect.stringContaining(words) });

function table(
  read: ValueReader,
  rows: readonly (readonly [what: string, given: string, found: ReadValue])[],
) {
  it.each(rows)('%s', (_what, given, found) => {
    expect(read(given)).toEqual(found);
  });
}

describe('a name in an input', () => {
  table(nameOf, [
    ['is taken as it is', 'Ann Beta', taken('Ann Beta')],
    ['loses the blanks around it', ' \t Ann \n', taken('Ann')],
    ['loses no-break blanks around it', '\u00a0Ann\u202f\u3000', taken('Ann')],
    ['loses zero-width characters around it', '\u200b\ufeffAnn\u200d\u2060', taken('Ann')],
    ['keeps the blanks inside', 'Research  and\u00a0Development', taken('Research  and\u00a0Development')],
    ['gets composed accents', 'Jose\u0301 Nun\u0303ez', taken('Jos\u00e9 Nu\u00f1ez')],
    ['keeps an emoji that is joined of several', 'Ann 👩‍💻', taken('Ann 👩‍💻')],
    ['keeps the non-joiner that Persian needs', 'می\u200cخواهم', taken('می\u200cخواهم')],
    ['may be one symbol', '☂', taken('☂')],
    ['is refused if nothing is left', ' \u200b\u00a0', refused('must not be empty')],
    ['is refused with the first half of an emoji', 'Ann \ud83d', refused('half of a character')],
    ['is refused with the second half of an emoji', '\udc4d Ann', refused('half of a character')],
    ['is refused with a control character', 'An\u0000n', refused('control characters')],
    ['is refused with a line break', 'Ann\nBeta', refused('line breaks')],
    ['is refused with a line separator', 'Ann\u2028Beta', refused('line breaks')],
    ['is refused with a paragraph separator', 'Ann\u2029Beta', refused('line breaks')],
    ['is refused with a code point that is no character', 'Ann\ufffe', refused('control characters')],
    ['is refused with an override of the direction', 'Ann\u202egnp.exe', refused('direction')],
    ['is refused with an isolate', '\u2066Ann\u2069', refused('direction')],
    ['is refused if it is made of Hangul fillers', '\u3164\u3164', refused('can be seen')],
    ['is refused if it is made of blank Braille patterns', '\u2800\u2800', refused('can be seen')],
    ['is refused if it is made of invisible operators', 'a'.replace('a', '\u2063'), refused('can be seen')],
    ['is refused if it is a lone accent', '\u0301', refused('can be seen')],
    ['may have 256 characters', 'x'.repeat(256), taken('x'.repeat(256))],
    ['is refused with 257', 'x'.repeat(257), refused('256 characters at most')],
    ['is refused with a million blanks', ' '.repeat(1_000_000), refused('256 characters at most')],
  ]);
});

describe('an email address in an input', () => {
  table(emailOf, [
    ['is taken as it is', "Pat.O'Brien+x@Acme.example", taken("Pat.O'Brien+x@Acme.example")],
    ['loses blanks around it', 'ann@acme.example\u00a0', taken('ann@acme.example')],
    ['is refused with an umlaut, which is named', 'jörg@acme.example', refused('holds ö (U+00F6)')],
    ['is refused with an umlaut in two code points', 'jo\u0308rg@acme.example', refused('holds ö (U+00F6)')],
    [
      'is refused with an invisible character, which is named',
      'zoe\u200b@acme.example',
      refused('holds U+200B'),
    ],
    ['is refused without @', 'not-an-address', refused('must be an email address')],
    ['is refused with a blank inside', 'a b@acme.example', refused('must be an email address')],
    ['is refused with two @', 'a@b@acme.example', refused('must be an email address')],
    ['is refused if it is empty', '', refused('must not be empty.')],
    ['is refused with half of an emoji', 'a\ud83d@acme.example', refused('half of a character')],
    ['is refused if it is too long', `${'x'.repeat(250)}@acme.example`, refused('254 characters at most')],
  ]);
});

describe('a phone number in an input', () => {
  const noCountry = refused('with + and the country code in front');
  const impossible = refused('too few or too many digits');
  table(phoneNumberOf, [
    ['is brought to the form of E.164', '+49 30 901820', taken('+4930901820')],
    ['may have brackets and hyphens', '+1 (555) 010-9999', taken('+15550109999')],
    ['may have dots', '+1.555.010.8888', taken('+15550108888')],
    ['may have no-break blanks', '+44\u00a020\u00a07946\u00a00000', taken('+442079460000')],
    ['may have the zero of a trunk in brackets', '+44 (0)20 7946 0000', taken('+442079460000')],
    ['may have what address books put around it', '\u202a+49 30 901820\u202c', taken('+4930901820')],
    ['may have zero-width characters inside', '+1\u200b5550109999', taken('+15550109999')],
    ['may be typed in full width', '＋４９ ３０ ９０１８２０', taken('+4930901820')],
    ['is refused without +', '030 901820', noCountry],
    ['is refused with two zeros for +', '0049 30 901820', noCountry],
    ['is refused if it is not a number', 'call me', noCountry],
    ['is refused if it is empty', '', noCountry],
    ['is refused with too few digits', '+1 555 0100', impossible],
    ['is refused with too many digits', '+1 555 010 9999 9999', impossible],
    ['is refused with a country code that does not exist', '+999 123456', impossible],
    ['is refused with letters', '+1-800-FLOWERS', impossible],
    ['is refused with words behind it', '+49 30 901820 or so', impossible],
    ['is refused with an extension', '+1 555 010 9999 ext. 5', refused('must not hold an extension')],
    ['is refused if it is a million digits', `+${'1'.repeat(1_000_000)}`, noCountry],
  ]);
});

describe('other values in an input', () => {
  it.each<readonly [what: string, read: ValueReader, given: string, found: ReadValue]>([
    ['an extension of digits', extensionOf, ' 4711 ', taken('4711')],
    ['an extension with a letter', extensionOf, 'x1', refused('two to ten digits')],
    ['an extension that is far too long', extensionOf, '1'.repeat(100_000), refused('two to ten digits')],
    ['a site', siteOf, ' acme.webex.com', taken('acme.webex.com')],
    ['a site to attend', siteOf, 'acme.webex.com#attendee', taken('acme.webex.com#attendee')],
    ['a site with another suffix', siteOf, 'acme.webex.com#host', refused('meeting site')],
    ['a site that is far too long', siteOf, 'a.'.repeat(500_000), refused('meeting site')],
    ['a plain site with a suffix', plainSiteOf, 'acme.webex.com#attendee', refused('meeting site')],
    ['a picture', pictureOf, 'https://pictures.example/me.png', taken('https://pictures.example/me.png')],
    ['a picture that is not https', pictureOf, 'ftp://pictures.example/me', refused('https address')],
  ])('%s', (_what, read, given, found) => {
    expect(read(given)).toEqual(found);
  });

  it('trimming a million blanks and characters between them takes no longer than to look at each', () => {
    expect(trimmed(`${'\u200b '.repeat(500_000)}x${' \u200b'.repeat(500_000)}`)).toBe('x');
  });
});
