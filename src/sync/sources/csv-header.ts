import { UnreadableFile } from '../../errors/source.ts';

/** In the order in which they are preferred. */
const SEPARATORS = [',', ';', '\t', '|'] as const;
const MOST_COLUMNS = 1_000;
const LONGEST_NAME = 200;
const LONGEST_HEADER = 256 * 1024;

/**
 * Reads until the header is complete, and finds the separator in it.
 * Throws UnreadableFile for a header that is too long.
 * @returns the text that was read, which may go beyond the header
 */
export async function findHeader(
  pieces: AsyncIterator<string>,
): Promise<{ readonly head: string; readonly separator: string }> {
  let head = '';
  for (;;) {
    const header = headerOf(head);
    if (header !== undefined) return { head, separator: separatorOf(header) };
    if (head.length > LONGEST_HEADER) {
      throw new UnreadableFile('line 1', `The header has more than ${LONGEST_HEADER} characters.`);
    }
    const { done, value } = await pieces.next();
    if (done === true) return { head, separator: separatorOf(head) };
    head += value;
  }
}

/** The text up to the first line break that is not in quotes. Undefined: the text has no such break. */
function headerOf(text: string): string | undefined {
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === '\n' || character === '\r')) return text.slice(0, at);
  }
  return undefined;
}

/** The separator that the header has most, outside quotes. */
function separatorOf(header: string): string {
  const counts = new Map<string, number>(SEPARATORS.map((separator) => [separator, 0]));
  let isQuoted = false;
  for (const character of header) {
    if (character === '"') isQuoted = !isQuoted;
    const count = counts.get(character);
    if (!isQuoted && count !== undefined) counts.set(character, count + 1);
  }
  const most = Math.max(...counts.values());
  return SEPARATORS.find((separator) => counts.get(separator) === most) ?? ',';
}

/** Checks the names of the columns. Throws UnreadableFile with the header's line. */
export function readColumns(cells: readonly string[], line: number): readonly string[] {
  const at = `line ${line}`;
  const names = cells.map((cell) => cell.trim());
  if (names.every((name) => name === '')) {
    throw new UnreadableFile(at, 'The header is empty. Begin the file with the names of the columns.');
  }
  if (names.length > MOST_COLUMNS) {
    throw new UnreadableFile(at, `The header has ${names.length} columns. The maximum is ${MOST_COLUMNS}.`);
  }
  const unnamed = names.indexOf('');
  if (unnamed >= 0) {
    throw new UnreadableFile(at, `Column ${unnamed + 1} of the header has no name. Name or remove it.`);
  }
  const long = names.findIndex((name) => name.length > LONGEST_NAME);
  if (long >= 0) {
    const message = `The name of column ${long + 1} has more than ${LONGEST_NAME} characters.`;
    throw new UnreadableFile(at, message);
  }
  const again = names.findIndex((name, index) => names.indexOf(name) < index);
  if (again >= 0) {
    const name = names[again] ?? '';
    const message = `Columns ${names.indexOf(name) + 1} and ${again + 1} of the header are both called ${JSON.stringify(name)}. Rename or remove one.`;
    throw new UnreadableFile(at, message);
  }
  return names;
}
