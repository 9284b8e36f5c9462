import { createHash, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createConnectorRepository } from '../../src/store/connectors.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { migrateToLatest } from '../../src/store/migrate.ts';
import { resealAll } from '../../src/store/rotation/reseal.ts';
import { createSealer, generateSecretKey } from '../../src/store/secrets/secrets.ts';
import {
  createSyncFileRepository,
  type NewSyncFile,
  type StoredSyncFile,
  type SyncFileRepository,
} from '../../src/store/sync/files.ts';
import { CONNECTOR, type FreshDatabase, freshDatabase } from '../databases.ts';

const CANARY = 'canary-77b1e0@acme.example';
const CONTENT = Buffer.from(`mail\n${CANARY}\n`);
const FILE: NewSyncFile = { name: 'people.csv', format: 'CSV', uploadedBy: 'api-key:Ann' };

const key = generateSecretKey('test');
const sealer = createSealer([key]);

let fresh: FreshDatabase;
let database: Database;
let files: SyncFileRepository;
beforeAll(async () => {
  fresh = await freshDatabase();
  database = await openDatabase(fresh.options);
  await database.unhurried((db) => migrateToLatest(db, database.location));
  files = createSyncFileRepository(database.db, sealer);
});
afterAll(async () => {
  await database.close();
  await fresh[Symbol.asyncDispose]();
});

/** Runs one statement on the database itself. */
async function run<T>(statement: string): Promise<T[]> {
  return (await sql.raw<T>(statement).execute(database.db)).rows;
}

/** Each file has a caller of its own by default. */
async function keep(
  changed: Partial<NewSyncFile> = { uploadedBy: `api-key:${randomUUID()}` },
): Promise<{ readonly file: StoredSyncFile; readonly isNew: boolean }> {
  const id = await files.begin({ ...FILE, ...changed });
  await files.append(id, 0, CONTENT.subarray(0, 10));
  await files.append(id, 1, CONTENT.subarray(10));
  const sha256 = createHash('sha256').update(CONTENT).digest('hex');
  const summary = { rows: 1, columns: ['mail'], problems: [], problemCount: 0 };
  return files.finish(id, { bytes: CONTENT.length, sha256, ...summary });
}

async function contentOf(id: string): Promise<string> {
  const parts: Buffer[] = [];
  for (let part = await files.chunk(id, 0); part !== undefined; part = await files.chunk(id, parts.length))
    parts.push(part);
  return Buffer.concat(parts).toString();
}

async function expire(id: string): Promise<void> {
  await run(`update sync_files set expires_at = now() - interval '1 second' where id = '${id}'`);
}

/** Whether anything of a file is stored. */
async function isStored(id: string): Promise<boolean> {
  const rows = await run(
    `select id from sync_files where id = '${id}' union all select file_id from sync_file_chunks where file_id = '${id}'`,
  );
  return rows.length > 0;
}

const CHUNKS = 'select id, body from sync_file_chunks where file_id = ';

describe('stored files', () => {
  test('are given back as they came, and are not readable in the database', async () => {
    const { file } = await keep();
    const chunks = await run<{ body: string }>(`${CHUNKS}'${file.id}'`);
    expect(chunks).toHaveLength(2);
    for (const { body } of chunks) {
      expect(body).toMatch(/^v1\.test\.[\w-]+$/);
      const bytes = Buffer.from(body.split('.')[2] ?? '', 'base64url');
      expect(bytes.toString('latin1')).not.toContain('canary');
    }
    expect(await files.find(file.id)).toEqual(file);
    expect(await contentOf(file.id)).toBe(CONTENT.toString());
  });

  test('open in no other place than their own', async () => {
    const { file } = await keep();
    const [one, other] = await run<{ id: string }>(`${CHUNKS}'${file.id}' order by seq`);
    await run(
      `update sync_file_chunks set body = (select body from sync_file_chunks where id = '${one?.id}') where id = '${other?.id}'`,
    );
    await expect(files.chunk(file.id, 1)).rejects.toMatchObject({ code: 'SECRET_KEY_MISMATCH' });
    await files.discard(file.id);
  });

  test('are sealed with the new key when keys are rotated', async () => {
    const { file } = await keep();
    sealer.exchange([generateSecretKey('next'), key]);
    await resealAll(database.db, sealer);
    const chunks = await run<{ body: string }>(`${CHUNKS}'${file.id}'`);
    expect(chunks.map(({ body }) => body.slice(0, 8))).toEqual(['v1.next.', 'v1.next.']);
    expect(await contentOf(file.id)).toBe(CONTENT.toString());
  });

  test('are not seen before they are finished', async () => {
    const id = await files.begin(FILE);
    await files.append(id, 0, CONTENT);
    expect(await files.find(id)).toBeUndefined();
    await files.discard(id);
    expect(await isStored(id)).toBe(false);
  });

  test('with the same content from the same caller are one, which is kept for a full lifetime again', async () => {
    const { file } = await keep(FILE);
    await run(`update sync_files set expires_at = now() + interval '1 hour' where id = '${file.id}'`);
    const again = await keep({ ...FILE, name: 'other.csv' });
    expect(again).toEqual({ file: { ...file, expiresAt: again.file.expiresAt }, isNew: false });
    expect(again.file.expiresAt.getTime()).toBeGreaterThan(Date.now() + 6 * 86_400_000);
    const others = [await keep({ uploadedBy: 'api-key:Bob' }), await keep({ format: 'JSON_LINES' })];
    expect(others.map(({ isNew }) => isNew)).toEqual([true, true]);
  });

  test('are deleted with their content when they have expired', async () => {
    const { file } = await keep();
    await files.forgetOld();
    expect(await isStored(file.id)).toBe(true);
    await expire(file.id);
    expect(await files.find(file.id)).toBeUndefined();
    await files.forgetOld();
    expect(await isStored(file.id)).toBe(false);
  });

  test('are deleted an hour after an upload that a crash has ended', async () => {
    const id = await files.begin(FILE);
    const [row] = await run<{ left: number }>(
      `select extract(epoch from expires_at - now())::integer as left from sync_files where id = '${id}'`,
    );
    expect(row?.left).toBeGreaterThan(3_000);
    expect(row?.left).toBeLessThanOrEqual(3_600);
    await expire(id);
    await files.forgetOld();
    expect(await isStored(id)).toBe(false);
  });

  test.each([
    ['QUEUED', null, true],
    ['READING', null, true],
    ['READY', null, true],
    ['BLOCKED', null, true],
    ['APPLIED', 'QUEUED', true],
    ['APPLIED', 'RUNNING', true],
    ['APPLIED', 'PAUSED', true],
    ['APPLIED', 'COMPLETED', false],
    ['APPLIED', 'CANCELED', false],
    ['UNCHANGED', null, false],
    ['EXPIRED', null, false],
    ['FAILED', null, false],
  ])('are kept beyond their lifetime only while something uses them: plan %s, run %s', async (plan, state, isKept) => {
    const { file } = await keep();
    const connectors = createConnectorRepository(database.db, sealer);
    const { id: connector } = await connectors.create({
      name: randomUUID(),
      ...CONNECTOR,
      clientSecret: 'x',
    });
    const planId = randomUUID();
    await run(
      `insert into sync_plans (id, connector_id, state, request, requested_by)
        values ('${planId}', '${connector}', '${plan}', '{"fileId": "${file.id}"}', 'x')`,
    );
    if (state !== null) {
      await run(
        `insert into sync_runs (id, plan_id, connector_id, organization_id, state, total, counts, started_by)
          values ('${randomUUID()}', '${planId}', '${connector}', 'o', '${state}', 0, '[]', 'x')`,
      );
    }
    await expire(file.id);
    expect((await files.find(file.id)) !== undefined).toBe(isKept);
    await files.forgetOld();
    expect(await isStored(file.id)).toBe(isKept);
  });
});
