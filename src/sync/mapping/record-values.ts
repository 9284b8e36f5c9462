import { canonicalEmail, canonicalName } from '../../datasources/webex/canonical.ts';
import {
  emailOf,
  nameOf,
  textOf as readerOf,
  type ValueReader,
} from '../../provisioning/users/input-values.ts';
import type { Json } from '../../store/sync/words.ts';
import type { DesiredUser, JsonObject, MappingOutline } from '../words.ts';
import type { RecordProblems } from './record-problems.ts';
import { type CompiledRule, columnOf, isEmpty, textOf } from './rules.ts';

const LONGEST_KEY = 256;
const MOST_GROUPS = 500;
const MOST_ADDRESSES = 50;

const keyOf = readerOf(LONGEST_KEY);

/** What Microsoft Entra puts before the address of a deleted user. */
const TOMBSTONE = /^[\da-f]{32}[^@]*@/i;

/** A key of a record: a text, trimmed and in NFC. Undefined if it is empty, or is wrong, which is a problem. */
export function readKey(
  field: 'key' | 'previousKey',
  column: string,
  record: JsonObject,
  problems: RecordProblems,
): string | undefined {
  const value = columnOf(record, column);
  return isEmpty(value) ? undefined : readOne(field, value, keyOf, problems);
}

/** Addresses of a record as they are written, each valid one in canonical form, too. */
export interface Addresses {
  readonly values: readonly string[];
  readonly canonical: readonly string[];
  /** Whether the rule gives a list, not one text. */
  readonly isList: boolean;
}

/**
 * The addresses that a rule gives.
 * @param areJudged whether an address that is not valid is a problem; emails are judged with the other fields
 */
export function readAddresses(
  field: 'emails' | 'alternates' | 'previousEmails',
  rule: CompiledRule | undefined,
  record: JsonObject,
  areJudged: boolean,
  problems: RecordProblems,
): Addresses {
  const given = problems.evaluate(field, rule, record) ?? [];
  const isList = Array.isArray(given);
  const values = problems.attempt(field, () => listOf(given).map(textOf)) ?? [];
  if (values.length > MOST_ADDRESSES)
    problems.add(field, 'INVALID_VALUE', `must be ${MOST_ADDRESSES} at most.`);
  const canonical: string[] = [];
  for (const [index, value] of values.slice(0, MOST_ADDRESSES).entries()) {
    const read = emailOf(value);
    const path = isList ? `${field}[${index}]` : field;
    if ('refusal' in read) {
      if (areJudged) problems.add(path, 'INVALID_VALUE', read.refusal);
    } else if (field === 'emails' && TOMBSTONE.test(read.value)) {
      problems.add(
        path,
        'TOMBSTONE_ADDRESS',
        'is the address of a deleted user: Microsoft Entra puts 32 hexadecimal digits before the former address. Leave the record out of the source.',
      );
    } else canonical.push(canonicalEmail(read.value));
  }
  return { values, canonical: [...new Set(canonical)], isList };
}

/** The manager that a rule gives; undefined leaves the field alone. */
export function readManager(
  rule: CompiledRule | undefined,
  by: 'EMAIL' | 'KEY',
  record: JsonObject,
  problems: RecordProblems,
): DesiredUser['manager'] {
  const value = problems.evaluate('manager', rule, record);
  if (value === undefined || value === null) return value;
  const read = readOne('manager', value, by === 'EMAIL' ? emailOf : keyOf, problems);
  if (read === undefined) return undefined;
  return { by, value: by === 'EMAIL' ? canonicalEmail(read) : read };
}

/** Names of managed groups that a rule gives; undefined leaves memberships alone. Other groups are left out. */
export function readGroups(
  rule: CompiledRule | undefined,
  managed: MappingOutline['groups']['managed'],
  record: JsonObject,
  problems: RecordProblems,
): readonly string[] | undefined {
  const value = problems.evaluate('groups', rule, record);
  if (value === undefined) return undefined;
  if (value === null) return [];
  const names = listOf(value).map((each) => readOne('groups', each, nameOf, problems));
  if (names.length > MOST_GROUPS) problems.add('groups', 'INVALID_VALUE', `must be ${MOST_GROUPS} at most.`);
  const unique = new Map(names.flatMap((name) => (name === undefined ? [] : [[canonicalName(name), name]])));
  return [...unique].flatMap(([canonical, name]) => (isManaged(canonical, managed) ? [name] : []));
}

function isManaged(canonical: string, managed: MappingOutline['groups']['managed']): boolean {
  if ('prefix' in managed) return canonical.startsWith(managed.prefix.toLowerCase());
  return managed.names.some((name) => canonicalName(name) === canonical);
}

function readOne(
  field: string,
  value: Json,
  reader: ValueReader,
  problems: RecordProblems,
): string | undefined {
  const text = problems.attempt(field, () => textOf(value));
  if (text === undefined) return undefined;
  const read = reader(text);
  if ('value' in read) return read.value;
  problems.add(field, 'INVALID_VALUE', read.refusal);
  return undefined;
}

export function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [value];
}
