import type { Json } from '../../store/sync/words.ts';
import type { JsonObject } from '../words.ts';
import { compile } from './expressions.ts';
import type { ValueRule } from './rule-schema.ts';
import { readTemplate, type TemplatePart } from './templates.ts';

/** Evaluates a rule for a record: undefined leaves the field alone, null clears it. Throws RuleFailed, ExpressionFailed. */
export type CompiledRule = (record: JsonObject) => Json | undefined;

/** A rule that has no value for a record. The message has no value of the record. */
export class RuleFailed extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type Step = (value: Json) => Json | undefined;

/**
 * Makes a function of a rule. The steps are, in this order: the source (from, constant, template or expression), split,
 * take, trim, lower or upper, table, join, and then default or clear if nothing is left.
 */
export function compileRule(rule: ValueRule): CompiledRule {
  const source = sourceOf(rule);
  const steps = stepsOf(rule);
  const empty = rule.default !== undefined ? rule.default : rule.clear === 'EMPTY' ? null : undefined;
  const isCleared = rule.constant === null;
  return (record) => {
    let value = source(record);
    for (const step of steps) {
      if (isEmpty(value)) break;
      value = step(value);
    }
    return isEmpty(value) ? (isCleared ? null : empty) : value;
  };
}

/** Nothing, null, a text of blanks or a list without entries. */
export function isEmpty(value: Json | undefined): value is undefined | null {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return value.trim() === '';
  return Array.isArray(value) && value.length === 0;
}

function sourceOf({
  from,
  constant,
  template,
  expression,
}: ValueRule): (record: JsonObject) => Json | undefined {
  if (from !== undefined) return (record) => columnOf(record, from);
  if (expression !== undefined) return compile(expression);
  if (template === undefined) return () => constant;
  const parts = readTemplate(template) ?? [];
  return (record) => fill(parts, record);
}

/** The value of a column or attribute; undefined if the record has none. */
export function columnOf(record: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Nothing if all columns are empty. */
function fill(parts: readonly TemplatePart[], record: JsonObject): string | undefined {
  let hasValue = false;
  const texts = parts.map((part) => {
    if ('text' in part) return part.text;
    const value = columnOf(record, part.column);
    if (isEmpty(value)) return '';
    hasValue = true;
    return textOf(value).trim();
  });
  return hasValue ? texts.join('').trim() : undefined;
}

function stepsOf({ split, take, trim, lower, upper, table, otherwise, join }: ValueRule): Step[] {
  const steps: Step[] = [];
  if (split !== undefined) {
    steps.push((value) => {
      const parts = listOf(value).flatMap((each) => textOf(each).split(split));
      return parts.map((part) => part.trim()).filter((part) => part !== '');
    });
  }
  if (take !== undefined) steps.push((value) => listOf(value).at(take > 0 ? take - 1 : take));
  if (trim === true) steps.push(each((value) => textOf(value).trim()));
  if (lower === true) steps.push(each((value) => textOf(value).toLowerCase()));
  if (upper === true) steps.push(each((value) => textOf(value).toUpperCase()));
  if (table !== undefined) steps.push(each((value) => lookUp(table, textOf(value), otherwise ?? 'INVALID')));
  if (join !== undefined)
    steps.push((value) =>
      Array.isArray(value) ? value.map((part: Json) => textOf(part)).join(join) : value,
    );
  return steps;
}

/** A step for a text, or for each entry of a list; entries without a result are left out. */
function each(step: (value: Json) => Json | undefined): Step {
  return (value) => {
    if (!Array.isArray(value)) return step(value);
    return value.map((part: Json) => step(part)).filter((part) => part !== undefined && part !== null);
  };
}

function lookUp(
  table: NonNullable<ValueRule['table']>,
  value: string,
  otherwise: NonNullable<ValueRule['otherwise']>,
): Json | undefined {
  if (Object.hasOwn(table, value)) return table[value];
  if (otherwise === 'SAME') return value;
  if (otherwise === 'NOTHING') return undefined;
  throw new RuleFailed('NOT_IN_TABLE', 'is not in the table of this rule. Add it, or set otherwise.');
}

function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [value];
}

/** A text for a text, a number, or true or false. Throws RuleFailed. */
export function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && (!Number.isInteger(value) || Number.isSafeInteger(value)))
    return String(value);
  throw new RuleFailed('WRONG_TYPE', 'must be a text.');
}
