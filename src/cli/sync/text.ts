import { styleText } from 'node:util';
import type { Count, FieldChange, Item } from './documents.ts';

/** Control characters and those that change the direction of writing: a name must not steer the terminal. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;
const LONGEST_VALUE = 200;

const MARKS: Readonly<Record<string, '+' | '-' | '!' | '~'>> = {
  CREATE: '+',
  CREATE_GROUP: '+',
  DELETE: '-',
  DELETE_GROUP: '-',
  DISABLE: '!',
  REMOVE_LICENSES: '!',
  DISABLE_AND_REMOVE_LICENSES: '!',
};
const COLORS = { '+': 'green', '-': 'red', '!': 'red', '~': 'yellow' } as const;

/** Actions in the order in which a reader wants to see them: what takes something away comes first. */
export const ACTIONS_BY_DANGER: readonly string[] = [
  'DELETE',
  'DELETE_GROUP',
  'DISABLE_AND_REMOVE_LICENSES',
  'DISABLE',
  'REMOVE_LICENSES',
  'RENAME',
  'RELINK',
  'CHANGE_MEMBERS',
  'UPDATE_GROUP',
  'UPDATE',
  'SET_MANAGER',
  'ENABLE',
  'CREATE',
  'CREATE_GROUP',
  'UNLINK',
  'LINK',
  'REPORT',
  'NONE',
];

/** A text as it may be printed: one line, no control characters, at most 200 characters. */
export function printable(text: string): string {
  const short = text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
  return short.replaceAll(UNPRINTABLE, '\ufffd');
}

/** An item as lines of a diff. */
export function itemLines(item: Item): string[] {
  const mark = MARKS[item.action] ?? '~';
  const notes = [item.at, item.withheld && `withheld: ${item.withheld}`, item.outcome, item.reason];
  const shown = notes.filter((note) => note != null && note !== '').map((note) => printable(String(note)));
  const head = `${mark} ${printable(item.name)}${shown.length > 0 ? `  (${shown.join('; ')})` : ''}`;
  const error = item.error === null ? [] : [`    ${item.error.code}: ${printable(item.error.message)}`];
  return [
    styleText(item.withheld === null ? COLORS[mark] : 'gray', head),
    ...item.changes.map((change) => `    ${changeLine(change)}`),
    ...item.drift.map((change) => `    changed in Webex since the review: ${changeLine(change)}`),
    ...error,
  ];
}

function changeLine({ field, before, after, beforeText, afterText }: FieldChange): string {
  return `${field}: ${valueText(before, beforeText)} → ${valueText(after, afterText)}`;
}

function valueText(value: unknown, text: string | null): string {
  if (text !== null) return printable(text);
  if (value === null || value === undefined) return '–';
  if (Array.isArray(value)) return value.length === 0 ? '–' : printable(value.map(plain).join(', '));
  return printable(plain(value));
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** How many items there are by action, as one line: `CREATE 3, UPDATE 12`. */
export function countsLine(counts: readonly Pick<Count, 'action' | 'count'>[]): string {
  const sums = new Map<string, number>();
  for (const { action, count } of counts) sums.set(action, (sums.get(action) ?? 0) + count);
  return ACTIONS_BY_DANGER.flatMap((action) => {
    const sum = sums.get(action);
    return sum === undefined || sum === 0 ? [] : [`${action} ${sum}`];
  }).join(', ');
}
