import type { SetChange } from '../../provisioning/changes/references.ts';
import { type UserInput as GivenUser, readUser } from '../../provisioning/users/input.ts';
import type { UserTarget } from '../../provisioning/users/users.ts';
import { builder } from '../base/builder.ts';
import type { InputFields } from '../base/chosen-connector.ts';
import { type Moment, readMoment } from '../base/moments.ts';
import { InputReading } from './input-reading.ts';
import { readPersonReference, readReferences } from './references.ts';

export const dryRunField = (t: InputFields) =>
  t.boolean({
    required: false,
    defaultValue: false,
    description:
      'Works out the change and checks it against Webex, but sends nothing: the outcome is DRY_RUN. Default: false.',
  });

export const userIdField = (t: InputFields) =>
  t.id({ required: true, description: 'The user, by id or Webex id.' });

export const unmodifiedField = (t: InputFields) =>
  t.field({
    type: 'DateTime',
    required: false,
    description:
      'The lastModifiedAt that you have read. If the object has been changed since, nothing is done: MODIFIED_MEANWHILE. Default: no check.',
  });

const AddressInput = builder.inputType('AddressInput', {
  description: 'A postal address of a user. Each text has at most 256 characters.',
  fields: (t) => ({
    type: t.string({ required: false, description: 'What the address is for. Default: work.' }),
    streetAddress: t.string({ required: false, description: 'Street and number.' }),
    locality: t.string({ required: false, description: 'City or town.' }),
    region: t.string({ required: false, description: 'State or province.' }),
    postalCode: t.string({ required: false, description: 'Postal code.' }),
    country: t.string({ required: false, description: 'The country.' }),
  }),
});

const SetChangeInput = builder.inputType('SetChangeInput', {
  description: 'What to add to a set and what to remove from it. Everything else in it stays.',
  fields: (t) => ({
    add: t.idList({
      required: false,
      description: 'What to add, each by id, Webex id or unique name. What is there already is no error.',
    }),
    remove: t.idList({
      required: false,
      description: 'What to remove, each by id, Webex id or unique name. What is gone already is no error.',
    }),
  }),
});

/** The licenses or the roles of a user. */
const SetInput = builder.inputType('SetInput', {
  isOneOf: true,
  description:
    'How to change a set, such as the licenses of a user: either its new content, or what changes of it.',
  fields: (t) => ({
    exactly: t.idList({
      required: false,
      description:
        'The whole new content, each by id, Webex id or unique name. Everything else is removed; an empty list removes all.',
    }),
    change: t.field({ type: SetChangeInput, required: false, description: 'What to add and to remove.' }),
  }),
});

export const UserInput = builder.inputType('UserInput', {
  description:
    'A user as they are to be. An absent field is left alone, null clears it, a value sets it. To create a user, emails and one of displayName, firstName and lastName are required. Names and other texts have at most 256 characters.',
  fields: (t) => ({
    emails: t.field({
      type: ['EmailAddress'],
      required: false,
      description:
        'All email addresses, 1 to 20. The first is the one to sign in with. Required on creation; cannot be null.',
    }),
    displayName: t.string({
      required: false,
      description: 'Name that others see. Cannot be cleared.',
    }),
    firstName: t.string({ required: false, description: 'First name.' }),
    lastName: t.string({ required: false, description: 'Last name.' }),
    title: t.string({ required: false, description: 'Job title.' }),
    department: t.string({ required: false, description: 'Department.' }),
    manager: t.id({
      required: false,
      description: 'The user’s manager, by user id, Webex id or email address.',
    }),
    managerName: t.string({
      required: false,
      description: 'The manager’s name as free text. Webex keeps it beside `manager`.',
    }),
    avatar: t.field({ type: 'URL', required: false, description: 'https address of a picture.' }),
    phoneNumbers: t.stringList({
      required: false,
      description:
        'Work phone numbers with country code, at most 50: +49 30 901820. Webex accepts no other kinds and keeps the ones it has. With a user’s first calling license, the first is the number to call them on.',
    }),
    extension: t.string({
      required: false,
      description:
        'Extension of 2 to 10 digits, without the prefix of the location. Only for users with a calling license.',
    }),
    location: t.id({
      required: false,
      description:
        'Calling location, by Webex id. Only together with a user’s first calling license, and required then. It cannot be changed or cleared later.',
    }),
    addresses: t.field({
      type: [AddressInput],
      required: false,
      description: 'All postal addresses, at most 50.',
    }),
    siteUrls: t.stringList({
      required: false,
      description:
        'All meeting sites, at most 50: acme.webex.com for a user who hosts meetings there, acme.webex.com#attendee for one who only attends.',
    }),
    loginEnabled: t.boolean({
      required: false,
      description:
        'Whether the user may sign in. Webex creates users enabled, so false is accepted for existing users only. Cannot be null.',
    }),
    licenses: t.field({
      type: SetInput,
      required: false,
      description:
        'Licenses of the user. Licenses that Webex assigns by itself always stay. For calling numbers per license and for attendee sites, use updateUserLicenses. Cannot be null. On creation, change.remove is not accepted.',
    }),
    roles: t.field({
      type: SetInput,
      required: false,
      description:
        'Administrator roles of the user. Cannot be null. On creation, change.remove is not accepted.',
    }),
  }),
});

type Given = typeof UserInput.$inferInput;
type GivenSet = Given['licenses'];

/**
 * A user as the caller describes them, with ids told apart from names.
 * @param isNew whether the user is to be created
 * Throws InvalidInput with every value that is not valid if a reference is not, NotFound for the id of another connector.
 */
export function readUserInput(given: Given, connectorId: string, at: string, isNew: boolean): GivenUser {
  const { manager, licenses, roles, ...rest } = given;
  const reading = new InputReading();
  const user = {
    ...rest,
    manager: reading.of(() =>
      manager == null ? manager : readPersonReference(manager, connectorId, `${at}.manager`),
    ),
    licenses: reading.of(() => readSet(licenses, 'License', connectorId, `${at}.licenses`)),
    roles: reading.of(() => readSet(roles, 'Role', connectorId, `${at}.roles`)),
  };
  // The other values are checked when the change is made, which it is not now.
  if (!reading.isClean) reading.of(() => readUser(user, at, isNew));
  reading.throwAny();
  return user;
}

/** As `readUserInput` for a user who exists: with the moment that the caller has read. */
export function readUserUpdate(
  {
    user,
    ifUnmodifiedSince,
  }: { readonly user: Given; readonly ifUnmodifiedSince?: Moment | null | undefined },
  connectorId: string,
  at: string,
): Omit<GivenUser & UserTarget, 'id'> {
  const reading = new InputReading();
  const read = reading.of(() => readUserInput(user, connectorId, `${at}.user`, false));
  const moment = reading.of(() => readMoment(`${at}.ifUnmodifiedSince`, ifUnmodifiedSince));
  reading.throwAny();
  return { ...read, ifUnmodifiedSince: moment };
}

function readSet(
  given: GivenSet,
  type: 'License' | 'Role',
  connectorId: string,
  at: string,
): SetChange | null | undefined {
  if (given == null) return given;
  const { exactly, change } = given;
  if (exactly != null) return { exactly: readReferences(exactly, type, connectorId, `${at}.exactly`) };
  return {
    add: readReferences(change?.add, type, connectorId, `${at}.change.add`),
    remove: readReferences(change?.remove, type, connectorId, `${at}.change.remove`),
  };
}
