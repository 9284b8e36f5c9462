import { readFileSync } from 'node:fs';

/** A file's text, or why it cannot be read, worded to follow the file's name: "cannot be read (ENOENT)". */
export type TextFile = { readonly text: string } | { readonly unreadable: string };

/** Reads a file of UTF-8 that an operator has written, with or without a byte order mark. Names another encoding. */
export function readTextFile(path: string): TextFile {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    return { unreadable: `cannot be read (${code})` };
  }
  const other = otherEncoding(bytes);
  if (other !== undefined) return { unreadable: `is encoded in ${other}; save it as UTF-8` };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return {
      unreadable: 'is not encoded in UTF-8, but perhaps in Latin-1 or Windows-1252; save it as UTF-8',
    };
  }
}

/** UTF-16 and UTF-32, by their byte order marks or by the zero bytes that they put beside ASCII. */
function otherEncoding(bytes: Buffer): string | undefined {
  const [first = 1, second = 1, third = 1, fourth = 1] = bytes;
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? 'UTF-32' : 'UTF-16';
  if (first === 0xfe && second === 0xff) return 'UTF-16';
  if (first === 0 && second === 0) return 'UTF-32';
  if (first === 0 || second === 0) return third === 0 ? 'UTF-32' : 'UTF-16';
  return undefined;
}
