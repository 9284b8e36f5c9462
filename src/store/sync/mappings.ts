import { createHash } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import { storable } from '../audit-event-rows.ts';
import { isUniqueViolation } from '../database-failures.ts';
import type { Tables } from '../tables.ts';
import type { SyncMappingRow } from './tables.ts';

/** A version of a mapping that is to be stored. */
export interface NewMapping {
  readonly name: string;
  readonly text: string;
  /** As the audit trail names the caller. */
  readonly createdBy: string;
  /** The version that has to be the newest; null: there must be none. Undefined: no condition. */
  readonly ifVersion?: number | null | undefined;
}

/** What came of storing a mapping. */
export type PutMapping =
  | { readonly mapping: SyncMappingRow; readonly isNew: boolean; readonly before: SyncMappingRow | null }
  /** The newest version is another one; null: the mapping does not exist. */
  | { readonly newest: number | null };

/** Versions of mappings. All methods throw StoreUnavailable. */
export interface SyncMappingRepository {
  /** The newest version of a mapping that is not deleted, or null. */
  newest(name: string): Promise<SyncMappingRow | null>;
  /** One version, also of a deleted mapping, or null. */
  version(name: string, version: number): Promise<SyncMappingRow | null>;
  /** The newest version of each mapping that is not deleted, by name. */
  list(): Promise<SyncMappingRow[]>;
  /** Stores a version. The same text as that of the newest version is that version. */
  put(mapping: NewMapping): Promise<PutMapping>;
  /**
   * Deletes a mapping with its links. Versions that plans show are only marked.
   * Returns its newest version, null if it does not exist, or what uses it.
   */
  delete(name: string): Promise<SyncMappingRow | null | { readonly usedBy: 'schedule' | 'plan' | 'run' }>;
  /** Deletes marked versions that no plan shows any more. */
  forgetOld(): Promise<void>;
}

/** The mappings in this database. */
export function createSyncMappingRepository(db: Kysely<Tables>): SyncMappingRepository {
  const all = (connection: Kysely<Tables>, name: string) =>
    connection
      .selectFrom('sync_mappings')
      .selectAll()
      .where('name', '=', storable(name))
      .orderBy('version', 'desc');
  const newest = async (name: string) => {
    const row = await all(db, name).where('deleted_at', 'is', null).limit(1).executeTakeFirst();
    return row ?? null;
  };
  return {
    newest,
    async version(name, version) {
      const row = await all(db, name).where('version', '=', version).executeTakeFirst();
      return row ?? null;
    },
    list() {
      return db
        .selectFrom('sync_mappings')
        .selectAll()
        .distinctOn('name')
        .where('deleted_at', 'is', null)
        .orderBy('name')
        .orderBy('version', 'desc')
        .execute();
    },
    async put({ name, text, createdBy, ifVersion }) {
      const digest = createHash('sha256').update(text).digest();
      for (;;) {
        const before = await newest(name);
        const version = before?.version ?? null;
        if (ifVersion !== undefined && ifVersion !== version) return { newest: version };
        if (before?.digest.equals(digest) === true) return { mapping: before, isNew: false, before };
        // Numbers of deleted versions are not used again.
        const last = await all(db, name).limit(1).executeTakeFirst();
        try {
          const mapping = await db
            .insertInto('sync_mappings')
            .values({
              name,
              version: (last?.version ?? 0) + 1,
              text: storable(text),
              digest,
              created_by: createdBy,
            })
            .returningAll()
            .executeTakeFirstOrThrow();
          return { mapping, isNew: true, before };
        } catch (error) {
          // Another caller has stored this version in the meantime.
          if (!isUniqueViolation(error)) throw error;
        }
      }
    },
    delete: (name) =>
      db.transaction().execute(async (transaction) => {
        const versions = await all(transaction, name).where('deleted_at', 'is', null).forUpdate().execute();
        const [last] = versions;
        if (last === undefined) return null;
        const usedBy = await userOf(transaction, last.name);
        if (usedBy !== undefined) return { usedBy };
        await transaction.deleteFrom('sync_links').where('mapping_name', '=', last.name).execute();
        await transaction
          .updateTable('sync_mappings')
          .set({ deleted_at: sql<Date>`now()` })
          .where('name', '=', last.name)
          .where('deleted_at', 'is', null)
          .execute();
        await forgetMarked(transaction);
        return last;
      }),
    forgetOld: () => forgetMarked(db),
  };
}

/** What needs a mapping to be there: a schedule, a plan that can still be applied, or a run that has not ended. */
async function userOf(
  db: Transaction<Tables>,
  name: string,
): Promise<'schedule' | 'plan' | 'run' | undefined> {
  const { rows } = await sql<{ schedule: boolean; plan: boolean; run: boolean }>`select
    exists (select from sync_schedules where request #>> '{mapping,name}' = ${name}) as schedule,
    exists (select from sync_plans where mapping_name = ${name}
      and state in ('QUEUED', 'READING', 'OBSERVING', 'COMPARING', 'READY', 'BLOCKED')) as plan,
    exists (select from sync_runs join sync_plans on sync_plans.id = sync_runs.plan_id
      where mapping_name = ${name} and sync_runs.state in ('QUEUED', 'RUNNING', 'PAUSED')) as run`.execute(
    db,
  );
  const [used] = rows;
  if (used === undefined) return undefined;
  if (used.schedule) return 'schedule';
  if (used.run) return 'run';
  return used.plan ? 'plan' : undefined;
}

async function forgetMarked(db: Kysely<Tables>): Promise<void> {
  await db
    .deleteFrom('sync_mappings')
    .where('deleted_at', 'is not', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('sync_plans')
            .whereRef('sync_plans.mapping_name', '=', 'sync_mappings.name')
            .whereRef('sync_plans.mapping_version', '=', 'sync_mappings.version'),
        ),
      ),
    )
    .execute();
}
