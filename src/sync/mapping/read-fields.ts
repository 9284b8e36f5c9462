import { InvalidInput } from '../../errors/request.ts';
import { readUser, type UserInput } from '../../provisioning/users/input.ts';
import type { Json } from '../../store/sync/words.ts';
import type { DesiredUser } from '../words.ts';
import type { RecordProblems } from './record-problems.ts';
import { listOf } from './record-values.ts';
import { RuleFailed, textOf } from './rules.ts';

/** Values by the names of fields, as rules give them. Undefined: left alone. Null: cleared. */
export interface FieldValues {
  readonly [field: string]: Json | undefined;
}

const TEXTS = [
  'displayName',
  'firstName',
  'lastName',
  'title',
  'department',
  'avatar',
  'extension',
  'location',
] as const;
const LISTS = ['phoneNumbers', 'siteUrls'] as const;
const PARTS_OF_AN_ADDRESS = ['type', 'country', 'locality', 'region', 'streetAddress', 'postalCode'];

/**
 * Checks values by the rules of `createUser` and `updateUser`.
 * @param emails as they are written; empty if there are none
 * @returns emails and fields as they can be sent; undefined, with problems, if a value is wrong
 */
export function readFields(
  emails: readonly string[],
  values: FieldValues,
  problems: RecordProblems,
): { readonly emails: readonly string[]; readonly fields: DesiredUser['fields'] } | undefined {
  const input: { -readonly [Name in keyof UserInput]: UserInput[Name] } = {};
  if (emails.length > 0) input.emails = emails;
  for (const field of TEXTS) {
    const value = values[field];
    if (value === undefined) continue;
    input[field] = value === null ? null : problems.attempt(field, () => textOf(value));
  }
  for (const field of LISTS) {
    const value = values[field];
    if (value === undefined) continue;
    input[field] = value === null ? null : problems.attempt(field, () => listOf(value).map(textOf));
  }
  const { addresses, loginEnabled } = values;
  if (addresses !== undefined)
    input.addresses =
      addresses === null ? null : problems.attempt('addresses', () => listOf(addresses).map(addressOf));
  if (loginEnabled !== undefined)
    input.loginEnabled = problems.attempt('loginEnabled', () => booleanOf(loginEnabled));
  try {
    const { emails: checked, locationId, ...fields } = readUser(input, 'record', false).changes;
    return {
      emails: checked ?? [],
      fields: withoutUndefined({ ...fields, location: locationId }),
    };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    for (const { field, message } of error.problems) report(field.slice('record.'.length), message);
    return undefined;
  }

  function report(field: string, message: string): void {
    if (problems.concerns(field)) return;
    const index = /^phoneNumbers\[(\d+)\]$/.exec(field)?.[1];
    const number = index === undefined ? undefined : input.phoneNumbers?.[Number(index)];
    if (number !== undefined && /^\d{7,15}$/.test(number.trim())) {
      problems.add(
        field,
        'LOST_PLUS',
        'has no + in front, perhaps because a spreadsheet removed it. Export the column as text, or write numbers such as +49 30 901820.',
      );
    } else problems.add(field, 'INVALID_VALUE', message);
  }
}

function addressOf(value: Json): Record<string, string | null> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RuleFailed('WRONG_TYPE', 'must be a list of objects with the parts of an address.');
  const parts = Object.entries(value);
  const unknown = parts.find(([name]) => !PARTS_OF_AN_ADDRESS.includes(name));
  if (unknown !== undefined)
    throw new RuleFailed('WRONG_TYPE', `may have the parts ${PARTS_OF_AN_ADDRESS.join(', ')} only.`);
  return Object.fromEntries(
    parts.flatMap(([name, part]) => (part === null || part === '' ? [] : [[name, textOf(part)]])),
  );
}

function booleanOf(value: Json): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new RuleFailed('WRONG_TYPE', 'must be true or false.');
}

/** As JSON, without the parts that are undefined. */
function withoutUndefined(fields: object): DesiredUser['fields'] {
  return JSON.parse(JSON.stringify(fields));
}
