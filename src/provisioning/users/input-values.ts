import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { z } from 'zod';

/** A value of an input as it is sent to Webex, or the reason why it is refused. */
export type ReadValue = { readonly value: string } | { readonly refusal: string };

/** Reads a text that a caller has given. Pure; takes time in proportion to the text at most. */
export type ValueReader = (given: string) => ReadValue;

/** Blanks around a text that `String.trim` leaves: zero-width characters and the word joiner. */
const ZERO_WIDTH = new Set(['\u200b', '\u200c', '\u200d', '\u2060']);
/** Control characters, line and paragraph separators, and code points that are no characters. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u;
/** Makes the text behind it read in another direction than it is stored in. */
const BIDIRECTIONAL = /\p{Bidi_Control}/u;
/** Letters, digits, punctuation and symbols that leave a mark: no fillers, no blank pattern of Braille. */
const VISIBLE = /[[\p{L}\p{N}\p{P}\p{S}\p{Co}]--[\p{Default_Ignorable_Code_Point}\u2800]]/v;

const EMPTY = 'must not be empty.';

/** A text without the blanks around it, no-break and zero-width ones included. */
export function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  const isBlank = (at: number) => ZERO_WIDTH.has(text.charAt(at)) || text.charAt(at).trim() === '';
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return text.slice(start, end);
}

/**
 * Reads a text of one line: trimmed, and with composed accents. Refuses what nobody can see or what would show as
 * another text than it is.
 * @param longest in UTF-16 code units
 */
export function textOf(longest: number): ValueReader {
  return (given) => {
    const tooLong = { refusal: `must be ${longest} characters at most.` };
    // Nothing is matched before it is known to be short. Composing accents shortens a text, to a third at most.
    if (given.length > longest * 4) return tooLong;
    const text = trimmed(given);
    if (text === '') return { refusal: EMPTY };
    if (!text.isWellFormed())
      return { refusal: 'holds half of a character, as a text does that was cut inside an emoji.' };
    if (UNPRINTABLE.test(text)) return { refusal: 'must not hold control characters or line breaks.' };
    if (BIDIRECTIONAL.test(text))
      return { refusal: 'must not hold characters that change the direction of writing.' };
    if (!VISIBLE.test(text)) return { refusal: 'must hold a character that can be seen.' };
    const value = text.normalize('NFC');
    return value.length > longest ? tooLong : { value };
  };
}

/** As a reader, for a value that null clears: its refusal of an empty text says so. */
export function clearable(read: ValueReader): ValueReader {
  return (given) => {
    const found = read(given);
    const isEmpty = 'refusal' in found && found.refusal === EMPTY;
    return isEmpty ? { refusal: `${EMPTY} Give null to clear it.` } : found;
  };
}

/** Reads a name, a title or the like. */
export const nameOf = textOf(256);

/** Reads an id that only Webex can tell good from bad. */
export const idOf = textOf(512);

/** Reads the beginning of a name, which may end in a blank. */
export const prefixOf: ValueReader = (given) => {
  const read = nameOf(given);
  return 'value' in read && /\s$/.test(given) ? { value: `${read.value} ` } : read;
};

const LONGEST_EMAIL = 254;
const NO_EMAIL = 'must be an email address, such as ann@example.com.';

/** Reads an email address. Webex takes ASCII only. */
export const emailOf: ValueReader = (given) => {
  const read = textOf(LONGEST_EMAIL)(given);
  if ('refusal' in read) return read;
  const { value } = read;
  const foreign = [...value].find((character) => character.charCodeAt(0) > 0x7f);
  if (foreign !== undefined) {
    const code = `U+${foreign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
    const shown = VISIBLE.test(foreign) ? `${foreign} (${code})` : code;
    return {
      refusal: `holds ${shown}. Webex takes email addresses without accents and other non-ASCII characters.`,
    };
  }
  return z.regexes.html5Email.test(value) ? { value } : { refusal: NO_EMAIL };
};

/** More than any phone number has, blanks and brackets included. */
const LONGEST_PHONE_NUMBER = 60;
const NO_PHONE_NUMBER = 'must be a phone number with + and the country code in front, such as +49 30 901820.';

/** Reads a phone number as people write it, and brings it to the form of E.164, which Webex takes: +4930901820. */
export const phoneNumberOf: ValueReader = (given) => {
  if (given.length > LONGEST_PHONE_NUMBER) return { refusal: NO_PHONE_NUMBER };
  // Numbers that are copied from a page or an address book bring invisible characters along.
  const text = given
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .trim();
  if (!text.startsWith('+')) return { refusal: NO_PHONE_NUMBER };
  const number = parsePhoneNumberFromString(text, { extract: false });
  if (number === undefined || !number.isPossible())
    return {
      refusal: 'has too few or too many digits for its country, or other characters than a phone number.',
    };
  if (number.ext !== undefined) return { refusal: 'must not hold an extension.' };
  return { value: number.number };
};

/** Reads an extension. */
export const extensionOf: ValueReader = (given) => {
  const value = given.length > LONGEST_PHONE_NUMBER ? '' : trimmed(given);
  if (/^\d{2,10}$/.test(value)) return { value };
  return { refusal: 'must be two to ten digits, without the prefix of the location.' };
};

/** Reads a meeting site, as acme.webex.com or acme.webex.com#attendee. */
export const siteOf: ValueReader = (given) =>
  readSite(given, true) ?? {
    refusal: 'must be a meeting site, such as acme.webex.com or acme.webex.com#attendee.',
  };

/** Reads a meeting site without a suffix, as acme.webex.com. */
export const plainSiteOf: ValueReader = (given) =>
  readSite(given, false) ?? { refusal: 'must be a meeting site, such as acme.webex.com.' };

const LONGEST_HOST = 253;

function readSite(given: string, maySayAttendee: boolean): ReadValue | undefined {
  if (given.length > LONGEST_HOST * 2) return undefined;
  const value = trimmed(given);
  const host = maySayAttendee && value.endsWith('#attendee') ? value.slice(0, -'#attendee'.length) : value;
  return host.length <= LONGEST_HOST && /^[a-z\d-]+(\.[a-z\d-]+)+$/i.test(host) ? { value } : undefined;
}

/** Reads the address of a picture. */
export const pictureOf: ValueReader = (given) => {
  const read = textOf(2_048)(given);
  if ('refusal' in read) return read;
  const isHttps = URL.parse(read.value)?.protocol === 'https:';
  return isHttps ? read : { refusal: 'must be the https address of a picture.' };
};
