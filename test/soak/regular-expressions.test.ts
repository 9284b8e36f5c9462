import { globSync, readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { describe, expect, it } from 'vitest';

// Its other backends are a program for one platform and one for Java.
process.env.RECHECK_SYNC_BACKEND = 'pure';
const { checkSync } = await import('recheck');

const SOURCE = resolve(import.meta.dirname, '../../src');
/** Of one expression, in milliseconds; what takes longer is too involved to be known for linear. */
const TIMEOUT = 100_000;

/** Expressions of more than linear time, each with the reason why it never sees a text of others. */
const AUDITED: Readonly<Record<string, string>> = {};

const expressions = new Map<string, { pattern: string; flags: string; files: string[] }>();
const made: string[] = [];
for (const path of globSync('**/*.ts', { cwd: SOURCE }).map((name) => resolve(SOURCE, name))) {
  const file = relative(SOURCE, path);
  const noteMade = ({ callee }: { readonly callee: object }) => {
    if ('name' in callee && callee.name === 'RegExp') made.push(file);
  };
  new Visitor({
    Literal: (node) => {
      if (!('regex' in node)) return;
      const { raw, regex } = node;
      const known = expressions.get(raw ?? '') ?? { ...regex, files: [] };
      expressions.set(raw ?? '', { ...known, files: [...known.files, file] });
    },
    NewExpression: noteMade,
    CallExpression: noteMade,
  }).visit(parseSync(path, readFileSync(path, 'utf8')).program);
}

/** Why an expression may take more than linear time; undefined if it does not. */
function fault(pattern: string, flags: string): string | undefined {
  if (!isUnbounded(pattern)) return undefined;
  const found = checkSync(pattern, flags, { timeout: TIMEOUT });
  if (found.status === 'safe') return undefined;
  return found.status === 'vulnerable' ? found.complexity.summary : 'not known';
}

/** Whether it repeats something any number of times; what does not looks at so many characters at most from each one. */
function isUnbounded(pattern: string): boolean {
  const bare = pattern.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x');
  return /[*+]|\{\d+,\}/.test(bare);
}

describe('regular expressions', () => {
  it('take linear time, but for the audited', { timeout: 300_000 }, () => {
    expect(expressions.size).toBeGreaterThan(50);
    const slow = [...expressions].flatMap(([raw, { pattern, flags, files }]) => {
      const found = raw in AUDITED ? undefined : fault(pattern, flags);
      return found === undefined ? [] : [`${raw} in ${files.join(' and ')}: ${found}`];
    });
    expect(slow).toEqual([]);
  });

  it('are audited no longer than they are there and slow', () => {
    const stale = Object.keys(AUDITED).filter((raw) => {
      const found = expressions.get(raw);
      return found === undefined || fault(found.pattern, found.flags) === undefined;
    });
    expect(stale).toEqual([]);
  });

  it('are literals, which can be checked', () => {
    expect(made).toEqual([]);
  });
});
