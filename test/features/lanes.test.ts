import { describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

// Whoever waits at a screen goes before work that nobody watches (header Webex-Lane).

describe('somebody at a screen', () => {
  const inLane = (narrow: World, lane: string, query: string) =>
    narrow.query(query, {}, { headers: { 'content-type': 'application/json', 'Webex-Lane': lane } });
  const users = (first: number) => `{ connector { users(first: ${first}) { nodes { displayName } } } }`;

  it('goes before background work, of which catalogues are a part', async () => {
    await using narrow = await startWorld({
      connector: { maximumConnections: 1 },
      sandbox: { settings: { latencyMs: 60 } },
    });
    const background = [
      inLane(narrow, 'background', users(1)),
      inLane(narrow, 'background', users(2)),
      inLane(narrow, 'background', '{ connector { licenses { name } roles { name } } }'),
    ];
    await expect.poll(() => narrow.webex.requests.count(), { interval: 5 }).toBe(1);
    await Promise.all([...background, inLane(narrow, 'interactive', users(3))]);
    expect(narrow.webex.requests.all[1]?.query).toContain('max=3');
  });

  it('takes background work along that they wait for, too', async () => {
    await using narrow = await startWorld({
      connector: { maximumConnections: 1 },
      sandbox: { settings: { latencyMs: 60 } },
    });
    const background = [1, 2, 3].map((first) => inLane(narrow, 'background', users(first)));
    await expect.poll(() => narrow.webex.requests.count(), { interval: 5 }).toBe(1);
    await Promise.all([...background, inLane(narrow, 'interactive', users(3))]);
    expect(narrow.webex.requests.all.map(({ query }) => new URLSearchParams(query).get('max'))).toEqual([
      '1',
      '3',
      '2',
    ]);
  });
});
