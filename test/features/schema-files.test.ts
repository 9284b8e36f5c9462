import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { buildSchema, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const get = (world: World, path: string, headers: object = world.administrator) =>
  world.gateway.fetch(new Request(`http://gateway.test${path}`, { headers: { ...headers } }));

/** The type of a field in the schema as a gateway serves it. */
function typeOf(sdl: string, type: string, field: string): string {
  const found = buildSchema(sdl).getType(type);
  return String(isObjectType(found) ? found.getFields()[field]?.type : undefined);
}

describe('GET /schema.graphql', () => {
  it('answers with the schema of this version, its defaults, descriptions and directives', async () => {
    await using world = await startWorld({ connector: false });
    const answer = await get(world, '/schema.graphql');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'application/graphql; charset=utf-8',
    ]);
    const text = await answer.text();
    expect(text).toBe(readFileSync(resolve(ROOT, 'schema.graphql'), 'utf8'));
    expect(text).toContain('emails: [EmailAddress!] @semanticNonNull');
    expect(text).toContain('first: Int = 100');
    expect(text).toMatch(/^"""\nUsers, groups, licenses and roles/);
  });

  it('answers 304 to a client that has this version', async () => {
    await using world = await startWorld({ connector: false });
    const tag = (await get(world, '/schema.graphql')).headers.get('etag') ?? '';
    expect(tag).toMatch(/^"[\w-]{43}"$/);
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`]) {
      const answer = await get(world, '/schema.graphql', { 'if-none-match': known });
      expect([answer.status, await answer.text()]).toEqual([304, '']);
    }
    expect((await get(world, '/schema.graphql', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('asks for the same credentials as /graphql', async () => {
    await using world = await startWorld({ connector: false, guarded: true });
    for (const path of ['/schema.graphql', '/schema.strict.graphql']) {
      const refused = await get(world, path, {});
      expect([refused.status, await refused.json()]).toMatchObject([
        401,
        { errors: [{ extensions: { code: 'UNAUTHENTICATED', retryable: false } }] },
      ]);
      expect((await get(world, path)).status).toBe(200);
    }
  });

  it('answers 404 if introspection is off', async () => {
    await using world = await startWorld({ connector: false, exposure: { introspection: false } });
    for (const path of ['/schema.graphql', '/schema.strict.graphql']) {
      expect((await get(world, path)).status).toBe(404);
    }
  });

  it('is refused to pages of another origin', async () => {
    await using world = await startWorld({ connector: false });
    const answer = await get(world, '/schema.graphql', { 'sec-fetch-site': 'cross-site' });
    expect(answer.status).toBe(403);
  });
});

describe('GET /schema.strict.graphql', () => {
  it('answers with a schema in which fields that are null only if they fail are non-null', async () => {
    await using world = await startWorld({ connector: false });
    const [marked, strict] = await Promise.all(
      ['/schema.graphql', '/schema.strict.graphql'].map(async (path) => (await get(world, path)).text()),
    );
    expect(typeOf(marked ?? '', 'User', 'emails')).toBe('[EmailAddress!]');
    expect(typeOf(strict ?? '', 'User', 'emails')).toBe('[EmailAddress!]!');
    expect(typeOf(strict ?? '', 'User', 'displayName')).toBe('String');
    expect(strict).not.toMatch(/directive @semanticNonNull|^ .*: .* @semanticNonNull$/m);
  });
});
