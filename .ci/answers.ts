import pg from 'pg';

// Exits with 0 when the PostgreSQL server at the given URL lets us in, with 1 otherwise.

const client = new pg.Client({ connectionString: process.argv[2], connectionTimeoutMillis: 2_000 });
try {
  await client.connect();
  await client.end();
} catch {
  process.exitCode = 1;
}
