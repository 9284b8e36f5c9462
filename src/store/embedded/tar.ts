import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What a tar archive (POSIX ustar) is made of: a header and the content of each file fill whole blocks. */
const BLOCK = 512;
const FILE = '0';
const FOLDER = '5';
const LONGEST_NAME = 100;
/** Where the fields of a header begin. */
const AT = { mode: 100, owner: 108, group: 116, size: 124, time: 136, checksum: 148, type: 156, magic: 257 };

/**
 * Packs a folder into a tar archive: files and folders in the order of their names, without owners or times.
 * Throws a RangeError for a name that ustar has no room for, and the errors of node:fs.
 */
export function packFolder(folder: string): Buffer {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .map(({ entry, path }) => ({ path, name: path.slice(folder.length + 1), isFolder: entry.isDirectory() }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const parts = entries.flatMap(({ path, name, isFolder }) => {
    if (isFolder) return [header(`${name}/`, FOLDER, 0)];
    const content = readFileSync(path);
    return [header(name, FILE, content.length), content, Buffer.alloc(padding(content.length))];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** Unpacks what `packFolder` made into a folder that exists, for its owner alone. Throws the errors of node:fs. */
export function unpackInto(folder: string, archive: Buffer): void {
  for (let at = 0; archive[at] !== 0; ) {
    const name = archive.toString('utf8', at, archive.indexOf(0, at));
    const size = Number.parseInt(archive.toString('latin1', at + AT.size, at + AT.time), 8);
    const isFolder = archive.toString('latin1', at + AT.type, at + AT.type + 1) === FOLDER;
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    if (isFolder) mkdirSync(join(folder, name), { mode: 0o700 });
    else writeWhole(join(folder, name), content);
    at += BLOCK + size + padding(size);
  }
}

function writeWhole(path: string, content: Buffer): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    for (let written = 0; written < content.length; ) written += writeSync(file, content, written);
  } finally {
    closeSync(file);
  }
}

function header(name: string, type: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  if (block.write(name) > LONGEST_NAME - 1) throw new RangeError(`${name} is too long for a tar archive.`);
  const octal = (value: number, at: number, digits: number) =>
    block.write(value.toString(8).padStart(digits, '0'), at);
  octal(type === FOLDER ? 0o700 : 0o600, AT.mode, 7);
  for (const at of [AT.owner, AT.group]) octal(0, at, 7);
  octal(size, AT.size, 11);
  octal(0, AT.time, 11);
  block.write('        ', AT.checksum);
  block.write(type, AT.type);
  block.write('ustar\u000000', AT.magic);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, AT.checksum);
  return block;
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
