import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { type Kysely, sql } from 'kysely';
import { isUniqueViolation } from '../database-failures.ts';
import { placeOf } from '../secrets/sealed-columns.ts';
import type { Sealer } from '../secrets/secrets.ts';
import type { Tables } from '../tables.ts';
import type { SyncFileRow } from './tables.ts';
import type { SyncFileFormat, SyncProblem } from './words.ts';

/** An uploaded file, without its content. */
export interface StoredSyncFile {
  readonly id: string;
  readonly name: string;
  readonly format: SyncFileFormat;
  /** Bytes of the inflated content. */
  readonly bytes: number;
  /** Records, those with problems included. */
  readonly rows: number;
  /** Of the inflated content, hexadecimal. */
  readonly sha256: string;
  /** Names of the columns, in the order of the header; of JSON the names in the first records. */
  readonly columns: readonly string[];
  /** The first twenty. */
  readonly problems: readonly SyncProblem[];
  readonly problemCount: number;
  /** The actor of the audit trail. */
  readonly uploadedBy: string;
  readonly uploadedAt: Date;
  readonly expiresAt: Date;
}

/** A file that is being received. */
export type NewSyncFile = Pick<StoredSyncFile, 'name' | 'format' | 'uploadedBy'>;

/** What is known of a file when its last chunk is stored. */
export type FileContent = Pick<
  StoredSyncFile,
  'bytes' | 'rows' | 'sha256' | 'columns' | 'problems' | 'problemCount'
>;

/** Uploaded files: their content in chunks, compressed and sealed. All methods throw StoreUnavailable. */
export interface SyncFileRepository {
  /** Begins a file that no one sees until it is finished. Returns its id. */
  begin(file: NewSyncFile): Promise<string>;
  /** Stores one chunk of the content. Chunks are numbered from 0. */
  append(id: string, seq: number, content: Uint8Array): Promise<void>;
  /**
   * Makes the file visible. If the same caller has uploaded the same content in the same format before, and that file is
   * still there, this one is deleted and the earlier one is kept for a full lifetime again.
   */
  finish(
    id: string,
    content: FileContent,
  ): Promise<{ readonly file: StoredSyncFile; readonly isNew: boolean }>;
  /** Deletes a file that was not finished. */
  discard(id: string): Promise<void>;
  /** A finished file that has not expired, or that an unfinished plan or run uses. Undefined: there is no such file. */
  find(id: string): Promise<StoredSyncFile | undefined>;
  /** A chunk of the content. Undefined: it was the last one before. Throws SecretKeyMismatch. */
  chunk(id: string, seq: number): Promise<Buffer | undefined>;
  /** Deletes files that have expired and that no unfinished plan or run uses, and uploads that broke off. */
  forgetOld(): Promise<void>;
}

/** How long a file is kept. */
const LIFETIME = sql<Date>`now() + interval '7 days'`;
/** How long an upload may take that no one ends. */
const UNFINISHED_LIFETIME = sql<Date>`now() + interval '1 hour'`;

/** Whether a plan or a run that has not ended reads the file. */
const isInUse = sql<boolean>`exists (
  select from sync_plans plan left join sync_runs run on run.plan_id = plan.id
  where plan.request->>'fileId' = sync_files.id::text and (
    plan.state in ('QUEUED', 'READING', 'OBSERVING', 'COMPARING', 'READY', 'BLOCKED')
    or run.state in ('QUEUED', 'RUNNING', 'PAUSED')))`;

const compress = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** The files in this database, their chunks sealed with this sealer. */
export function createSyncFileRepository(db: Kysely<Tables>, sealer: Sealer): SyncFileRepository {
  const discard = async (id: string) => {
    await db.deleteFrom('sync_files').where('id', '=', id).execute();
  };
  const renew = (uploadedBy: string, format: SyncFileFormat, sha256: Buffer) =>
    db
      .updateTable('sync_files')
      .set({ expires_at: LIFETIME })
      .where('state', '=', 'READY')
      .where('uploaded_by', '=', uploadedBy)
      .where('format', '=', format)
      .where('sha256', '=', sha256)
      .returningAll()
      .executeTakeFirst();
  return {
    async begin({ name, format, uploadedBy }) {
      const id = randomUUID();
      await db
        .insertInto('sync_files')
        .values({
          ...{ id, name, format, state: 'RECEIVING', bytes: 0, rows: 0, sha256: null },
          ...{ uploaded_by: uploadedBy, expires_at: UNFINISHED_LIFETIME },
        })
        .execute();
      return id;
    },
    async append(fileId, seq, content) {
      const id = randomUUID();
      const body = sealer.sealBytes(await compress(content), bodyOf(id));
      await db.insertInto('sync_file_chunks').values({ id, file_id: fileId, seq, body }).execute();
    },
    async finish(id, content) {
      const sha256 = Buffer.from(content.sha256, 'hex');
      for (;;) {
        try {
          const row = await db
            .updateTable('sync_files')
            .set({
              ...{ state: 'READY', bytes: content.bytes, rows: content.rows, sha256 },
              ...{ columns: [...content.columns], problems: JSON.stringify(content.problems) },
              ...{ problem_count: content.problemCount, expires_at: LIFETIME },
            })
            .where('id', '=', id)
            .returningAll()
            .executeTakeFirstOrThrow();
          return { file: toFile(row), isNew: true };
        } catch (error) {
          if (!isUniqueViolation(error)) throw error;
        }
        const { uploaded_by, format } = await db
          .selectFrom('sync_files')
          .select(['uploaded_by', 'format'])
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        const earlier = await renew(uploaded_by, format, sha256);
        // Else it has expired and was deleted just now.
        if (earlier === undefined) continue;
        await discard(id);
        return { file: toFile(earlier), isNew: false };
      }
    },
    discard,
    async find(id) {
      const row = await db
        .selectFrom('sync_files')
        .selectAll()
        .where('id', '=', id)
        .where('state', '=', 'READY')
        .where((where) => where.or([where('expires_at', '>', sql<Date>`now()`), isInUse]))
        .executeTakeFirst();
      return row && toFile(row);
    },
    async chunk(id, seq) {
      const row = await db
        .selectFrom('sync_file_chunks')
        .select(['id', 'body'])
        .where('file_id', '=', id)
        .where('seq', '=', seq)
        .executeTakeFirst();
      return row && inflate(sealer.openBytes(row.body, bodyOf(row.id)));
    },
    async forgetOld() {
      await db
        .deleteFrom('sync_files')
        .where('expires_at', '<=', sql<Date>`now()`)
        .where(sql<boolean>`not ${isInUse}`)
        .execute();
    },
  };
}

function bodyOf(chunkId: string): string {
  return placeOf('sync_file_chunks', chunkId, 'body');
}

function toFile(row: SyncFileRow): StoredSyncFile {
  const { id, name, format, rows, columns, problems } = row;
  return {
    ...{ id, name, format, rows, columns, problems },
    bytes: Number(row.bytes),
    sha256: row.sha256?.toString('hex') ?? '',
    problemCount: row.problem_count,
    uploadedBy: row.uploaded_by,
    uploadedAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
