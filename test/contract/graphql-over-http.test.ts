import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld({ connect: false });
});
afterAll(() => world[Symbol.asyncDispose]());

const audits = serverAudits({
  url: 'http://gateway.test/graphql',
  fetchFn: (url: string, init: RequestInit) => world.gateway.fetch(new Request(url, init)),
});

describe('GraphQL over HTTP, by the audits of its specification', () => {
  it('has as many audits as there were', () => {
    expect(audits).toHaveLength(61);
  });

  // What the specification only recommends, or leaves open, is kept too.
  it.each(audits.map(({ id, name, fn }) => [id, name, fn] as const))('%s %s', async (_id, _name, fn) => {
    const result = await fn();
    expect(result.status === 'ok' ? 'ok' : result.reason).toBe('ok');
  });
});
