import type { DesiredUser, JsonObject, MappedRecord, SourceRecord } from '../words.ts';
import { compile } from './expressions.ts';
import type { GrantRule, ResolvedMapping } from './mapping.ts';
import { type FieldValues, readFields } from './read-fields.ts';
import { RecordProblems } from './record-problems.ts';
import { type Addresses, readAddresses, readGroups, readKey, readManager } from './record-values.ts';
import type { ValueRule } from './rule-schema.ts';
import { type CompiledRule, compileRule } from './rules.ts';

interface CompiledGrant {
  readonly when: CompiledRule | undefined;
  readonly give: readonly string[];
  /** By the names of fields. */
  readonly fields: Readonly<Record<string, CompiledRule>>;
}

/** Maps the records of a source by one mapping. Each rule is compiled once. */
export class RecordMapper {
  readonly #mapping: ResolvedMapping;
  readonly #qualify: CompiledRule | undefined;
  readonly #emails: CompiledRule;
  readonly #alternates: CompiledRule | undefined;
  readonly #previousEmails: CompiledRule | undefined;
  readonly #manager: CompiledRule | undefined;
  readonly #groups: CompiledRule | undefined;
  readonly #fields: Readonly<Record<string, CompiledRule>>;
  readonly #licenses: readonly CompiledGrant[];
  readonly #roles: readonly CompiledGrant[];

  constructor(mapping: ResolvedMapping) {
    const { rules } = mapping;
    this.#mapping = mapping;
    this.#qualify = rules.qualify === undefined ? undefined : compile(rules.qualify);
    this.#emails = compileRule(rules.emails);
    this.#alternates = compileOptional(rules.alternates);
    this.#previousEmails = compileOptional(rules.previousEmails);
    this.#manager = compileOptional(rules.manager?.rule);
    this.#groups = compileOptional(rules.groups);
    this.#fields = compileFields(rules.fields);
    this.#licenses = rules.licenses.map(compileGrant);
    this.#roles = rules.roles.map(compileGrant);
  }

  /** What a plan stages of a record. What is wrong with the record is in the result; nothing is thrown for it. */
  map(source: SourceRecord): MappedRecord {
    const { at, is, value: record } = source;
    if (is !== 'VALUE' || record === undefined) return presenceOf(source);
    const problems = new RecordProblems();
    const qualifies = this.#qualify === undefined || problems.decide('qualify', this.#qualify, record);
    // Addresses and fields of a user who is to have no account are not judged.
    const isJudged = qualifies !== false;
    const quiet = isJudged ? problems : new RecordProblems();
    const addresses = (field: 'emails' | 'alternates' | 'previousEmails', rule: CompiledRule | undefined) =>
      readAddresses(field, rule, record, field !== 'emails', quiet);
    const emails = addresses('emails', this.#emails);
    const known = {
      ...{ at, qualifies: isJudged },
      ...this.#keysOf(record, emails.canonical[0], problems),
      emails: emails.canonical,
      alternates: addresses('alternates', this.#alternates).canonical,
      former: addresses('previousEmails', this.#previousEmails).canonical,
    };
    const desired = isJudged ? this.#desiredUser(record, emails, problems) : undefined;
    const isValid = problems.found.length === 0;
    return {
      ...known,
      state: isValid ? 'OK' : 'INVALID',
      desired: isValid ? desired : undefined,
      problems: problems.found,
    };
  }

  #keysOf(record: JsonObject, firstAddress: string | undefined, problems: RecordProblems) {
    const { key: column, previousKey: previousColumn } = this.#mapping.outline.source;
    const key = column === undefined ? firstAddress : readKey('key', column, record, problems);
    if (key === undefined && !problems.concerns('key')) {
      const what =
        column === undefined ? 'the first address is the key, and the record has no address.' : 'is empty.';
      problems.add('key', 'MISSING_KEY', `${what} Without a key the record cannot be recognized later.`);
    }
    const previousKey =
      previousColumn === undefined ? undefined : readKey('previousKey', previousColumn, record, problems);
    return { key, previousKey };
  }

  #desiredUser(record: JsonObject, emails: Addresses, problems: RecordProblems): DesiredUser | undefined {
    if (emails.values.length === 0 && !problems.concerns('emails'))
      problems.add('emails', 'MISSING_EMAIL', 'is empty: a user needs an address.');
    const { outline, rules } = this.#mapping;
    const licenses = matching(this.#licenses, 'licenses', record, problems);
    const roles = matching(this.#roles, 'roles', record, problems);
    const manager = readManager(this.#manager, rules.manager?.by ?? 'EMAIL', record, problems);
    const groups = readGroups(this.#groups, outline.groups.managed, record, problems);
    const values = valuesOf(this.#fields, licenses, record, problems);
    const read = readFields(emails.values, values, problems);
    if (read === undefined) return undefined;
    return {
      emails: { values: read.emails, mode: emails.isList ? 'ALL' : 'FIRST' },
      fields: read.fields,
      ...(manager === undefined ? {} : { manager }),
      licenses: givenBy(licenses),
      roles: givenBy(roles),
      ...(groups === undefined ? {} : { groups }),
    };
  }
}

/** A record without content: only that it is there, or that it was deleted. */
function presenceOf({ at, is, key }: SourceRecord): MappedRecord {
  const isKnown = key !== undefined && is !== 'VALUE';
  const problem = { field: 'key', code: 'MISSING_KEY', message: 'is empty.' };
  return {
    ...{ at, key, previousKey: undefined, qualifies: true, desired: undefined },
    state: isKnown ? is : 'INVALID',
    ...{ emails: [], alternates: [], former: [] },
    problems: isKnown ? [] : [problem],
  };
}

function matching(
  rules: readonly CompiledGrant[],
  field: string,
  record: JsonObject,
  problems: RecordProblems,
): CompiledGrant[] {
  return rules.filter(
    ({ when }, index) =>
      when === undefined || problems.decide(`${field}.rules[${index}].when`, when, record) === true,
  );
}

function givenBy(rules: readonly CompiledGrant[]): string[] {
  return [...new Set(rules.flatMap(({ give }) => give))];
}

/** What a license needs comes before what the field itself says. */
function valuesOf(
  fields: Readonly<Record<string, CompiledRule>>,
  licenses: readonly CompiledGrant[],
  record: JsonObject,
  problems: RecordProblems,
): FieldValues {
  const values: Record<string, FieldValues[string]> = {};
  for (const rules of [fields, ...licenses.map((license) => license.fields)]) {
    for (const [field, rule] of Object.entries(rules)) {
      const value = problems.evaluate(field, rule, record);
      if (value !== undefined) values[field] = value;
    }
  }
  return values;
}

function compileOptional(rule: ValueRule | undefined): CompiledRule | undefined {
  return rule === undefined ? undefined : compileRule(rule);
}

function compileFields(rules: {
  readonly [field: string]: ValueRule | undefined;
}): Record<string, CompiledRule> {
  return Object.fromEntries(
    Object.entries(rules).flatMap(([field, rule]) =>
      rule === undefined ? [] : [[field, compileRule(rule)]],
    ),
  );
}

function compileGrant(rule: GrantRule<string>): CompiledGrant {
  const { locationId, extension, phoneNumber } = rule.with ?? {};
  return {
    when: rule.when === undefined ? undefined : compile(rule.when),
    give: rule.give,
    fields: compileFields({ location: locationId, extension, phoneNumbers: phoneNumber }),
  };
}
