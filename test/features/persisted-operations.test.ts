import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

const NAMES = 'query Names { connectors { name } }';
const OTHERS = 'query Others { connectors { status } }';
const RENAME = 'mutation Rename { deleteConnector(input: { id: "x" }) { __typename } }';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const NAMED = { data: { connectors: [{ name: 'acme' }] } };

let folder: string;
const manifest = async (content: unknown) => {
  const file = join(folder, `${sha256(JSON.stringify(content)).slice(0, 8)}.json`);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webex-gateway-persisted-'));
});
afterAll(() => rm(folder, { recursive: true }));

const apollo = () => ({
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: [
    { id: sha256(NAMES), name: 'Names', type: 'query', body: NAMES },
    { id: 'rename', name: 'Rename', type: 'mutation', body: RENAME },
  ],
});

async function post(world: World, body: object) {
  const { data, errors } = await world.query<object>('', {}, { body: JSON.stringify(body) });
  return errors === undefined ? { data } : { code: errors[0]?.extensions.code, message: errors[0]?.message };
}

async function get(world: World, parameters: Record<string, string>) {
  const address = `http://gateway.test/graphql?${new URLSearchParams(parameters)}`;
  const answer = await world.gateway.fetch(new Request(address));
  const { data, errors }: { data?: object; errors?: { extensions: { code: string } }[] } = JSON.parse(
    await answer.text(),
  );
  return errors === undefined ? { data } : { code: errors[0]?.extensions.code };
}

const persistedQuery = (hash: string) => ({
  extensions: { persistedQuery: { version: 1, sha256Hash: hash } },
});

describe('persisted operations', () => {
  it.each([
    ['of Apollo', apollo],
    ['of Relay and of GraphQL Code Generator', () => ({ [sha256(NAMES)]: NAMES, rename: RENAME })],
  ])('persisted operations are read from a manifest %s, and requested as clients do', async (_what, content) => {
    const persistedOperations = await manifest(content());
    await using world = await startWorld({ connect: false, exposure: { persistedOperations } });
    const id = sha256(NAMES);
    expect(await post(world, persistedQuery(id))).toEqual(NAMED);
    expect(await post(world, { documentId: id })).toEqual(NAMED);
    expect(await post(world, { documentId: `sha256:${id}` })).toEqual(NAMED);
    expect(await post(world, { doc_id: id, variables: {} })).toEqual(NAMED);
    expect(await get(world, { documentId: id })).toEqual(NAMED);
    expect(await get(world, { doc_id: id })).toEqual(NAMED);
    expect(await get(world, { extensions: JSON.stringify(persistedQuery(id).extensions) })).toEqual(NAMED);
    expect(await post(world, { documentId: 'unknown' })).toMatchObject({
      code: 'PERSISTED_QUERY_NOT_IN_LIST',
    });
    expect(await get(world, { documentId: 'rename' })).toMatchObject({ code: 'BAD_REQUEST' });
    expect(await post(world, { query: OTHERS })).toMatchObject({ data: {} });
  });

  it('PERSISTED_ONLY refuses all other operations', async () => {
    const exposure = { persistedOperations: await manifest(apollo()), persistedOnly: true };
    await using strict = await startWorld({ connector: false, exposure });
    const id = sha256(NAMES);
    expect(await post(strict, { documentId: id })).toEqual({ data: { connectors: [] } });
    for (const body of [{ query: NAMES }, { query: NAMES, ...persistedQuery(id) }, {}]) {
      expect(await post(strict, body)).toMatchObject({
        code: 'PERSISTED_ONLY',
        message: expect.stringContaining('only the operations in its manifest'),
      });
    }
    expect(await get(strict, { query: OTHERS })).toMatchObject({ code: 'PERSISTED_ONLY' });
    expect(await post(strict, persistedQuery(sha256(OTHERS)))).toMatchObject({
      code: 'PERSISTED_QUERY_NOT_IN_LIST',
    });
  });

  it.each([
    [
      'that is not there',
      undefined,
      'PERSISTED_OPERATIONS names a file that cannot be read (ENOENT): /nowhere/manifest.json.',
    ],
    ['that is no JSON', '{', 'PERSISTED_OPERATIONS is no JSON'],
    [
      'of another format',
      { format: 'other', operations: [] },
      'PERSISTED_OPERATIONS must be a manifest of Apollo',
    ],
    [
      'with what is no GraphQL',
      { some: '{ connectors "a value" }' },
      'holds what is no GraphQL, under the id "some" (line 1, column 14).',
    ],
    [
      'with two operations of one id',
      { ...apollo(), operations: [1, 2].map((n) => ({ id: 'a', body: `{ a${n}: __typename }` })) },
      'has two operations with the id "a"',
    ],
  ])('a manifest %s ends the start with an error', async (_what, content, sentence) => {
    const persistedOperations = content === undefined ? '/nowhere/manifest.json' : await manifest(content);
    await expect(startWorld({ connect: false, exposure: { persistedOperations } })).rejects.toThrow(sentence);
  });

  it('persisted operations that are not valid in the schema are named in the log', async () => {
    const persistedOperations = await manifest({
      stale: '{ gone }',
      wrong: '{ connector(name: 7012345) { name } }',
    });
    await using world = await startWorld({ connect: false, exposure: { persistedOperations } });
    const told = world.log.filter((line) =>
      line.includes('a persisted operation is not valid in the schema'),
    );
    expect(told.map((line): object => JSON.parse(line))).toMatchObject([
      { operation: 'stale', field: 'gone' },
      { operation: 'wrong' },
    ]);
    // Values that stand in an operation are nobody's to read.
    expect(told.join()).not.toContain('7012345');
  });
});

describe('automatic persisted queries', () => {
  it('automatic persisted queries are sent whole once, and by their hash from then on', async () => {
    await using world = await startWorld({ connect: false });
    const hash = sha256(NAMES);
    const asked = await world.gateway.fetch(
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(persistedQuery(hash)),
      }),
    );
    // By both do the clients know that they are to send it whole.
    expect([asked.status, await asked.json()]).toMatchObject([
      200,
      { errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] },
    ]);
    expect(await post(world, { query: NAMES, ...persistedQuery(hash) })).toEqual(NAMED);
    expect(await post(world, persistedQuery(hash))).toEqual(NAMED);
    expect(await get(world, { extensions: JSON.stringify(persistedQuery(hash).extensions) })).toEqual(NAMED);
  });

  it('automatic persisted queries are refused with the hash of another query', async () => {
    await using world = await startWorld({ connect: false });
    expect(await post(world, { query: NAMES, ...persistedQuery(sha256(OTHERS)) })).toMatchObject({
      code: 'INVALID_INPUT',
      message: 'extensions.persistedQuery.sha256Hash: is not the SHA-256 of the query, in hexadecimal.',
    });
    expect(await post(world, persistedQuery(sha256(OTHERS)))).toMatchObject({
      code: 'PERSISTED_QUERY_NOT_FOUND',
    });
  });

  it('automatic persisted queries are kept once, in whatever case the hash is written', async () => {
    await using world = await startWorld({ connect: false });
    const hash = sha256(NAMES);
    expect(await post(world, { query: NAMES, ...persistedQuery(hash.toUpperCase()) })).toEqual(NAMED);
    expect(await post(world, persistedQuery(hash))).toEqual(NAMED);
    expect(await post(world, persistedQuery(hash.toUpperCase()))).toEqual(NAMED);
  });

  it('automatic persisted queries are not kept if they cannot be parsed', async () => {
    await using world = await startWorld({ connect: false });
    const broken = 'query Broken { connectors { name }';
    expect(await post(world, { query: broken, ...persistedQuery(sha256(broken)) })).toMatchObject({
      code: 'GRAPHQL_PARSE_FAILED',
    });
    expect(await post(world, persistedQuery(sha256(broken)))).toMatchObject({
      code: 'PERSISTED_QUERY_NOT_FOUND',
    });
  });

  it('the oldest automatic persisted queries are dropped if there is no more room', async () => {
    await using world = await startWorld({ connect: false });
    const long = (index: number) =>
      `{ connectors { name } } #${String(index).repeat(150_000)}`.slice(0, 150_000);
    const texts = Array.from({ length: 15 }, (_, index) => long(index));
    for (const query of texts) await post(world, { query, ...persistedQuery(sha256(query)) });
    const found = [];
    for (const query of texts) found.push(await post(world, persistedQuery(sha256(query))));
    expect(found[0]).toMatchObject({ code: 'PERSISTED_QUERY_NOT_FOUND' });
    expect(found.at(-1)).toEqual(NAMED);
  });
});
