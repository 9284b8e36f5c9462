import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startWorld } from '../world.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(resolve(ROOT, file), 'utf8');
const readme = read('README.md');

describe('the README', () => {
  it('shows a query that runs, and costs as many requests as it says', async () => {
    await using world = await startWorld();
    const query = /```graphql\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    const { connector } = await world.ask<{ connector: { users: { nodes: object[] } } }>(query);
    expect(connector.users.nodes).toHaveLength(100);
    expect(readme).toContain('answers a hundred users with all of that in four Webex requests');
    expect(world.webex.requests.count()).toBe(4);
  });

  it('lists every variable of the configuration', () => {
    const variables = [...read('src/config.ts').matchAll(/read\('(\w+)'\)/g)].map((match) => match[1]);
    expect(variables.length).toBeGreaterThan(5);
    for (const variable of variables) expect(readme).toContain(`| \`${variable}\` |`);
  });

  it('links to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '');
    for (const link of links) expect(() => read(link)).not.toThrow();
  });
});
