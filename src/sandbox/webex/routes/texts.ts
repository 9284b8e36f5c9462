import { Refusal } from '../../http/errors.ts';
import type { Settings } from '../settings.ts';

/** Control characters, and those that end a line or a paragraph. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** Blanks that do not look like one: no-break and zero-width ones, and the byte order mark. */
const UNSEEN = '\u00a0\u2007\u202f\u200b\u200c\u200d\u2060\ufeff';

/**
 * Looks at every text in a body. Throws a 400 Refusal that names the first field with half of a character, with
 * one that cannot be printed, or with a blank that nobody sees around it; inside of a text those are a setting.
 */
export function assertTexts(body: unknown, settings: Settings, path: readonly string[] = []): void {
  if (typeof body === 'string') {
    if (!isFit(body, settings))
      throw new Refusal(400, `The field ${path.join('.')} holds characters that are not allowed.`);
    return;
  }
  if (typeof body !== 'object' || body === null) return;
  for (const [name, value] of Object.entries(body)) assertTexts(value, settings, [...path, name]);
}

function isFit(text: string, { unseenBlanks }: Settings): boolean {
  if (!text.isWellFormed() || UNPRINTABLE.test(text)) return false;
  const looked = unseenBlanks === 'refuse' ? text : text.charAt(0) + text.slice(-1);
  return ![...looked].some((character) => UNSEEN.includes(character));
}

/** The form of E.164: a plus sign and up to fifteen digits. */
const E164 = /^\+[1-9]\d{6,14}$/;

/** What one service behind Webex takes, by its list of errors: digits and hyphens, with a plus sign or without. */
const DIGITS = /^\+?[\d-]{3,20}$/;

/** Whether a phone number can be written. */
export function isPhoneNumber(value: string, { phoneNumberForm }: Settings): boolean {
  return (phoneNumberForm === 'e164' ? E164 : DIGITS).test(value);
}
