import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { archivePath, initialize } from '../src/store/embedded/empty-database.ts';
import { packFolder } from '../src/store/embedded/tar.ts';

// npm run empty-database: makes the archive that a first start unpacks instead of running initdb, for the installed
// version of PGlite. It takes half a minute. Two runs differ in the database's random number and its times alone.

const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag } = constants;
const HIGHEST_LEVEL = 22;

const folder = mkdtempSync(join(tmpdir(), 'webex-gateway-empty-'));
try {
  await initialize(folder);
  const params = { [ZSTD_c_compressionLevel]: HIGHEST_LEVEL, [ZSTD_c_checksumFlag]: 1 };
  const archive = zstdCompressSync(packFolder(folder), { params });
  const path = archivePath();
  const beside = dirname(path);
  const older = readdirSync(beside).filter((name) => name.endsWith('.tar.zst'));
  for (const name of older) rmSync(join(beside, name));
  writeFileSync(path, archive);
  process.stdout.write(`${path}: ${archive.length} bytes\n`);
} finally {
  rmSync(folder, { recursive: true });
}
