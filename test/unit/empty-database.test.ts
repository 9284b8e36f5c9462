import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archivePath, makeEmptyDatabase } from '../../src/store/embedded/empty-database.ts';

/** What is random in each database that initdb makes: its number, and where that is repeated. */
const RANDOM = /^(global\/pg_control|pg_wal\/0{7}10{8}0{7}1)$/;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-empty-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Every file and folder below one. */
function entriesOf(root: string) {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => ({ path: join(entry.parentPath, entry.name), isFolder: entry.isDirectory() }))
    .map(({ path, isFolder }) => ({
      name: path.slice(root.length + 1),
      content: isFolder ? undefined : readFileSync(path),
    }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

describe('the ready-made empty database', () => {
  it('is of the installed version of PGlite, and the only one', () => {
    const beside = readdirSync(dirname(archivePath()));
    expect(beside.filter((name) => name.endsWith('.tar.zst'))).toEqual([basename(archivePath())]);
  });

  it('is byte by byte what initdb makes, apart from the number of the database', async () => {
    const [unpacked, made] = [join(folder, 'unpacked'), join(folder, 'made')];
    for (const path of [unpacked, made]) mkdirSync(path);
    await makeEmptyDatabase(unpacked);
    // As with another version of PGlite.
    await makeEmptyDatabase(made, join(folder, 'no archive'));
    const [ours, theirs] = [entriesOf(unpacked), entriesOf(made)];
    expect(ours.map(({ name }) => name)).toEqual(theirs.map(({ name }) => name));
    const different = ours.filter(({ content }, index) => {
      const other = theirs[index]?.content;
      return content === undefined ? other !== undefined : other?.equals(content) !== true;
    });
    for (const { name } of different) expect(name).toMatch(RANDOM);
    expect(different.map(({ content }) => content?.length)).toEqual([8_192, 16_777_216]);
  });
});
