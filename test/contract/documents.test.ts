import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { schema } from '../../src/schema/index.ts';
import { startWorld, type World } from '../world.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(resolve(ROOT, file), 'utf8');
const readme = read('README.md');
const pages = globSync(['*.md', 'docs/**/*.md', 'examples/*.md', 'bench/*.md'], { cwd: ROOT });

const files = globSync(['{src,test,bench,examples}/**/*.ts'], { cwd: ROOT });

/** The code blocks of a language in a page. */
function blocks(page: string, language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, text = '']) => text,
  );
}

/** The anchors that GitHub gives to the headings of a page. */
function anchors(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('README.md', () => {
  it('shows a query and the answer to it from the simulated Webex of the demo', async () => {
    // The demo's connector belongs to the organization itself, in every round of tests.
    await using world = await startWorld({ partner: false });
    const [query = ''] = blocks(readme, 'graphql');
    const [answer = ''] = blocks(readme, 'json');
    expect({ data: await world.ask(query) }).toEqual(JSON.parse(answer));
  });

  it('gives the number of Webex requests that its query sends for 100 users', async () => {
    await using world = await startWorld({ partner: false });
    const query = blocks(readme, 'graphql')[0]?.replace('first: 2', 'first: 100') ?? '';
    const { connector } = await world.ask<{ connector: { users: { nodes: object[] } } }>(query);
    expect(connector.users.nodes).toHaveLength(100);
    expect(readme).toContain('With `first: 100` the gateway still sends three requests to Webex');
    expect(world.webex.requests.count()).toBe(3);
  });

  it('names the default settings and minimum scopes of a connector', async () => {
    await using world = await startWorld({ connector: false });
    const { createConnector } = await world.ask<{
      createConnector: { connector: { settings: Record<string, unknown> } };
    }>(
      `mutation { createConnector(input: { name: "acme", clientId: "id", clientSecret: "secret" }) {
        connector {
          settings { scopes serviceUri tokenEndpoint maximumConnections connectionTimeout }
        }
      } }`,
    );
    const { scopes, ...settings } = createConnector.connector.settings;
    expect(settings).toEqual({
      serviceUri: /\*\*Service URI\*\* `(.+?)`/.exec(readme)?.[1],
      tokenEndpoint: /\*\*Token Endpoint\*\* `(.+?)`/.exec(readme)?.[1],
      maximumConnections: Number(/\*\*Maximum Connections\*\* \(default: (\d+)\)/.exec(readme)?.[1]),
      connectionTimeout: Number(/\*\*Connection Timeout\*\* \(default: (\d+) seconds\)/.exec(readme)?.[1]),
    });
    const named = [...readme.matchAll(/`((?:spark-admin|identity):\w+)`/g)].map(([, scope]) => scope);
    expect(named.toSorted()).toEqual([scopes].flat().toSorted());
  });
});

describe('docs/configuration.md', () => {
  const rows = [...read('docs/configuration.md').matchAll(/^\| `([A-Z_]+)` \|([^|]*)\|/gm)].map(
    ([, name = '', standard = '']) => ({ name, standard: /`(.+)`/.exec(standard)?.[1] }),
  );

  it('lists every environment variable that the gateway reads', () => {
    const source = globSync(['src/config.ts', 'src/config/*.ts'], { cwd: ROOT }).map(read).join();
    const variables = [...source.matchAll(/read\('(\w+)'\)/g)].map(([, name]) => name);
    expect(variables.length).toBeGreaterThan(30);
    expect(rows.map(({ name }) => name).toSorted()).toEqual([...new Set(variables)].toSorted());
  });

  it.each(rows.filter(({ standard }) => standard !== undefined))('gives the default of $name', ({
    name,
    standard,
  }) => {
    expect(loadConfig({ [name]: standard?.replace('PORT', '4000') })).toEqual(loadConfig({}));
  });
});

describe('docs/limits.md', () => {
  const limits = read('docs/limits.md');

  it.each(
    [...limits.matchAll(/^\| [^|]+ \| ([\d,]+) \| `([A-Z_]+)`/gm)].map(([, figure = '', name = '']) => ({
      name,
      figure,
    })),
  )('gives the default of $name', ({ name, figure }) => {
    expect(loadConfig({ [name]: figure.replaceAll(',', '') })).toEqual(loadConfig({}));
  });

  let world: World;
  beforeAll(async () => {
    world = await startWorld({ connector: false });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const many = (count: number, text: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => text(index)).join(' ');

  it.each([
    ['Aliases', `{ connector { ${many(201, (index) => `a${index}: name`)} } }`],
    ['directives', `{ connector { ${many(101, (index) => `a${index}: name @skip(if: false)`)} } }`],
    ['of fields', `{ connector { user(id: "x") { ${'manager { '.repeat(30)}id${' }'.repeat(30)} } } }`],
    ['top level', `{ ${many(51, (index) => `a${index}: __typename`)} }`],
    ['Operations', many(21, (index) => `query Q${index} { __typename }`)],
    ['Variables', `query (${many(201, (index) => `$v${index}: Int`)}) { __typename }`],
    ['characters', `{ connector { name } } #${'x'.repeat(262_144)}`],
  ])('gives the limit that the gateway reports: %s', async (row, query) => {
    const { errors } = await world.query(query);
    expect(errors).toMatchObject([{ extensions: { code: 'REQUEST_TOO_COMPLEX' } }]);
    const line = limits.split('\n').find((each) => each.includes(row)) ?? '';
    expect(line.replaceAll(',', '')).toContain(String(errors?.[0]?.extensions.limit));
  });

  it.each([
    ['tokens', `{ connector { ${many(5_000, () => 'name')} } }`],
    ['Nesting of brackets', '{ a '.repeat(101)],
  ])('gives the limit that the parser reports: %s', async (row, query) => {
    const { errors } = await world.query(query);
    expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
    const line = limits.split('\n').find((each) => each.includes(row)) ?? '';
    expect(line).toContain(/\d{3,}/.exec(errors?.[0]?.message ?? '')?.[0]);
  });
});

describe('all documents', () => {
  it.each(pages)('%s has links to pages and headings that exist', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
    for (const [link, path = '', anchor] of links) {
      const file = path === '' ? resolve(ROOT, page) : resolve(ROOT, dirname(page), path);
      expect(existsSync(file), link).toBe(true);
      if (anchor !== undefined) expect(anchors(readFileSync(file, 'utf8')), link).toContain(anchor);
    }
  });

  it.each(pages)('%s shows only GraphQL that the schema accepts', (page) => {
    for (const block of blocks(read(page), 'graphql')) expect(validate(schema, parse(block))).toEqual([]);
  });

  it.each(pages)('%s names only source files and folders that exist', (page) => {
    const named = [...read(page).matchAll(/`((?:[\w-]+\/)+[\w.-]*|[\w-]+\.ts)`/g)].map(
      ([, path = '']) => path,
    );
    const missing = named.filter((path) => {
      if (path.endsWith('.ts')) return !files.some((file) => `/${file}`.endsWith(`/${path}`));
      return /^(src|test|docs|examples|bench|scripts)\//.test(path) && !existsSync(resolve(ROOT, path));
    });
    expect(missing).toEqual([]);
  });
});
