import type { Person } from '../../datasources/webex/people/person.ts';
import {
  BASIC_PARTS,
  includesParts,
  type PersonParts,
  REFERENCE_PARTS,
} from '../../datasources/webex/records.ts';
import { builder } from '../base/builder.ts';
import { localId } from '../base/global-ids.ts';
import { GroupRef, type GroupShape, LicenseRef, RoleRef, UserRef, type UserShape } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';
import { neededOfGroups, neededPersonParts } from '../execution/selection.ts';
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

const ofReference = { reads: { personParts: REFERENCE_PARTS } };
const ofAdmin = { reads: { personParts: ADMIN } };
const ofLicenses = { reads: { personParts: ADMIN, catalogue: 'licenses' } } as const;
const ofRoles = { reads: { personParts: ADMIN, catalogue: 'roles' } } as const;
const ofMemberships = { reads: { personParts: REFERENCE_PARTS, catalogue: 'memberships' } } as const;
const ofPresence = { reads: { personParts: PRESENCE } };
const ofCalling = { reads: { personParts: CALLING } };

/** A value of a user; where the user was read without it, the person is read again, in a batch. */
function read<T>(
  user: UserShape,
  needs: PersonParts,
  pick: (person: Person) => T | Promise<T>,
): T | Promise<T> {
  if (includesParts(user.person.parts, needs)) return pick(user.person);
  return user.webex.people.loadParts(user.person.id, needs).then((person) => pick(person ?? user.person));
}

/** What becomes of a value; at once where it is there, as a promise for each of thousands would cost time. */
function andThen<T, Result>(value: T | Promise<T>, next: (value: T) => Result): Result | Promise<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}

builder.node(UserRef, {
  description: 'A person, or a bot, with an account in the Webex organization.',
  id: { ...ofReference, resolve: ({ webex, person }) => localId(webex.connectorId, person.id) },
  fields: (t) => ({
    webexId: t.string({
      ...ofReference,
      description: 'The id Webex itself uses, as in its REST API.',
      resolve: ({ person }) => person.id,
    }),
    emails: t.field({
      type: ['EmailAddress'],
      description: 'The addresses the user signs in with; Webex keeps one.',
      resolve: (user) => read(user, BASIC_PARTS, (person) => person.emails),
    }),
    displayName: t.string({
      nullable: true,
      description: 'The full name, as others see it.',
      resolve: (user) => read(user, BASIC_PARTS, (person) => person.displayName),
    }),
    firstName: t.string({
      nullable: true,
      description: 'The given name.',
      resolve: (user) => read(user, BASIC_PARTS, (person) => person.firstName),
    }),
    lastName: t.string({
      nullable: true,
      description: 'The family name.',
      resolve: (user) => read(user, BASIC_PARTS, (person) => person.lastName),
    }),
    nickName: t.string({
      ...ofAdmin,
      nullable: true,
      description: 'What the user likes to be called. Webex keeps it in step with the first name.',
      resolve: (user) => read(user, ADMIN, (person) => person.nickName),
    }),
    title: t.string({
      ...ofAdmin,
      nullable: true,
      description: 'The job title.',
      resolve: (user) => read(user, ADMIN, (person) => person.title),
    }),
    department: t.string({
      ...ofAdmin,
      nullable: true,
      description: 'The department the user works in.',
      resolve: (user) => read(user, ADMIN, (person) => person.department),
    }),
    manager: t.field({
      ...ofAdmin,
      complexity: costs.userById,
      type: UserRef,
      nullable: true,
      description:
        'Whom the user reports to. Null for those at the top, and where the manager’s account is gone.',
      resolve: async (user, _arguments, _context, info): Promise<UserShape | null> => {
        const managerId = await read(user, ADMIN, (person) => person.managerId);
        if (managerId === undefined) return null;
        const manager = await user.webex.people.load(managerId, neededPersonParts(info));
        return manager === null ? null : { webex: user.webex, person: manager };
      },
    }),
    phoneNumbers: t.field({
      ...ofCalling,
      type: [PhoneNumberRef],
      description:
        'Phone numbers, those of Webex Calling included. Webex is slow to tell them, a hundred users at a time: ask for them where they are needed.',
      resolve: (user) => read(user, CALLING, (person) => person.phoneNumbers),
    }),
    extension: t.string({
      ...ofCalling,
      nullable: true,
      description:
        'The Webex Calling extension, without the location’s prefix. As slow to read as phoneNumbers.',
      resolve: (user) => read(user, CALLING, (person) => person.extension),
    }),
    locationId: t.string({
      ...ofCalling,
      nullable: true,
      description: 'Webex’s id of the calling location. As slow to read as phoneNumbers.',
      resolve: (user) => read(user, CALLING, (person) => person.locationId),
    }),
    addresses: t.field({
      ...ofAdmin,
      type: [AddressRef],
      description: 'Postal addresses.',
      resolve: (user) => read(user, ADMIN, (person) => person.addresses),
    }),
    timezone: t.string({
      ...ofAdmin,
      nullable: true,
      description: 'The time zone, as in Europe/Berlin.',
      resolve: (user) => read(user, ADMIN, (person) => person.timezone),
    }),
    avatar: t.field({
      type: 'URL',
      nullable: true,
      description: 'A picture of the user.',
      resolve: (user) => read(user, BASIC_PARTS, (person) => person.avatar),
    }),
    type: t.field({
      type: UserType,
      description: 'Whether this is a person or a machine.',
      resolve: (user) => read(user, BASIC_PARTS, (person) => toUserType(person.type)),
    }),
    status: t.field({
      ...ofPresence,
      type: UserPresence,
      nullable: true,
      description:
        'Whether the user can be reached just now. Null where they, or the connected administrator, do not share it. Makes lists slower.',
      resolve: (user) => read(user, PRESENCE, (person) => toPresence(person.status)),
    }),
    lastActivity: t.field({
      ...ofPresence,
      type: 'DateTime',
      nullable: true,
      description: 'When the user was last active in Webex. Null as status is.',
      resolve: (user) => read(user, PRESENCE, (person) => person.lastActivity),
    }),
    invitePending: t.boolean({
      ...ofAdmin,
      description: 'Whether the user was invited and has not signed in yet. False where Webex does not say.',
      resolve: (user) => read(user, ADMIN, (person) => person.invitePending),
    }),
    loginEnabled: t.boolean({
      ...ofAdmin,
      description: 'Whether the user may sign in. True where Webex does not say.',
      resolve: (user) => read(user, ADMIN, (person) => person.loginEnabled),
    }),
    siteUrls: t.stringList({
      ...ofAdmin,
      description: 'Meeting sites the user can use; one that ends in #attendee is for attending only.',
      resolve: (user) => read(user, ADMIN, (person) => [...person.siteUrls]),
    }),
    sipAddresses: t.field({
      ...ofAdmin,
      type: [SipAddressRef],
      description: 'Addresses for calls over SIP. Webex fills them in a while after a user was created.',
      resolve: (user) => read(user, ADMIN, (person) => person.sipAddresses),
    }),
    created: t.field({
      type: 'DateTime',
      description: 'When the account was made.',
      nullable: true,
      resolve: (user) => read(user, BASIC_PARTS, (person) => person.created),
    }),
    lastModified: t.field({
      ...ofAdmin,
      type: 'DateTime',
      nullable: true,
      description: 'When the account last changed.',
      resolve: (user) => read(user, ADMIN, (person) => person.lastModified),
    }),
    licenses: t.field({
      ...ofLicenses,
      complexity: costs.licensesOfUser,
      type: [LicenseRef],
      description:
        'The licenses the user holds. One that Webex no longer lists for the organization is left out.',
      resolve: (user) => {
        const { webex } = user;
        const licenses = read(user, ADMIN, (person) => webex.licenses.some(person.licenseIds));
        return andThen(licenses, (found) => found.map((license) => ({ webex, license })));
      },
    }),
    roles: t.field({
      ...ofRoles,
      complexity: costs.rolesOfUser,
      type: [RoleRef],
      description: 'The administrator roles the user has. Most users have none.',
      resolve: (user) => {
        const { webex } = user;
        const roles = read(user, ADMIN, (person) => webex.roles.some(person.roleIds));
        return andThen(roles, (found) => found.map((role) => ({ webex, role })));
      },
    }),
    groups: t.field({
      ...ofMemberships,
      complexity: costs.groupsOfUser,
      type: [GroupRef],
      description:
        'The groups the user is a member of, by name. May be as old as catalogues are kept: thirty seconds unless configured otherwise.',
      resolve: async ({ webex, person }, _arguments, _context, info): Promise<GroupShape[]> => {
        const needs = neededOfGroups(info);
        const groups = await webex.memberships.ofPerson(person.id, needs.members || needs.details);
        return groups.map((group) => ({ webex, group }));
      },
    }),
  }),
});
