import { Refusal } from '../../../http/errors.ts';
import type { People } from '../../state/people.ts';
import type { PersonRecord } from '../../state/records.ts';
import { ENTERPRISE } from './schemas.ts';

type Operator = 'eq' | 'sw' | 'ew';

interface Term {
  readonly attribute: string;
  readonly operator: Operator;
  readonly value: string;
}

/** What of a record can be compared how. */
export type Filters<T> = Readonly<
  Record<
    string,
    { readonly operators: readonly Operator[]; readonly read: (record: T) => readonly (string | undefined)[] }
  >
>;

/** What can be compared of users; `co`, `pr` and `active` are not among Webex's filters. */
const ATTRIBUTES: Filters<PersonRecord> = {
  id: { operators: ['eq'], read: (person) => [person.uuid] },
  username: { operators: ['eq', 'sw', 'ew'], read: (person) => [person.emails[0]] },
  displayname: { operators: ['eq', 'sw', 'ew'], read: (person) => [person.displayName] },
  nickname: { operators: ['eq', 'sw', 'ew'], read: (person) => [person.nickName] },
  'name.familyname': { operators: ['eq', 'sw', 'ew'], read: (person) => [person.lastName] },
  'name.givenname': { operators: ['eq', 'sw'], read: (person) => [person.firstName] },
  'emails.value': { operators: ['eq', 'sw', 'ew'], read: (person) => person.emails },
  'phonenumbers.value': {
    operators: ['eq', 'sw', 'ew'],
    read: (person) => person.phoneNumbers.map((phone) => phone.value),
  },
  department: { operators: ['eq', 'sw', 'ew'], read: (person) => [person.department] },
  'manager.displayname': { operators: ['eq', 'sw', 'ew'], read: (person) => [person.manager] },
};

/**
 * The people that a SCIM filter finds among those given, in their order; terms are joined by `or` alone.
 * Throws a 400 Refusal for a filter that Webex does not take.
 */
export function searchPeople(
  filter: string | null,
  all: readonly PersonRecord[],
  people: People,
  maxTerms: number,
): readonly PersonRecord[] {
  if (filter === null || filter.trim() === '') return all;
  const terms = readFilter(filter, ATTRIBUTES, maxTerms);
  if (!terms.every(isIndexed))
    return all.filter((person) => terms.some((term) => fits(person, term, ATTRIBUTES)));
  const found = terms.flatMap(({ attribute, value }) => {
    const person = attribute === 'id' ? people.byUuid(value) : people.byEmail(value);
    return person ?? [];
  });
  return [...new Set(found)].sort((one, other) => one.position - other.position);
}

/** As `searchPeople`, of other records, by the filters that they have. */
export function search<T>(
  filter: string | null,
  all: readonly T[],
  filters: Filters<T>,
  maxTerms: number,
): readonly T[] {
  if (filter === null || filter.trim() === '') return all;
  const terms = readFilter(filter, filters, maxTerms);
  return all.filter((record) => terms.some((term) => fits(record, term, filters)));
}

function isIndexed(term: Term): boolean {
  return term.operator === 'eq' && (term.attribute === 'id' || term.attribute === 'username');
}

function readFilter<T>(filter: string, filters: Filters<T>, maxTerms: number): Term[] {
  const terms: Term[] = [];
  const pattern = /\s*([\w.:]+)\s+(\w+)\s+"((?:[^"\\]|\\.)*)"\s*(\bor\b|$)/giy;
  let isComplete = false;
  while (!isComplete) {
    const [text, name = '', operator = '', quoted = '', joint] = pattern.exec(filter) ?? [];
    if (text === undefined) throw new Refusal(400, 'The filter is not valid.');
    terms.push(readTerm(name, operator.toLowerCase(), quoted.replace(/\\(.)/g, '$1'), filters));
    isComplete = joint === '';
  }
  if (terms.length > maxTerms) throw new Refusal(400, `A filter takes at most ${maxTerms} terms.`);
  return terms;
}

function readTerm<T>(name: string, operator: string, value: string, filters: Filters<T>): Term {
  const attribute = name.toLowerCase().replace(`${ENTERPRISE.toLowerCase()}:`, '');
  const known = Object.hasOwn(filters, attribute)
    ? filters[attribute]?.operators.find((each) => each === operator)
    : undefined;
  if (known === undefined) throw new Refusal(400, `The filter cannot compare ${name} by ${operator}.`);
  return { attribute, operator: known, value: value.toLowerCase() };
}

function fits<T>(record: T, { attribute, operator, value }: Term, filters: Filters<T>): boolean {
  const values = filters[attribute]?.read(record) ?? [];
  return values.some((each) => {
    const text = each?.toLowerCase();
    if (text === undefined) return false;
    if (operator === 'eq') return text === value;
    return operator === 'sw' ? text.startsWith(value) : text.endsWith(value);
  });
}
