import type { MappingOutline } from '../words.ts';
import { columnsOf } from './expressions.ts';
import type { MappingRules } from './mapping.ts';
import type { ValueRule } from './rule-schema.ts';
import { readTemplate } from './templates.ts';

/** Columns and attributes that a mapping names, each once. Pure. */
export function columnsOfMapping(
  { key, previousKey }: MappingOutline['source'],
  rules: MappingRules,
): string[] {
  const given = [...rules.licenses, ...rules.roles];
  const values = [
    rules.emails,
    rules.alternates,
    rules.previousEmails,
    rules.manager?.rule,
    rules.groups,
    ...Object.values(rules.fields),
    ...given.flatMap((each) => Object.values(each.with ?? {})),
  ];
  const conditions = [rules.qualify, ...given.map(({ when }) => when)];
  const names = [
    key,
    previousKey,
    ...values.flatMap((rule) => (rule === undefined ? [] : columnsOfRule(rule))),
    ...conditions.flatMap((condition) => (condition === undefined ? [] : columnsOf(condition))),
  ];
  return [...new Set(names.filter((each) => each !== undefined))];
}

function columnsOfRule({ from, template, expression }: ValueRule): string[] {
  if (from !== undefined) return [from];
  if (expression !== undefined) return columnsOf(expression);
  return (readTemplate(template ?? '') ?? []).flatMap((part) => ('column' in part ? [part.column] : []));
}
