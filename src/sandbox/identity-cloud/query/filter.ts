import { Refusal } from '../../http/errors.ts';
import type { Settings } from '../settings.ts';

/** A query filter, taken apart. */
export type Filter =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'present'; readonly pointer: readonly string[] }
  | {
      readonly kind: 'compare';
      readonly pointer: readonly string[];
      readonly operator: Operator;
      readonly value: FilterValue;
    }
  /** An element of an array for which a filter holds: `effectiveRoles[_id eq "…"]`. */
  | { readonly kind: 'element'; readonly pointer: readonly string[]; readonly filter: Filter };

export type FilterValue = string | number | boolean;

const OPERATORS = ['eq', 'co', 'sw', 'lt', 'le', 'gt', 'ge'] as const;
export type Operator = (typeof OPERATORS)[number] | 'in';

/** Source: the open-source parser that the product descends from. */
const DEEPEST = 256;
const SEPARATORS = '()[]!';

interface Token {
  readonly text: string;
  /** Whether it stood in quotes. */
  readonly isText: boolean;
}

/**
 * Reads `_queryFilter`: `or` over `and` over `!`, parentheses, literals, `pr` and comparisons, without regard to the case of
 * keywords. Throws a 400 Refusal that quotes the filter, with HTML entities as the product does.
 */
export function parseFilter(text: string, settings: Pick<Settings, 'backslashRule' | 'inOperator'>): Filter {
  const fail = (): never => {
    throw new Refusal(
      400,
      `The value '${text}' for parameter '_queryFilter' could not be parsed as a valid query filter`,
    );
  };
  const tokens = tokenize(text, settings.backslashRule, fail);
  let at = 0;
  let depth = 0;
  const isWord = (word: string) => {
    const token = tokens[at];
    return token !== undefined && !token.isText && token.text.toLowerCase() === word;
  };
  const take = (word: string) => {
    if (!isWord(word)) return false;
    at += 1;
    return true;
  };

  const readOr = (): Filter => {
    depth += 1;
    if (depth > DEEPEST) fail();
    const parts = [readAnd()];
    while (take('or')) parts.push(readAnd());
    depth -= 1;
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: 'or', parts };
  };
  const readAnd = (): Filter => {
    const parts = [readNot()];
    while (take('and')) parts.push(readNot());
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: 'and', parts };
  };
  const readNot = (): Filter => {
    if (!take('!')) return readPrimary();
    depth += 1;
    if (depth > DEEPEST) fail();
    const part = readNot();
    depth -= 1;
    return { kind: 'not', part };
  };
  const readPrimary = (): Filter => {
    if (take('(')) {
      const inner = readOr();
      if (!take(')')) fail();
      return inner;
    }
    const token = tokens[at];
    if (token === undefined || token.isText || SEPARATORS.includes(token.text)) return fail();
    at += 1;
    const word = token.text.toLowerCase();
    if (word === 'true' || word === 'false') return { kind: 'constant', value: word === 'true' };
    const pointer = readPointer(token.text, fail);
    if (take('[')) {
      const filter = readOr();
      if (!take(']')) fail();
      return { kind: 'element', pointer, filter };
    }
    if (take('pr')) return { kind: 'present', pointer };
    return readComparison(pointer);
  };
  const readComparison = (pointer: readonly string[]): Filter => {
    const operator = tokens[at]?.isText === false ? operatorOf(tokens[at]?.text ?? '', settings) : undefined;
    const value = tokens[at + 1];
    if (operator === undefined || value === undefined) return fail();
    at += 2;
    return { kind: 'compare', pointer, operator, value: readValue(value, fail) };
  };

  const filter = readOr();
  if (at < tokens.length) fail();
  return filter;
}

function operatorOf(text: string, { inOperator }: Pick<Settings, 'inOperator'>): Operator | undefined {
  const word = text.toLowerCase();
  if (word === 'in' && inOperator === 'supported') return 'in';
  return OPERATORS.find((operator) => operator === word);
}

/** The parts of a JSON pointer, with or without its first slash. */
function readPointer(text: string, fail: () => never): string[] {
  const parts = text.replace(/^\//, '').split('/');
  if (parts.some((part) => part === '')) fail();
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function readValue({ text, isText }: Token, fail: () => never): FilterValue {
  if (isText) return text;
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return Number(text);
  return fail();
}

function tokenize(text: string, rule: Settings['backslashRule'], fail: () => never): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === ' ') at += 1;
    else if (SEPARATORS.includes(char)) {
      tokens.push({ text: char, isText: false });
      at += 1;
    } else if (char === '"' || char === "'") {
      const quoted = readQuoted(text, at, rule, fail);
      tokens.push({ text: quoted.text, isText: true });
      at = quoted.end;
    } else {
      const start = at;
      while (at < text.length && !` "'${SEPARATORS}`.includes(text.charAt(at))) at += 1;
      tokens.push({ text: text.slice(start, at), isText: false });
    }
  }
  if (tokens.length === 0) fail();
  return tokens;
}

const JSON_ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

function readQuoted(
  text: string,
  start: number,
  rule: Settings['backslashRule'],
  fail: () => never,
): { text: string; end: number } {
  const quote = text.charAt(start);
  let content = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === quote) return { text: content, end: at + 1 };
    if (char !== '\\') content += char;
    else {
      at += 1;
      const escaped = text.charAt(at);
      if (rule === 'json' && escaped === 'u') {
        content += String.fromCharCode(Number.parseInt(text.slice(at + 1, at + 5), 16));
        at += 4;
      } else content += rule === 'json' ? (JSON_ESCAPES[escaped] ?? escaped) : escaped;
    }
  }
  return fail();
}
