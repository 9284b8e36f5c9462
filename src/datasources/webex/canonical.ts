/**
 * When two spellings mean the same, by kind of value: each function gives one form for all of them. Webex tidies up
 * what it keeps, so that what it shows is compared with what was asked for in this form and never as it stands. Ids
 * have their form in ids.ts. All of it is pure.
 */

/** A text: composed accents, each run of blanks as one, none around it. */
export function canonicalText(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\s\u200b\u2060]+/g, ' ')
    .trim();
}

/** A name that Webex compares without regard to case, as it does those of groups. */
export function canonicalName(name: string): string {
  return canonicalText(name).toLowerCase();
}

/** An email address. Webex compares addresses without regard to case. */
export function canonicalEmail(email: string): string {
  return canonicalText(email).toLowerCase();
}

/** A meeting site, with #attendee behind it or not. */
export function canonicalSite(site: string): string {
  return canonicalText(site).toLowerCase();
}

/** An address on the web, as WHATWG URL writes it: scheme and host in lower case, at least a slash as path. */
export function canonicalUrl(url: string): string {
  const text = canonicalText(url);
  return URL.parse(text)?.href ?? text;
}

/** A phone number: its digits, and the + of an international one. */
export function canonicalPhoneNumber(number: string): string {
  const digits = number.replace(/\D/g, '');
  return number.trimStart().startsWith('+') ? `+${digits}` : digits;
}
