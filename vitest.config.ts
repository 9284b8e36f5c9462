import { defineConfig } from 'vitest/config';

const isSoak = process.env.SOAK !== undefined;

export default defineConfig({
  // As Node itself resolves: with Vite's own "development" there would be two copies of graphql.
  ssr: { resolve: { conditions: ['module-sync', 'node'] } },
  test: {
    include: isSoak ? ['test/soak/*.test.ts'] : ['test/{features,unit,contract,architecture}/*.test.ts'],
    pool: 'forks',
    // Tests wait more than they work. One process serves many files, and with it one embedded database.
    maxWorkers: 3,
    isolate: false,
    testTimeout: isSoak ? 900_000 : 30_000,
    hookTimeout: 30_000,
  },
});
