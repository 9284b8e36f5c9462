import type { Reference, SetChange } from '../../provisioning/changes/references.ts';
import type { GroupUpdate, MembersInput } from '../../provisioning/groups/groups.ts';
import type { UserInput } from '../../provisioning/users/input.ts';
import type { FieldChange, Json } from '../../store/sync/words.ts';

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };
type Read = (input: Writable<UserInput>, change: FieldChange) => void;

/** How a field of the audit trail is written. */
const READERS: Readonly<Record<string, Read>> = {
  emails: (input, { after }) => {
    input.emails = textsOf(after);
  },
  displayName: (input, { after }) => {
    input.displayName = textOf(after);
  },
  firstName: (input, { after }) => {
    input.firstName = textOf(after);
  },
  lastName: (input, { after }) => {
    input.lastName = textOf(after);
  },
  title: (input, { after }) => {
    input.title = textOf(after);
  },
  department: (input, { after }) => {
    input.department = textOf(after);
  },
  manager: (input, { after }) => {
    input.managerName = textOf(after);
  },
  managerId: (input, { after }) => {
    input.manager = typeof after === 'string' ? referenceOf(after) : null;
  },
  avatar: (input, { after }) => {
    input.avatar = textOf(after);
  },
  phoneNumbers: (input, { after }) => {
    input.phoneNumbers = Array.isArray(after) ? textsOf(after) : null;
  },
  extension: (input, { after }) => {
    input.extension = textOf(after);
  },
  locationId: (input, { after }) => {
    input.location = textOf(after);
  },
  addresses: (input, { after }) => {
    input.addresses = Array.isArray(after) ? after.map(partsOf) : null;
  },
  siteUrls: (input, { after }) => {
    input.siteUrls = textsOf(after);
  },
  licenses: (input, change) => {
    input.licenses = setOf(change);
  },
  roles: (input, change) => {
    input.roles = setOf(change);
  },
  loginEnabled: (input, { after }) => {
    if (typeof after === 'boolean') input.loginEnabled = after;
  },
};

/** What provisioning is asked for so that a user becomes as an item says. Pure. */
export function userInputOf(changes: readonly FieldChange[]): UserInput {
  const input: Writable<UserInput> = {};
  for (const change of changes) READERS[change.field]?.(input, change);
  return input;
}

/** The name and description that an item gives to a group. Pure. */
export function groupInputOf(changes: readonly FieldChange[]): Omit<GroupUpdate, 'id'> {
  const find = (field: string) => changes.find((change) => change.field === field);
  const [name, description] = [find('displayName'), find('description')];
  return {
    ...(name === undefined ? {} : { displayName: textOf(name.after) }),
    ...(description === undefined ? {} : { description: textOf(description.after) }),
  };
}

/** The members that an item adds and removes. Pure. */
export function membersInputOf(changes: readonly FieldChange[]): Pick<MembersInput, 'add' | 'remove'> {
  const { before = [], after = [] } = changes.find(({ field }) => field === 'members') ?? {};
  return { add: textsOf(after).map(referenceOf), remove: textsOf(before).map(referenceOf) };
}

/** Whether a text names a user by address, not by Webex's id. */
export function isAddress(text: string): boolean {
  return text.includes('@');
}

function setOf({ before, after }: FieldChange): SetChange {
  const idsOf = (value: Json) => textsOf(value).map((id) => ({ id }));
  return { add: idsOf(after), remove: idsOf(before) };
}

function referenceOf(text: string): Reference {
  return isAddress(text) ? { name: text } : { id: text };
}

function textOf(value: Json): string | null {
  return typeof value === 'string' ? value : null;
}

function textsOf(value: Json): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function partsOf(value: Json): Record<string, string | null> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, textOf(part)]));
}
