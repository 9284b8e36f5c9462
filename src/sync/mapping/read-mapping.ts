import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type YAMLParseError,
} from 'yaml';
import type { z } from 'zod';
import { buildMapping, type DocumentProblem, problemsOf } from './build-mapping.ts';
import { documentSchema } from './document-schema.ts';
import type { Mapping, MappingProblem } from './mapping.ts';
import { inOurWords } from './schema-parts.ts';

/** A mapping, or everything that is wrong with its text. */
export type ReadMapping =
  | { readonly mapping: Mapping }
  | { readonly problems: readonly [MappingProblem, ...MappingProblem[]] };

/** In UTF-16 code units. */
export const LONGEST_MAPPING = 131_072;
const MOST_ALIASES = 20;
const MOST_PROBLEMS = 100;

/**
 * Reads a mapping from YAML or JSON.
 * @returns the mapping with all defaults, or the first hundred problems, each with path, line and column
 */
export function readMapping(text: string): ReadMapping {
  if (text.length > LONGEST_MAPPING)
    return refused([
      { path: '', line: 1, column: 1, message: `is longer than ${LONGEST_MAPPING} characters.` },
    ]);
  const lines = new LineCounter();
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  let document: Document.Parsed;
  let content: unknown;
  try {
    // Its own search for duplicate keys compares each with each.
    const options = {
      lineCounter: lines,
      logLevel: 'silent',
      prettyErrors: false,
      uniqueKeys: false,
    } as const;
    document = parseDocument(text, options);
    const mistakes = [...document.errors.map(mistakeOf), ...duplicateKeys(document)];
    if (mistakes.length > 0)
      return refused(mistakes.map(({ offset, message }) => ({ path: '', ...place(offset), message })));
    content = document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch {
    const message = `cannot be read: it is nested too deeply, refers to an anchor that is not there, or uses anchors more than ${MOST_ALIASES} times.`;
    return refused([{ path: '', line: 1, column: 1, message }]);
  }
  const at = ({ path, message }: DocumentProblem): MappingProblem => ({
    path: textOfPath(path),
    ...place(offsetOf(document, path)),
    message,
  });
  const read = documentSchema.safeParse(content, inOurWords);
  if (!read.success)
    return refused(read.error.issues.flatMap(problemsOfIssue).slice(0, MOST_PROBLEMS).map(at));
  const found = problemsOf(read.data);
  return found.length > 0 ? refused(found.map(at)) : { mapping: buildMapping(read.data) };
}

/** A mistake in the text itself. */
interface Mistake {
  readonly offset: number;
  readonly message: string;
}

function mistakeOf({ message, pos }: YAMLParseError): Mistake {
  if (/stack/i.test(message)) return { offset: pos[0], message: 'is nested too deeply.' };
  const [sentence = ''] = message.split('\n');
  return { offset: pos[0], message: `is not valid YAML or JSON: ${sentence.replace(/\.$/, '')}.` };
}

/** Keys that an object has twice, in time proportional to the text. */
function duplicateKeys(document: Document.Parsed): Mistake[] {
  const found: Mistake[] = [];
  visit(document, {
    Map(_key, { items }) {
      const known = new Set<string>();
      for (const { key } of items) {
        const name = isScalar(key) ? String(key.value) : undefined;
        if (name !== undefined && known.has(name))
          found.push({
            offset: startOf(key) ?? 0,
            message: `has the key ${shortened(name)} twice in one object.`,
          });
        if (name !== undefined) known.add(name);
      }
    },
  });
  return found;
}

function refused(problems: readonly MappingProblem[]): ReadMapping {
  const each = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  const sorted = [...each.values()].sort((one, other) => one.line - other.line || one.column - other.column);
  const [first, ...others] = sorted.slice(0, MOST_PROBLEMS);
  if (first === undefined) throw new Error('A mapping was refused without a problem.');
  return { problems: [first, ...others] };
}

/** An issue of the schema. One about unknown keys has a line of its message for each key. */
function problemsOfIssue(issue: z.core.$ZodIssue): DocumentProblem[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  return issue.message
    .split('\n')
    .map((message, index) => ({ path: [...path, issue.keys[index] ?? ''], message }));
}

/** A path as people write it: `licenses.rules[0].give`. Names that are not plain words are quoted. */
function textOfPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    if (!/^[\w-]{1,100}$/.test(part)) return `${text}[${shortened(part)}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

function shortened(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
}

/** Where a path is in the text: the offset of its key or entry, or of the nearest that is there. */
function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
