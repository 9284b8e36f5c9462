import { type Kysely, sql } from 'kysely';
import { NameTaken } from '../errors/request.ts';
import { isUniqueViolation } from './database-failures.ts';
import type { ApiKeyGrant, ApiKeyRow, Tables } from './tables.ts';

export type { ApiKeyGrant };

/** A key that is to be kept: its hash, never itself. */
export interface NewApiKey {
  readonly name: string;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
  /** Its first characters. */
  readonly shown: string;
  readonly grants: readonly ApiKeyGrant[];
  /** Null: never. */
  readonly expiresAt: Date | null;
  /** Who made it, as the audit trail names them. */
  readonly createdBy: string;
}

export interface ApiKeyRecord extends Omit<NewApiKey, 'hash'> {
  readonly id: string;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** The API keys that were ever made. Everything throws StoreUnavailable. */
export interface ApiKeyRepository {
  /** Throws NameTaken. */
  create(key: NewApiKey): Promise<ApiKeyRecord>;
  /** Null if no key has this hash. */
  byHash(hash: string): Promise<ApiKeyRecord | null>;
  /** The newest first. */
  list(): Promise<readonly ApiKeyRecord[]>;
  /** Revokes a key; one that was revoked before stays as it is. Null if there is no such key. */
  revoke(id: string): Promise<ApiKeyRecord | null>;
  /** Notes that it is used at this moment. */
  noteUse(id: string): Promise<void>;
}

/** The API keys in this database. */
export function createApiKeyRepository(db: Kysely<Tables>): ApiKeyRepository {
  return {
    async create(key) {
      try {
        const row = await db
          .insertInto('api_keys')
          .values({
            name: key.name,
            hash: key.hash,
            shown: key.shown,
            grants: JSON.stringify(key.grants),
            expires_at: key.expiresAt,
            created_by: key.createdBy,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        return toRecord(row);
      } catch (error) {
        if (isUniqueViolation(error)) throw new NameTaken('key', key.name);
        throw error;
      }
    },
    async byHash(hash) {
      const row = await db.selectFrom('api_keys').selectAll().where('hash', '=', hash).executeTakeFirst();
      return row === undefined ? null : toRecord(row);
    },
    async list() {
      const rows = await db.selectFrom('api_keys').selectAll().orderBy('created_at', 'desc').execute();
      return rows.map(toRecord);
    },
    async revoke(id) {
      const row = await db
        .updateTable('api_keys')
        .set({ revoked_at: sql<Date>`coalesce(revoked_at, now())` })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst();
      return row === undefined ? null : toRecord(row);
    },
    async noteUse(id) {
      await db.updateTable('api_keys').set({ last_used_at: sql<Date>`now()` }).where('id', '=', id).execute();
    },
  };
}

function toRecord(row: ApiKeyRow): ApiKeyRecord {
  return {
    id: row.id,
    name: row.name,
    shown: row.shown,
    grants: row.grants,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  };
}
