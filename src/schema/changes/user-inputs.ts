import { InvalidInput } from '../../errors/request.ts';
import { readValue } from '../../provisioning/changes/problems.ts';
import type { UserInput } from '../../provisioning/users/input.ts';
import { emailOf } from '../../provisioning/users/input-values.ts';
import { builder } from '../base/builder.ts';
import { readReference } from './run.ts';

type InputFields = PothosSchemaTypes.InputFieldBuilder<(typeof builder)['$inferSchemaTypes'], 'InputObject'>;

export const dryRunField = (t: InputFields) =>
  t.boolean({
    required: false,
    description: 'Works everything out, checks it against Webex, and sends nothing. Answers with a DryRun.',
  });

export const unmodifiedField = (t: InputFields) =>
  t.field({
    type: 'DateTime',
    required: false,
    description:
      'The lastModified that you have seen. Where somebody has changed it since, nothing is done and the answer is ModifiedMeanwhile.',
  });

const AddressInput = builder.inputType('AddressInput', {
  description: 'A postal address of a user.',
  fields: (t) => ({
    type: t.string({ required: false, description: 'What it is for. work unless told.' }),
    streetAddress: t.string({ required: false, description: 'Street and number.' }),
    locality: t.string({ required: false, description: 'The city or town.' }),
    region: t.string({ required: false, description: 'The state or province.' }),
    postalCode: t.string({ required: false, description: 'The postal code.' }),
    country: t.string({ required: false, description: 'The country.' }),
  }),
});

/** The fields of a user that can be written. */
const userFields = (t: InputFields) => ({
  displayName: t.string({ required: false, description: 'The name that others see. Cannot be cleared.' }),
  firstName: t.string({ required: false, description: 'The first name.' }),
  lastName: t.string({ required: false, description: 'The last name.' }),
  title: t.string({ required: false, description: 'The job title.' }),
  department: t.string({ required: false, description: 'The department.' }),
  manager: t.id({
    required: false,
    description: 'Who manages the user: a user’s id, the id Webex itself uses, or an e-mail address.',
  }),
  managerName: t.string({
    required: false,
    description: 'The manager as free text, which Webex keeps beside the manager who is a user.',
  }),
  avatar: t.field({ type: 'URL', required: false, description: 'The https address of a picture.' }),
  phoneNumbers: t.stringList({
    required: false,
    description:
      'Phone numbers at work; Webex takes no others, and keeps those it has. With the first calling license of a user, the number to be called under.',
  }),
  extension: t.string({
    required: false,
    description: 'The extension, for users with a calling license, without the prefix of the location.',
  }),
  locationId: t.string({
    required: false,
    description:
      'Webex’s id of the calling location. Only together with the first calling license of a user; it stays as it is then.',
  }),
  addresses: t.field({ type: [AddressInput], required: false, description: 'Postal addresses.' }),
  siteUrls: t.stringList({
    required: false,
    description:
      'Meeting sites: acme.webex.com for somebody who hosts there, acme.webex.com#attendee for somebody who only attends.',
  }),
  licenses: t.idList({
    required: false,
    description:
      'All licenses that the user is to hold, each by id, by the id Webex itself uses, or by its name where that is unique. Those that Webex gives by itself stay. To give or take a few, use updateUserLicenses.',
  }),
  roles: t.idList({
    required: false,
    description:
      'All administrator roles that the user is to have, by id or name. To give or take a few, use updateUserRoles.',
  }),
});

/** A new user, without the connector, as it stands in lists. */
export const NewUserInput = builder.inputType('NewUserInput', {
  description: 'A user to create. One of displayName, firstName and lastName has to be given.',
  fields: (t) => ({
    emails: t.field({
      type: ['EmailAddress'],
      required: true,
      description: 'The address to sign in with first, then others.',
    }),
    ...userFields(t),
  }),
});

export const CreateUserInput = builder.inputType('CreateUserInput', {
  description: 'A user to create. One of displayName, firstName and lastName has to be given.',
  fields: (t) => ({
    connectorId: t.id({ required: true, description: 'The connector to the organization.' }),
    emails: t.field({
      type: ['EmailAddress'],
      required: true,
      description: 'The address to sign in with first, then others.',
    }),
    ...userFields(t),
    dryRun: dryRunField(t),
  }),
});

/** Changes of a user, as they stand in lists. */
export const UserChangesInput = builder.inputType('UserChangesInput', {
  description: 'What to change of a user. What is left out stays; null clears; a value sets.',
  fields: (t) => updateFields(t),
});

export const UpdateUserInput = builder.inputType('UpdateUserInput', {
  description: 'What to change of a user. What is left out stays; null clears; a value sets.',
  fields: (t) => ({ ...updateFields(t), dryRun: dryRunField(t) }),
});

const updateFields = (t: InputFields) => ({
  id: t.id({ required: true, description: 'Which user.' }),
  emails: t.field({
    type: ['EmailAddress'],
    required: false,
    description: 'All addresses, the one to sign in with first. Cannot be cleared.',
  }),
  ...userFields(t),
  loginEnabled: t.boolean({ required: false, description: 'Whether the user may sign in.' }),
  ifUnmodifiedSince: unmodifiedField(t),
});

type Given = Omit<UserInput, 'manager' | 'licenses' | 'roles'> & {
  readonly manager?: string | null | undefined;
  readonly licenses?: readonly string[] | null | undefined;
  readonly roles?: readonly string[] | null | undefined;
};

/** A user as the caller describes them, with what is named told apart from ids. Throws InvalidInput. */
export function readUserInput(given: Given, connectorId: string, at: string): UserInput {
  const { manager, licenses, roles, ...rest } = given;
  const references = (
    texts: readonly string[] | null | undefined,
    type: 'License' | 'Role',
    field: string,
  ) =>
    texts == null
      ? texts
      : texts.map((text, index) => readReference(text, type, connectorId, `${at}.${field}[${index}]`));
  return {
    ...rest,
    manager: manager == null ? manager : readPersonReference(manager, connectorId, `${at}.manager`),
    licenses: references(licenses, 'License', 'licenses'),
    roles: references(roles, 'Role', 'roles'),
  };
}

/** A person by id or email address. Throws InvalidInput for anything else. */
export function readPersonReference(text: string, connectorId: string, field: string) {
  const reference = readReference(text, 'User', connectorId, field);
  if ('id' in reference) return reference;
  if (!reference.name.includes('@')) {
    throw new InvalidInput(field, 'must be the id of a user of this organization, or an email address.');
  }
  return { name: readValue(field, reference.name, emailOf) };
}
