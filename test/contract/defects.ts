import type { ErrorObject } from 'ajv';

/** A place where the specification is known to be wrong, and what of an answer that excuses. */
interface Defect {
  readonly operation: RegExp;
  readonly reason: string;
  readonly excuses: (error: ErrorObject) => boolean;
}

/** Errors of the specification itself, each seen in answers of the real service or in its own examples. */
export const DEFECTS: readonly Defect[] = [
  {
    operation: /\/people/,
    reason: 'invitePending and loginEnabled are string enums here, but booleans in writes and in clients',
    excuses: (error) => /\/(invitePending|loginEnabled)$/.test(error.instancePath),
  },
  {
    operation: /scim.*\/Users/,
    reason:
      'accountStatus is a string in the schema, and a list in its examples and in clients made from real traffic',
    excuses: (error) => /\/accountStatus$/.test(error.instancePath),
  },
];

/** Members that real answers have and the specification does not name. */
export const UNDOCUMENTED: Readonly<Record<string, string>> = {
  'GET /people?id items[].userName': 'answers to ?id= have it, plain lists do not',
  'GET /groups groups[].description': 'live answers have it',
  'GET /groups groups[].usage': 'live answers have it',
  'GET /groups/{groupId} description': 'live answers have it',
  'GET /groups/{groupId} usage': 'live answers have it',
  'POST /groups description': 'live answers have it',
  'POST /groups usage': 'live answers have it',
  'PATCH /groups/{groupId} usage': 'live answers have it',
  'PATCH /groups/{groupId} description': 'live answers have it',
  'GET /identity/scim/{orgId}/v2/Groups totalResults':
    'its example and clients have it, and the schema calls it memberSize',
  'GET /identity/scim/{orgId}/v2/Groups/{groupId}/Members memberSize':
    'its example has it, and the schema calls it totalResults',
  'GET /groups/{groupId}/members startIndex': 'the parameters of this list have it, its schema lacks it',
  'GET /groups/{groupId}/members itemsPerPage': 'as startIndex',
  'GET /groups/{groupId}/members description': 'live answers have it',
  'GET /groups/{groupId}/members usage': 'live answers have it',
};
