import type { PersonChanges } from '../../datasources/webex/people/body.ts';
import type { PostalAddress } from '../../datasources/webex/records.ts';
import { Problems } from '../changes/problems.ts';
import type { Reference, SetChange } from '../changes/references.ts';
import {
  clearable,
  emailOf,
  extensionOf,
  idOf,
  nameOf,
  phoneNumberOf,
  pictureOf,
  siteOf,
  trimmed,
} from './input-values.ts';

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
  /** Webex's id of a calling location. */
  readonly location?: string | null | undefined;
  readonly addresses?:
    | readonly Partial<Record<keyof PostalAddress, string | null | undefined>>[]
    | null
    | undefined;
  readonly siteUrls?: readonly string[] | null | undefined;
  readonly licenses?: SetChange | null | undefined;
  readonly roles?: SetChange | null | undefined;
  readonly loginEnabled?: boolean | null | undefined;
}

/** A user as read from an input: what can be sent as it is, and what has to be looked up in Webex first. */
export interface ReadUser {
  readonly changes: PersonChanges;
  readonly manager?: Reference | null | undefined;
  readonly licenses?: SetChange | undefined;
  readonly roles?: SetChange | undefined;
}

const TEXTS = ['displayName', 'firstName', 'lastName', 'title', 'department'] as const;
const MOST_EMAILS = 20;
export const MOST_ENTRIES = 50;

/**
 * Reads what can be read without asking Webex. Manager, licenses and roles stay as they were named.
 * Throws InvalidInput with every field that is wrong.
 * @param at where the input stands in the caller's request, as `input` or `input.users[3]`
 * @param isNew whether it describes a user who is to be created
 */
export function readUser(input: UserInput, at: string, isNew: boolean): ReadUser {
  const problems = new Problems(at);
  const { emails, managerName, avatar, phoneNumbers, extension, siteUrls, loginEnabled } = input;
  const texts: { -readonly [Name in (typeof TEXTS)[number]]?: string | null } = {};
  for (const name of TEXTS) {
    const value = problems.value(name, input[name], name === 'displayName' ? nameOf : clearable(nameOf));
    if (value !== undefined) texts[name] = value;
  }
  const { displayName, ...names } = texts;
  if (displayName === null)
    problems.add('displayName', 'cannot be cleared: Webex takes nobody without a name.');
  const locationId = problems.value('location', input.location, idOf);
  const changes: PersonChanges = {
    ...names,
    ...(displayName == null ? {} : { displayName }),
    ...given('emails', readEmails(emails, problems)),
    ...given('manager', problems.value('managerName', managerName, clearable(nameOf))),
    ...given('avatar', problems.value('avatar', avatar, clearable(pictureOf))),
    ...given('phoneNumbers', problems.list('phoneNumbers', phoneNumbers, MOST_ENTRIES, phoneNumberOf)),
    ...given('extension', problems.value('extension', extension, extensionOf)),
    ...given('addresses', readAddresses(input.addresses, problems)),
    ...given('siteUrls', problems.list('siteUrls', siteUrls, MOST_ENTRIES, siteOf)),
    ...given('loginEnabled', isNew ? undefined : (loginEnabled ?? undefined)),
  };
  if (locationId === null)
    problems.add('location', 'cannot be cleared: it goes when the calling license is removed.');
  if (loginEnabled === null) problems.add('loginEnabled', 'must be true or false.');
  for (const name of ['licenses', 'roles'] as const) {
    const set = input[name];
    if (set === null) problems.add(name, 'cannot be null. Give { exactly: [] } to remove all.');
    if (isNew && set != null && 'remove' in set && set.remove.length > 0)
      problems.add(`${name}.change.remove`, 'must be empty: a new user has nothing to remove.');
  }
  if (isNew) refuseIncomplete(input, problems);
  problems.throwAny();
  return {
    changes: { ...changes, ...(locationId == null ? {} : { locationId }) },
    manager: input.manager,
    licenses: input.licenses ?? undefined,
    roles: input.roles ?? undefined,
  };
}

/** What Webex demands of a new user, and cannot do for one. */
function refuseIncomplete(
  { emails, displayName, firstName, lastName, loginEnabled }: UserInput,
  problems: Problems,
): void {
  if (emails === undefined) problems.add('emails', 'must hold an address.');
  if (![displayName, firstName, lastName].some((name) => name != null)) {
    problems.add('displayName', 'or firstName or lastName must be given: Webex takes nobody without a name.');
  }
  // Source: `POST /people` in Webex's reference has no loginEnabled, `PUT /people/{personId}` has.
  if (loginEnabled === false)
    problems.add(
      'loginEnabled',
      'can be false only for an existing user: create the user, then use updateUser.',
    );
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
  const read = problems.list('emails', emails, MOST_EMAILS, emailOf) ?? [];
  const lower = emails.slice(0, MOST_EMAILS).map((email) => trimmed(email).toLowerCase());
  if (new Set(lower).size < lower.length) problems.add('emails', 'hold an address twice.');
  return read;
}

function readAddresses(
  addresses: UserInput['addresses'],
  problems: Problems,
): readonly PostalAddress[] | null | undefined {
  if (addresses == null) return addresses;
  if (addresses.length > MOST_ENTRIES) {
    problems.add('addresses', `must be ${MOST_ENTRIES} at most.`);
    return undefined;
  }
  return addresses.map((address, index) => {
    const part = (name: keyof PostalAddress) =>
      problems.value(`addresses[${index}].${name}`, address[name], nameOf) ?? undefined;
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
