import type { ConnectorRecord } from '../../connectors/connectors.ts';
import type { GroupFilter } from '../../datasources/webex/groups/groups.ts';
import type { PeopleFilter } from '../../datasources/webex/people/people.ts';
import { InvalidInput } from '../../errors/request.ts';
import { readValue } from '../../provisioning/changes/problems.ts';
import { emailOf, idOf, nameOf, prefixOf, type ValueReader } from '../../provisioning/users/input-values.ts';
import { builder } from '../base/builder.ts';
import { readWebexId } from '../base/global-ids.ts';

export const UserFilter = builder.inputType('UserFilter', {
  description: 'Narrows a list of users. Give one field: Webex cannot combine them.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      required: false,
      description: 'Users with exactly this address.',
    }),
    displayNameStartsWith: t.string({ required: false, description: 'Users whose display name begins so.' }),
    roleId: t.id({ required: false, description: 'Users who have this role.' }),
    locationId: t.string({
      required: false,
      description: 'Users of this calling location, by Webex’s id of it. Slow: Webex sends fifty at a time.',
    }),
  }),
});

export const GroupFilterInput = builder.inputType('GroupFilter', {
  description: 'Narrows a list of groups. Give one field: Webex cannot combine them.',
  fields: (t) => ({
    displayName: t.string({ required: false, description: 'The group with exactly this name.' }),
    displayNameStartsWith: t.string({ required: false, description: 'Groups whose name begins so.' }),
  }),
});

type Maybe<T> = T | null | undefined;

/** The filter of a list of users. Throws InvalidInput. */
export function readUserFilter(
  connector: ConnectorRecord,
  filter: {
    email?: Maybe<string>;
    displayNameStartsWith?: Maybe<string>;
    roleId?: Maybe<string>;
    locationId?: Maybe<string>;
  },
): PeopleFilter {
  oneAtMost('filter', filter);
  const roleId =
    filter.roleId == null ? undefined : readWebexId(filter.roleId, 'Role', connector.id, 'filter.roleId');
  if (roleId === null) throw new InvalidInput('filter.roleId', 'must be the id of a role of this connector.');
  return {
    email: optional('filter.email', filter.email, emailOf),
    displayName: optional('filter.displayNameStartsWith', filter.displayNameStartsWith, prefixOf),
    roleId,
    locationId: optional('filter.locationId', filter.locationId, idOf),
  };
}

/** The filter of a list of groups. Throws InvalidInput. */
export function readGroupFilter(filter: {
  displayName?: Maybe<string>;
  displayNameStartsWith?: Maybe<string>;
}): GroupFilter {
  oneAtMost('filter', filter);
  return {
    displayName: optional('filter.displayName', filter.displayName, nameOf),
    displayNameStartsWith: optional('filter.displayNameStartsWith', filter.displayNameStartsWith, prefixOf),
  };
}

function optional(field: string, given: Maybe<string>, read: ValueReader): string | undefined {
  return given == null ? undefined : readValue(field, given, read);
}

/** @param field what the values are fields of; none if they are arguments */
function given(values: Readonly<Record<string, unknown>>, field?: string): string[] {
  for (const [name, value] of Object.entries(values)) {
    if (value === '')
      throw new InvalidInput(field === undefined ? name : `${field}.${name}`, 'must not be empty.');
  }
  return Object.keys(values).filter((name) => values[name] != null);
}

/** Throws InvalidInput unless exactly one of the arguments is given. */
export function exactlyOne(values: Readonly<Record<string, unknown>>): void {
  if (given(values).length !== 1) {
    const names = Object.keys(values);
    throw new InvalidInput(names.join(' or '), 'give exactly one of them.');
  }
}

function oneAtMost(field: string, values: Readonly<Record<string, unknown>>): void {
  const names = given(values, field);
  if (names.length > 1) {
    throw new InvalidInput(field, `give one field only; Webex cannot combine ${names.join(' and ')}.`);
  }
}
