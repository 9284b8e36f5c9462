import { type ASTNode, Environment, type ParseResult } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import type { Json } from '../../store/sync/words.ts';
import type { JsonObject } from '../words.ts';
import { ExpressionFailed, fromCel, toCel } from './cel-values.ts';
import { freeNames, nodesOf } from './expression-tree.ts';

/**
 * Expressions in CEL, the Common Expression Language. Only this file knows the library.
 *
 * No expression is evaluated in the gateway's own process: evaluating may take any time and any memory. Reading one is
 * bounded by the limits below.
 */

const LONGEST_PATTERN = 500;
const MOST_PATTERNS = 100;
const LONGEST_RESULT = 65_536;

const patterns = new Map<string, RE2JS>();

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: 1_000, maxDepth: 50, maxListElements: 500, maxMapEntries: 500 },
})
  .registerFunction('like(string, string): bool', like)
  .registerFunction('lower(string): string', (text: string) => text.toLowerCase())
  .registerFunction('upper(string): string', (text: string) => text.toUpperCase())
  .registerFunction('trim(string): string', (text: string) => text.trim())
  .registerFunction('replace(string, string, string): string', replace)
  .registerFunction('string.replace(string, string): string', replace);

/** Words of CEL that stand for types or functions, so a column of that name is read with `record["type"]`. */
const WORDS = new Set(environment.getDefinitions().variables.map(({ name }) => name));
/** The whole record. */
const RECORD = 'record';

/** Functions that are not available, and what to use instead. */
const REFUSED: Readonly<Record<string, string>> = {
  matches: 'matches is not available, because a pattern can take hours. Use like(text, pattern).',
  bytes: 'bytes is not available.',
};

/**
 * Why an expression cannot be used, as a sentence; undefined if it can. Does not evaluate it.
 * @param type what it has to give; undefined: anything
 */
export function problemOf(source: string, type: 'bool' | undefined): string | undefined {
  let parsed: ParseResult;
  try {
    parsed = environment.parse(source);
  } catch (error) {
    return `is not a valid expression: ${summaryOf(error)}.`;
  }
  const refusal = refusalOf(parsed.ast);
  if (refusal !== undefined) return refusal;
  const checked = parsed.check();
  if (!checked.valid) return `is not a valid expression: ${summaryOf(checked.error)}.${hintOf(parsed.ast)}`;
  if (type !== undefined && checked.type !== type && checked.type !== 'dyn')
    return 'must be a condition, which is true or false.';
  return undefined;
}

/** Columns and attributes that an expression names. Throws if it is not valid. */
export function columnsOf(source: string): string[] {
  const names = freeNames(environment.parse(source).ast);
  return [...names].filter((name) => name !== RECORD && !WORDS.has(name));
}

/** A function that evaluates an expression for a record. Throws ExpressionFailed, and may take any time. */
export function compile(source: string): (record: JsonObject) => Json {
  const parsed = environment.parse(source);
  const names = [...freeNames(parsed.ast)].filter((name) => name === RECORD || !WORDS.has(name));
  parsed.check();
  return (record) => {
    const variables = names.map((name): [string, unknown] => [
      name,
      toCel(name === RECORD ? record : Object.hasOwn(record, name) ? record[name] : null),
    ]);
    try {
      return fromCel(parsed(Object.fromEntries(variables)), LONGEST_RESULT);
    } catch (error) {
      throw error instanceof ExpressionFailed ? error : new ExpressionFailed(failureOf(error));
    }
  };
}

/** Whether a text matches a pattern as a whole or in part, in time proportional to both. */
function like(text: string, pattern: string): boolean {
  return patternOf(pattern).matcher(text).find();
}

function patternOf(pattern: string): RE2JS {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  if (pattern.length > LONGEST_PATTERN)
    throw new ExpressionFailed(`a pattern must be ${LONGEST_PATTERN} characters at most`);
  const compiled = RE2JS.compile(pattern);
  if (patterns.size >= MOST_PATTERNS) patterns.clear();
  patterns.set(pattern, compiled);
  return compiled;
}

function replace(text: string, from: string, to: string): string {
  if (from === '') return text;
  return text.replaceAll(from, () => to);
}

function refusalOf(ast: ASTNode): string | undefined {
  for (const node of nodesOf(ast)) {
    if (node.op !== 'call' && node.op !== 'rcall') continue;
    const name = node.args[0];
    const refusal = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
    if (refusal !== undefined) return refusal;
    const problem = name === 'like' && node.op === 'call' ? patternProblem(node.args[1][1]) : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function patternProblem(node: ASTNode | undefined): string | undefined {
  if (node?.op !== 'value' || typeof node.args !== 'string') return undefined;
  try {
    patternOf(node.args);
    return undefined;
  } catch (error) {
    return `has a pattern that is not valid: ${error instanceof Error ? error.message : 'unknown'}.`;
  }
}

/** A hint for a column that has the name of a type. */
function hintOf(ast: ASTNode): string {
  const word = [...freeNames(ast)].find((name) => WORDS.has(name) && name !== 'cel');
  if (word === undefined) return '';
  return ` ${word} is a word of CEL. If you mean a column, write record[${JSON.stringify(word)}].`;
}

function summaryOf(error: unknown): string {
  const summary = error instanceof Error && 'summary' in error ? error.summary : undefined;
  return typeof summary === 'string' ? summary.replace(/\.$/, '') : 'it cannot be read';
}

/** Messages of these codes name types and functions, never values. */
const WITHOUT_VALUES = new Set([
  'no_such_overload',
  'no_matching_overload',
  'invalid_condition_type',
  'invalid_logical_operand',
  'unknown_variable',
  'unsupported_type',
]);

function failureOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && WITHOUT_VALUES.has(code)) return summaryOf(error);
  return code === 'no_such_key'
    ? 'it reads a key that is not there'
    : 'a value does not have the form it needs';
}
