import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { unpackInto } from './tar.ts';

/**
 * Makes an empty database in an empty folder: from an archive, or by initdb, which takes 2 s more, if there is no archive
 * for the installed version of PGlite. Nothing of it is synced to disk yet.
 * Rejects with the errors of node:fs and of PGlite.
 */
export async function makeEmptyDatabase(folder: string, archive = archivePath()): Promise<void> {
  if (!existsSync(archive)) return initialize(folder);
  unpackInto(folder, await promisify(zstdDecompress)(readFileSync(archive)));
}

/** Makes an empty database in an empty folder by initdb. Rejects with the errors of PGlite. */
export async function initialize(folder: string): Promise<void> {
  const pglite = await PGlite.create({
    fs: new NodeFS(folder),
    initDbStartParams: ['--data-checksums'],
  });
  await pglite.close();
}

/** Where the archive for the installed version of PGlite is, if there is one: `npm run empty-database` makes it. */
export function archivePath(): string {
  const library = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const manifest = join(dirname(library), '../package.json');
  const { version }: { version: string } = JSON.parse(readFileSync(manifest, 'utf8'));
  return join(import.meta.dirname, `empty-database-${version}.tar.zst`);
}
