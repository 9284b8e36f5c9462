import { DryRun, NothingChanged } from '../../provisioning/changes/outcome.ts';
import { builder } from '../base/builder.ts';
import { GroupRef, UserRef } from '../base/refs.ts';
import { GROUP_ERRORS, USER_ERRORS, USERS_ERRORS } from '../errors/changes.ts';
import { DryRunRef, NothingChangedRef } from './outcomes.ts';

/** The type of what is no error; those are told apart before. */
function typeOf(value: unknown, record: 'User' | 'Group'): string {
  if (value instanceof NothingChanged) return 'NothingChanged';
  return value instanceof DryRun ? 'DryRun' : record;
}

/** What a change of one user answers with. */
export function userResult(name: string) {
  return builder.errorUnion(name, {
    description: 'The user as they are after the change, or why it was not made as asked for.',
    types: [UserRef, NothingChangedRef, DryRunRef, ...USER_ERRORS],
    resolveType: (value) => typeOf(value, 'User'),
  });
}

/** What one change of a list of users answers with. */
export function usersResult(name: string) {
  return builder.errorUnion(name, {
    description: 'The user as they are after the change, or why it was not made as asked for.',
    types: [UserRef, NothingChangedRef, DryRunRef, ...USERS_ERRORS],
    resolveType: (value) => typeOf(value, 'User'),
  });
}

/** What a change of one group answers with. */
export function groupResult(name: string) {
  return builder.errorUnion(name, {
    description: 'The group as it is after the change, or why it was not made as asked for.',
    types: [GroupRef, NothingChangedRef, DryRunRef, ...GROUP_ERRORS],
    resolveType: (value) => typeOf(value, 'Group'),
  });
}
