import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configure } from '../configuration.ts';
import { startWorld, type World } from '../world.ts';

// Uploading files for synchronization, and who may see them.

const URL_OF_FILES = 'http://gateway.test/sync/files';
const PEOPLE = 'id,mail\n1,ann@acme.example\n2,bob@acme.example\n';
const LIMITS = { rows: 1_000, bytes: 3_000_000 };

interface UploadAnswer {
  readonly id: string;
  readonly rows: number;
  readonly problems: readonly object[];
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

let world: World;
/** Headers of two callers with the scope provision, and of one with read. */
let ann: Record<string, string>;
let bob: Record<string, string>;
let reader: Record<string, string>;

beforeAll(async () => {
  world = await startWorld({ guarded: true, connect: false, sync: { fileLimits: LIMITS } });
  const keyOf = async (name: string, scope: string) => {
    const { key } = await configure(world, 'createApiKey', { name, grants: [{ scope, connectors: null }] });
    return { authorization: `Bearer ${key}` };
  };
  ann = await keyOf('Ann', 'PROVISION');
  bob = await keyOf('Bob', 'PROVISION');
  reader = await keyOf('Reader', 'READ');
  world.store.observe((sql) => {
    if (sql.startsWith('insert into "sync_files"')) kept += 1;
    if (sql.startsWith('delete from "sync_files" where "id"')) kept -= 1;
    return () => undefined;
  });
});
afterAll(() => world[Symbol.asyncDispose]());

async function put(
  body: BodyInit | null,
  headers: Record<string, string> = {},
  query = 'name=people.csv',
): Promise<{ status: number; answer: UploadAnswer; code: string | undefined }> {
  const response = await world.gateway.fetch(
    new Request(`${URL_OF_FILES}?${query}`, {
      ...{ method: 'PUT', body, duplex: 'half' },
      headers: { 'content-type': 'text/csv', ...ann, ...headers },
    }),
  );
  const answer: UploadAnswer = JSON.parse(await response.text());
  return { status: response.status, answer, code: answer.errors?.[0]?.extensions.code };
}

async function get(id: string, headers: Record<string, string>): Promise<Response> {
  return world.gateway.fetch(new Request(`${URL_OF_FILES}/${id}`, { headers }));
}

/** Files that were begun, less those that were deleted. */
let kept = 0;

function sha256(bytes: string | Buffer, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHash('sha256').update(bytes).digest(encoding);
}

describe('an uploaded file', () => {
  test('is answered with its rows, columns, digest and problems', async () => {
    const content = `${PEOPLE}3\n`;
    const { status, answer } = await put(content);
    expect(status).toBe(201);
    expect(answer).toEqual({
      ...{ id: expect.any(String), name: 'people.csv', format: 'CSV', rows: 3, bytes: content.length },
      ...{ sha256: sha256(content), columns: ['id', 'mail'], uploadedBy: 'api-key:Ann', problemCount: 1 },
      problems: [{ at: 'line 4', code: 'WRONG_FIELD_COUNT', message: expect.any(String) }],
      uploadedAt: expect.any(String),
      expiresAt: expect.any(String),
    });
    expect(Date.parse(JSON.parse(JSON.stringify(answer)).expiresAt)).toBeGreaterThan(
      Date.now() + 6.9 * 86_400_000,
    );
  });

  test.each([
    ['CSV', 'text/csv; charset=utf-8', PEOPLE],
    ['JSON_LINES', 'application/x-ndjson', '{"id":1,"mail":"a"}\n{"id":2}\n'],
    ['JSON', 'application/json', '[{"id":1,"mail":"a"},{"id":2}]'],
  ])('can be %s, plain or compressed, and is given back as it was', async (format, type, content) => {
    const plain = await put(content, { 'content-type': type });
    expect(plain.answer).toMatchObject({ format, rows: 2, columns: ['id', 'mail'] });
    const compressed = await put(gzipSync(content), { 'content-type': type, 'content-encoding': 'gzip' });
    // The same content is the same file.
    expect(compressed).toMatchObject({ status: 200, answer: { id: plain.answer.id } });
    const back = await get(plain.answer.id, ann);
    expect(back.headers.get('cache-control')).toBe('no-store');
    expect(back.headers.get('content-type')).toBe(type.split(';')[0]);
    expect(await back.text()).toBe(content);
  });

  test('of several chunks is given back whole, and is not readable in the database', async () => {
    const lines = Array.from(
      { length: 900 },
      (_, n) => `${n},${createHash('sha512').update(`${n}`).digest('hex').repeat(10)}`,
    );
    const content = `id,canary-column\n${lines.join('\n')}\n`;
    const { status, answer } = await put(gzipSync(content), { 'content-encoding': 'gzip' });
    expect([status, answer.rows]).toEqual([201, 900]);
    expect(sha256(await (await get(answer.id, ann)).text())).toBe(sha256(content));
  });

  test('is another file for another caller', async () => {
    const content = 'id\nsame\n';
    const mine = await put(content, ann);
    const theirs = await put(content, bob);
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.answer.id).not.toBe(mine.answer.id);
  });

  test('that is uploaded twice at once is one file', async () => {
    const answers = await Promise.all([put('id\ntwice\n'), put('id\ntwice\n')]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 201]);
    expect(new Set(answers.map(({ answer }) => answer.id)).size).toBe(1);
  });

  test('can have no records', async () => {
    expect((await put('id,mail\n')).answer).toMatchObject({ rows: 0, problemCount: 0 });
    expect((await put('[]', { 'content-type': 'application/json' })).answer).toMatchObject({ rows: 0 });
  });

  test('keeps twenty of its problems, and the number of all', async () => {
    const { answer } = await put(`id,mail\n1,a\n${'bad\n'.repeat(300)}`);
    expect(answer).toMatchObject({ rows: 301, problemCount: 300 });
    expect(answer.problems).toHaveLength(20);
  });

  test('is shown by GraphQL', async () => {
    const { answer } = await put(`${PEOPLE}4\n`);
    const query = `query ($id: ID!) {
      syncFile(id: $id) { id name format bytes rows sha256 columns uploadedBy problemCount problems(first: 1) { at code } }
      node(id: $id) { ... on SyncFile { rows } }
    }`;
    const shown = await world.ask<{ syncFile: object; node: object }>(query, { id: answer.id });
    expect(shown.syncFile).toMatchObject({
      ...{ id: answer.id, name: 'people.csv', format: 'CSV', rows: 3, problemCount: 1 },
      ...{
        columns: ['id', 'mail'],
        uploadedBy: 'api-key:Ann',
        problems: [{ at: 'line 4', code: 'WRONG_FIELD_COUNT' }],
      },
    });
    expect(shown.node).toEqual({ rows: 3 });
  });
});

describe('a file is seen', () => {
  test('by its uploader and administrators only', async () => {
    const { answer } = await put('id\nsecret\n');
    const seen = async (headers: Record<string, string>) => {
      const { status } = await get(answer.id, headers);
      const query = 'query ($id: ID!) { syncFile(id: $id) { rows } node(id: $id) { id } }';
      const asked = await world.query<{ syncFile: object | null; node: object | null }>(
        query,
        { id: answer.id },
        {
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ query, variables: { id: answer.id } }),
        },
      );
      return [status, asked.data?.syncFile != null, asked.data?.node != null];
    };
    expect(await seen(ann)).toEqual([200, true, true]);
    expect(await seen(world.administrator)).toEqual([200, true, true]);
    expect(await seen(bob)).toEqual([404, false, false]);
    expect(await seen(reader)).toEqual([404, false, false]);
  });

  test('under its id only', async () => {
    expect((await get('nonsense', ann)).status).toBe(400);
    const unknown = Buffer.from('SyncFile:00000000-0000-4000-8000-000000000000').toString('base64');
    expect((await get(unknown, ann)).status).toBe(404);
    expect((await get(Buffer.from('SyncFile:x').toString('base64'), ann)).status).toBe(400);
    const { syncFile } = await world.ask<{ syncFile: null }>(
      'query ($id: ID!) { syncFile(id: $id) { id } }',
      { id: unknown },
    );
    expect(syncFile).toBeNull();
  });
});

describe('an upload is refused, and nothing is kept of it,', () => {
  const manyRows = `id\n${'1\n'.repeat(LIMITS.rows + 1)}`;
  const manyBytes = `id\n${'x'.repeat(99_999)}\n`.repeat(40);
  test.each<[string, number, string, RegExp, BodyInit | null, Record<string, string>?, string?]>([
    ['without a name', 400, 'INVALID_INPUT', /name/, PEOPLE, {}, ''],
    ['with an endless name', 400, 'INVALID_INPUT', /1 to 200/, PEOPLE, {}, `name=${'x'.repeat(201)}`],
    ['with a line break in its name', 400, 'INVALID_INPUT', /name/, PEOPLE, {}, 'name=a%0Ab'],
    ['of another type', 415, 'UNSUPPORTED_MEDIA_TYPE', /text\/csv/, PEOPLE, { 'content-type': 'text/html' }],
    ['in another encoding', 415, 'UNSUPPORTED_MEDIA_TYPE', /gzip/, PEOPLE, { 'content-encoding': 'br' }],
    [
      'with an unreadable digest',
      400,
      'INVALID_INPUT',
      /Content-Digest/,
      PEOPLE,
      { 'content-digest': 'md5=:x:' },
    ],
    [
      'with another digest',
      422,
      'FILE_INCOMPLETE',
      /SHA-256/,
      PEOPLE,
      { 'content-digest': `sha-256=:${sha256('x', 'base64')}:` },
    ],
    ['that is not gzip', 422, 'UNREADABLE_FILE', /gzip/, PEOPLE, { 'content-encoding': 'gzip' }],
    [
      'whose gzip ends early',
      422,
      'FILE_INCOMPLETE',
      /ends early/,
      gzipSync(PEOPLE).subarray(0, -9),
      { 'content-encoding': 'gzip' },
    ],
    ['that is empty', 422, 'UNREADABLE_FILE', /line 1\. The file is empty/, null],
    ['with a quote that is never closed', 422, 'UNREADABLE_FILE', /line 4\./, `${PEOPLE}3,"x\n`],
    ['that is not CSV', 422, 'UNREADABLE_FILE', /No record/, 'People of Acme\n1,ann\n2,bob\n'],
    [
      'that is not JSON lines',
      422,
      'UNREADABLE_FILE',
      /No record/,
      PEOPLE,
      { 'content-type': 'application/x-ndjson' },
    ],
    ['of too many rows', 413, 'FILE_TOO_LARGE', /1000 rows.*SYNC_ROWS_LIMIT/, manyRows],
    ['of too many bytes', 413, 'FILE_TOO_LARGE', /3000000 bytes.*SYNC_FILE_LIMIT/, manyBytes],
    [
      'of too many bytes when decompressed',
      413,
      'FILE_TOO_LARGE',
      /bytes/,
      gzipSync(manyBytes),
      { 'content-encoding': 'gzip' },
    ],
    [
      'of too many bytes, as its length says',
      413,
      'FILE_TOO_LARGE',
      /bytes/,
      PEOPLE,
      { 'content-length': '3000001' },
    ],
  ])('%s', async (_, status, code, message, body, headers, query) => {
    const before = kept;
    const refused = await put(body, headers, query);
    expect([refused.status, refused.code]).toEqual([status, code]);
    expect(refused.answer.errors?.[0]?.message).toMatch(message);
    expect(kept).toBe(before);
  });

  test('from callers without the scope provision, before its body is read', async () => {
    const unread = new ReadableStream(
      {
        pull() {
          throw new Error('the body was read');
        },
      },
      { highWaterMark: 0 },
    );
    expect(await put(unread, reader)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(await put(unread, { authorization: 'Bearer none' })).toMatchObject({ status: 401 });
  });

  test('when its client is gone', async () => {
    const before = kept;
    let pulled = 0;
    const broken = new ReadableStream({
      pull(controller) {
        pulled += 1;
        if (pulled < 3) controller.enqueue(Buffer.from(PEOPLE));
        else controller.error(new Error('gone'));
      },
    });
    const response = await world.gateway.fetch(
      new Request(`${URL_OF_FILES}?name=a.csv`, {
        ...{ method: 'PUT', body: broken, duplex: 'half' },
        headers: { 'content-type': 'text/csv', ...ann },
      }),
    );
    expect(response.status).toBe(499);
    expect(kept).toBe(before);
  });

  test('when one caller has two others under way', async () => {
    const ends = [1, 2].map(() => Promise.withResolvers<void>());
    const begun = ends.map(({ promise }) => {
      const started = Promise.withResolvers<void>();
      const body = new ReadableStream(
        {
          async pull(controller) {
            started.resolve();
            await promise;
            controller.enqueue(Buffer.from('id\n1\n'));
            controller.close();
          },
        },
        { highWaterMark: 0 },
      );
      const answer = put(body);
      return { started: started.promise, answer };
    });
    await Promise.all(begun.map(({ started }) => started));
    expect(await put(PEOPLE)).toMatchObject({ status: 429, code: 'TOO_MUCH_UNDER_WAY' });
    expect((await put(PEOPLE, bob)).code).toBeUndefined();
    for (const { resolve } of ends) resolve();
    const statuses = await Promise.all(begun.map(async ({ answer }) => (await answer).status));
    expect(statuses.toSorted()).toEqual([200, 201]);
  });
});
