import type { Person } from '../../datasources/webex/people/person.ts';
import {
  BASIC_PARTS,
  includesParts,
  type PersonParts,
  REFERENCE_PARTS,
} from '../../datasources/webex/records.ts';
import { builder } from '../base/builder.ts';
import { GroupRef, type GroupShape, LicenseRef, RoleRef, UserRef, type UserShape } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';
import { neededOfGroups, neededPersonParts } from '../execution/selection.ts';
import { CONNECTOR_OPTIONS, idOptions, webexIdOptions } from './common-fields.ts';
import {
  AddressRef,
  PhoneNumberRef,
  SipAddressRef,
  toPresence,
  toUserType,
  UserPresence,
  UserType,
} from './user-values.ts';

const ADMIN: PersonParts = { ...BASIC_PARTS, admin: true };
const PRESENCE: PersonParts = { ...BASIC_PARTS, presence: true };
const CALLING: PersonParts = { ...ADMIN, calling: true };

const ofAdmin = { reads: { personParts: ADMIN } };
const ofLicenses = { reads: { personParts: ADMIN, catalogue: 'licenses' } } as const;
const ofRoles = { reads: { personParts: ADMIN, catalogue: 'roles' } } as const;
const ofMemberships = { reads: { personParts: REFERENCE_PARTS, catalogue: 'memberships' } } as const;
const ofPresence = { reads: { personParts: PRESENCE } };
const ofCalling = { reads: { personParts: CALLING } };

/** A value of a user. If the user was read without it, the person is read again, in a batch. */
function read<T>(
  user: UserShape,
  needs: PersonParts,
  pick: (person: Person) => T | Promise<T>,
): T | Promise<T> {
  if (includesParts(user.person.parts, needs)) return pick(user.person);
  return user.webex.people.loadParts(user.person.id, needs).then((person) => pick(person ?? user.person));
}

/** What becomes of a value, at once if it is there: a promise for each of thousands would cost time. */
function andThen<T, Result>(value: T | Promise<T>, next: (value: T) => Result): Result | Promise<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}

builder.objectType(UserRef, {
  description: 'A user of the organization: a person or a bot.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id(idOptions('User', ({ person }) => person.id)),
    webexId: t.string(webexIdOptions(({ person }) => person.id)),
    connector: t.field(CONNECTOR_OPTIONS),
    emails: t.field({
      fallible: true,
      type: ['EmailAddress'],
      description: 'The email addresses that the user signs in with. Webex keeps one.',
      resolve: (user) => read(user, BASIC_PARTS, (person) => person.emails),
    }),
    displayName: t.string({
      nullable: true,
      description: 'The full name, as others see it. Null if Webex does not say.',
      resolve: (user) => read(user, BASIC_PARTS, (person) => person.displayName),
    }),
    firstName: t.string({
      nullable: true,
      description: 'The first name. Null if the user has none.',
      resolve: (user) => read(user, BASIC_PARTS, (person) => person.firstName),
    }),
    lastName: t.string({
      nullable: true,
      description: 'The last name. Null if the user has none.',
      resolve: (user) => read(user, BASIC_PARTS, (person) => person.lastName),
    }),
    nickName: t.string({
      ...ofAdmin,
      nullable: true,
      description: 'The nickname. Webex sets it to the first name. Null if Webex does not say.',
      resolve: (user) => read(user, ADMIN, (person) => person.nickName),
    }),
    title: t.string({
      ...ofAdmin,
      nullable: true,
      description: 'The job title. Null if it is not set.',
      resolve: (user) => read(user, ADMIN, (person) => person.title),
    }),
    department: t.string({
      ...ofAdmin,
      nullable: true,
      description: 'The department. Null if it is not set.',
      resolve: (user) => read(user, ADMIN, (person) => person.department),
    }),
    manager: t.field({
      ...ofAdmin,
      complexity: costs.userById,
      type: UserRef,
      nullable: true,
      description: 'The manager. Null if the user has none, or if the manager’s account is deleted.',
      resolve: async (user, _arguments, _context, info): Promise<UserShape | null> => {
        const managerId = await read(user, ADMIN, (person) => person.managerId);
        if (managerId === undefined) return null;
        const manager = await user.webex.people.load(managerId, neededPersonParts(info));
        return manager === null ? null : { webex: user.webex, person: manager };
      },
    }),
    phoneNumbers: t.field({
      ...ofCalling,
      fallible: true,
      type: [PhoneNumberRef],
      description:
        'The phone numbers, including those of Webex Calling. Slow: Webex sends them for 100 users at a time.',
      resolve: (user) => read(user, CALLING, (person) => person.phoneNumbers),
    }),
    extension: t.string({
      ...ofCalling,
      nullable: true,
      description:
        'The Webex Calling extension, without the prefix of the location. As slow as phoneNumbers. Null if the user has none.',
      resolve: (user) => read(user, CALLING, (person) => person.extension),
    }),
    locationWebexId: t.string({
      ...ofCalling,
      nullable: true,
      description:
        'Webex’s ID of the Webex Calling location. As slow as phoneNumbers. Null if the user has none.',
      resolve: (user) => read(user, CALLING, (person) => person.locationId),
    }),
    addresses: t.field({
      ...ofAdmin,
      fallible: true,
      type: [AddressRef],
      description: 'The postal addresses.',
      resolve: (user) => read(user, ADMIN, (person) => person.addresses),
    }),
    timezone: t.string({
      ...ofAdmin,
      nullable: true,
      description: 'The time zone, for example Europe/Berlin. Null if it is not set.',
      resolve: (user) => read(user, ADMIN, (person) => person.timezone),
    }),
    avatar: t.field({
      type: 'URL',
      nullable: true,
      description: 'The address of the profile picture. Null if the user has none.',
      resolve: (user) => read(user, BASIC_PARTS, (person) => person.avatar),
    }),
    type: t.field({
      fallible: true,
      type: UserType,
      description: 'The kind of account: a person or a machine. UNKNOWN if Webex does not say.',
      resolve: (user) => read(user, BASIC_PARTS, (person) => toUserType(person.type)),
    }),
    status: t.field({
      ...ofPresence,
      type: UserPresence,
      nullable: true,
      description:
        'The presence of the user at this moment. Null if Webex hides presence from the administrator who connected. Slows lists down.',
      resolve: (user) => read(user, PRESENCE, (person) => toPresence(person.status)),
    }),
    lastActivityAt: t.field({
      ...ofPresence,
      type: 'DateTime',
      nullable: true,
      description: 'When the user was last active. Null if Webex hides presence, as with status.',
      resolve: (user) => read(user, PRESENCE, (person) => person.lastActivity),
    }),
    invitePending: t.boolean({
      ...ofAdmin,
      nullable: true,
      description: 'Whether the user was invited and has not signed in yet. Null if Webex does not say.',
      resolve: (user) => read(user, ADMIN, (person) => person.invitePending),
    }),
    loginEnabled: t.boolean({
      ...ofAdmin,
      nullable: true,
      description: 'Whether the user may sign in. Null if Webex does not say.',
      resolve: (user) => read(user, ADMIN, (person) => person.loginEnabled),
    }),
    siteUrls: t.stringList({
      ...ofAdmin,
      fallible: true,
      description:
        'The meeting sites that the user can use. A site that ends in #attendee is for attending meetings only.',
      resolve: (user) => read(user, ADMIN, (person) => [...person.siteUrls]),
    }),
    sipAddresses: t.field({
      ...ofAdmin,
      fallible: true,
      type: [SipAddressRef],
      description: 'The SIP addresses. Webex sets them some time after the user is created.',
      resolve: (user) => read(user, ADMIN, (person) => person.sipAddresses),
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When the account was created. Null if Webex does not say.',
      nullable: true,
      resolve: (user) => read(user, BASIC_PARTS, (person) => person.created),
    }),
    lastModifiedAt: t.field({
      ...ofAdmin,
      type: 'DateTime',
      nullable: true,
      description: 'When the account was last changed. Null if Webex does not say.',
      resolve: (user) => read(user, ADMIN, (person) => person.lastModified),
    }),
    licenses: t.field({
      ...ofLicenses,
      complexity: costs.licensesOfUser,
      fallible: true,
      type: [LicenseRef],
      description: 'The licenses of the user. Licenses that the organization no longer has are left out.',
      resolve: (user) => {
        const { webex } = user;
        const licenses = read(user, ADMIN, (person) => webex.licenses.some(person.licenseIds));
        return andThen(licenses, (found) => found.map((license) => ({ webex, license })));
      },
    }),
    roles: t.field({
      ...ofRoles,
      complexity: costs.rolesOfUser,
      fallible: true,
      type: [RoleRef],
      description: 'The administrator roles of the user. Most users have none.',
      resolve: (user) => {
        const { webex } = user;
        const roles = read(user, ADMIN, (person) => webex.roles.some(person.roleIds));
        return andThen(roles, (found) => found.map((role) => ({ webex, role })));
      },
    }),
    groups: t.field({
      ...ofMemberships,
      complexity: costs.groupsOfUser,
      fallible: true,
      type: [GroupRef],
      description:
        'The groups that the user is a member of, by name. At most as old as CATALOGUE_LIFETIME (default: 30 seconds).',
      resolve: async ({ webex, person }, _arguments, _context, info): Promise<GroupShape[]> => {
        const needs = neededOfGroups(info);
        const groups = await webex.memberships.ofPerson(person.id, needs.members || needs.details);
        return groups.map((group) => ({ webex, group }));
      },
    }),
  }),
});
