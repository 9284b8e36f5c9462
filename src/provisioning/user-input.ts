import type { PersonChanges } from '../datasources/webex/people/person-body.ts';
import type { PostalAddress } from '../datasources/webex/records.ts';
import { Problems } from './problems.ts';
import type { Reference } from './references.ts';

/** What a caller says about a user. Absent: left alone. Null: cleared. */
export interface UserInput {
  readonly emails?: readonly string[] | null | undefined;
  readonly displayName?: string | null | undefined;
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
  readonly title?: string | null | undefined;
  readonly department?: string | null | undefined;
  readonly managerName?: string | null | undefined;
  /** The name is an email address. */
  readonly manager?: Reference | null | undefined;
  readonly avatar?: string | null | undefined;
  readonly phoneNumbers?: readonly string[] | null | undefined;
  readonly extension?: string | null | undefined;
  readonly locationId?: string | null | undefined;
  readonly addresses?:
    | readonly Partial<Record<keyof PostalAddress, string | null | undefined>>[]
    | null
    | undefined;
  readonly siteUrls?: readonly string[] | null | undefined;
  readonly licenses?: readonly Reference[] | null | undefined;
  readonly roles?: readonly Reference[] | null | undefined;
  readonly loginEnabled?: boolean | null | undefined;
}

const TEXTS = ['displayName', 'firstName', 'lastName', 'title', 'department'] as const;
const LONGEST_TEXT = 256;
const MOST_EMAILS = 20;
export const MOST_ENTRIES = 50;

export const NO_NUMBER = 'is no phone number: digits, with + in front or not, and spaces.';
export const NO_EXTENSION = 'must be two to ten digits, without the prefix of the location.';

/**
 * Reads what can be read without asking Webex: all but manager, licenses and roles.
 * Throws InvalidInput with every field that is wrong.
 * @param at where the input stands in the caller's request, as `input` or `input.users[3]`
 * @param isNew whether it describes somebody who is to be created
 */
export function readUser(input: UserInput, at: string, isNew: boolean): PersonChanges {
  const problems = new Problems(at);
  const { emails, managerName, avatar, phoneNumbers, extension, locationId, siteUrls, loginEnabled } = input;
  const texts: { -readonly [Name in (typeof TEXTS)[number]]?: string | null } = {};
  for (const name of TEXTS) {
    const value = problems.text(name, input[name], LONGEST_TEXT);
    if (value !== undefined) texts[name] = value;
  }
  const { displayName, ...names } = texts;
  if (displayName === null)
    problems.add('displayName', 'cannot be cleared: Webex takes nobody without a name.');
  const changes: PersonChanges = {
    ...names,
    ...(displayName == null ? {} : { displayName }),
    ...given('emails', readEmails(emails, problems)),
    ...given('manager', problems.text('managerName', managerName, LONGEST_TEXT)),
    ...given('avatar', problems.text('avatar', avatar, 2_048)),
    ...given(
      'phoneNumbers',
      problems.list('phoneNumbers', phoneNumbers, MOST_ENTRIES, isPhoneNumber, NO_NUMBER),
    ),
    ...given('extension', problems.text('extension', extension, 10)),
    ...given('addresses', readAddresses(input.addresses, problems)),
    ...given(
      'siteUrls',
      problems.list(
        'siteUrls',
        siteUrls,
        MOST_ENTRIES,
        isSite,
        'is no meeting site: like acme.webex.com, or acme.webex.com#attendee.',
      ),
    ),
    ...given('loginEnabled', loginEnabled ?? undefined),
  };
  if (changes.extension != null && !isExtension(changes.extension)) {
    problems.add('extension', NO_EXTENSION);
  }
  if (changes.avatar != null && URL.parse(changes.avatar)?.protocol !== 'https:') {
    problems.add('avatar', 'must be an https address of a picture.');
  }
  if (locationId === null)
    problems.add('locationId', 'cannot be cleared: it goes when the calling license is taken away.');
  if (loginEnabled === null) problems.add('loginEnabled', 'must be true or false.');
  if (input.licenses === null)
    problems.add('licenses', 'cannot be null. Give an empty list to take all away.');
  if (input.roles === null) problems.add('roles', 'cannot be null. Give an empty list to take all away.');
  if (isNew && changes.emails === undefined) problems.add('emails', 'must hold an address.');
  if (isNew && ![texts.displayName, texts.firstName, texts.lastName].some((name) => name != null)) {
    problems.add('displayName', 'or firstName or lastName must be given: Webex takes nobody without a name.');
  }
  problems.throwAny();
  return { ...changes, ...(locationId == null ? {} : { locationId }) };
}

function given<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  const field: { [Key in Name]?: Value } = {};
  if (value !== undefined) field[name] = value;
  return field;
}

function readEmails(emails: UserInput['emails'], problems: Problems): readonly string[] | undefined {
  if (emails === undefined) return undefined;
  if (emails === null || emails.length === 0) {
    problems.add('emails', 'must hold an address: a user without one cannot sign in.');
    return undefined;
  }
  if (emails.length > MOST_EMAILS) problems.add('emails', `must be ${MOST_EMAILS} at most.`);
  const lower = emails.map((email) => email.toLowerCase());
  if (new Set(lower).size < lower.length) problems.add('emails', 'hold an address twice.');
  return emails;
}

function readAddresses(
  addresses: UserInput['addresses'],
  problems: Problems,
): readonly PostalAddress[] | null | undefined {
  if (addresses == null) return addresses;
  if (addresses.length > MOST_ENTRIES) problems.add('addresses', `must be ${MOST_ENTRIES} at most.`);
  return addresses.map((address, index) => {
    const part = (name: keyof PostalAddress) =>
      problems.text(`addresses[${index}].${name}`, address[name], LONGEST_TEXT) ?? undefined;
    return {
      type: part('type') ?? 'work',
      country: part('country'),
      locality: part('locality'),
      region: part('region'),
      streetAddress: part('streetAddress'),
      postalCode: part('postalCode'),
    };
  });
}

export function isPhoneNumber(value: string): boolean {
  return /^\+?[\d\s().-]{3,20}$/.test(value) && /\d{3}/.test(value.replace(/\D/g, ''));
}

export function isSite(value: string): boolean {
  return /^[a-z\d-]+(\.[a-z\d-]+)+(#attendee)?$/i.test(value);
}

export function isExtension(value: string): boolean {
  return /^\d{2,10}$/.test(value);
}
