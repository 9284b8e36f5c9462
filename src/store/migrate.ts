import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { StoreTooNew, StoreUnavailable } from '../errors/start.ts';
import { reasonOf } from './database-failures.ts';
import { migrations } from './migrations/index.ts';

const MIGRATION_TABLE = 'store_migrations';

/**
 * Brings the database to the newest schema. Several processes may do so at once: one works, the others
 * wait for it.
 * @param location names the database in messages
 * Throws StoreTooNew when the database knows a migration that this code does not, and StoreUnavailable.
 */
export async function migrateToLatest<T>(db: Kysely<T>, location: string): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: `${MIGRATION_TABLE}_lock`,
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof StoreUnavailable) throw error;
  const unknown = await findUnknownMigration(db);
  if (unknown !== undefined) throw new StoreTooNew(unknown);
  throw new StoreUnavailable(`${location} could not be brought to the newest schema: ${reasonOf(error)}.`, {
    cause: error,
  });
}

/**
 * Checks that the database has the newest schema, and changes nothing.
 * @param location names the database in messages
 * Throws StoreTooNew when it has one that this code does not know, and StoreUnavailable when it has an older one.
 */
export async function requireLatest<T>(db: Kysely<T>, location: string): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const isNew = !tables.some((table) => table.name === MIGRATION_TABLE);
  const done = isNew ? [] : await listDone(db);
  const unknown = done.find((name) => !(name in migrations));
  if (unknown !== undefined) throw new StoreTooNew(unknown);
  if (Object.keys(migrations).every((name) => done.includes(name))) return;
  throw new StoreUnavailable(
    `${location} does not have the schema of this version. Start a gateway of this version on it once, then try again.`,
  );
}

async function findUnknownMigration<T>(db: Kysely<T>): Promise<string | undefined> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === MIGRATION_TABLE)) return undefined;
  return (await listDone(db)).find((name) => !(name in migrations));
}

/** Names of the migrations done, the newest first. */
async function listDone<T>(db: Kysely<T>): Promise<string[]> {
  const done = sql<{ name: string }>`select name from ${sql.table(MIGRATION_TABLE)} order by name desc`;
  const { rows } = await done.execute(db);
  return rows.map(({ name }) => name);
}
