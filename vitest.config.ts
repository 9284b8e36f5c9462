import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const isSoak = process.env.SOAK !== undefined;

/** Linux keeps this folder in memory, where the thousand files of an embedded database are copied ten times as fast. */
const IN_MEMORY = '/dev/shm';
const ROOM_NEEDED_BYTES = 2 ** 31;

/** Where tests put their folders: in memory where there is room, as there is not in most containers. */
function temporaryFolder(): string {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return bavail * bsize >= ROOM_NEEDED_BYTES ? IN_MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

// For the processes that tests run in, and for those that they start.
process.env.TMPDIR = temporaryFolder();

export default defineConfig({
  // As Node itself resolves: with Vite's own "development" there would be two copies of graphql.
  ssr: { resolve: { conditions: ['module-sync', 'node'] } },
  test: {
    include: isSoak ? ['test/soak/*.test.ts'] : ['test/{features,unit,contract,architecture}/*.test.ts'],
    globalSetup: ['test/empty-databases.ts'],
    pool: 'forks',
    // To optimize the embedded database's WebAssembly takes longer than the tests. Its threads take what was compiled
    // before from the same cache as the gateway.
    execArgv: ['--liftoff-only', '--require', resolve(import.meta.dirname, 'scripts/prepare-node.cjs')],
    // Tests wait more than they work. One process serves many files, and with it one embedded database.
    maxWorkers: isSoak ? 2 : 5,
    isolate: false,
    // A slow machine takes many times as long as ours.
    testTimeout: isSoak ? 900_000 : 120_000,
    hookTimeout: 120_000,
    maxConcurrency: 12,
  },
});
