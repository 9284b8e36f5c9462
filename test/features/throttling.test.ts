import { describe, expect, it } from 'vitest';
import type { RequestRecord } from '../../src/sandbox/index.ts';
import { startWorld, type World } from '../world.ts';

const PERSON = 'query ($id: ID!) { connector { user(id: $id) { displayName } } }';
const POOL = '{ connector { pool { queued throttledUntil } } }';

/** One GraphQL request for each person, all at once, so that none can share a read with another. */
const readEach = (world: World, ids: readonly string[]) =>
  Promise.all(ids.map((id) => world.query<{ connector: { user: object } }>(PERSON, { id })));

/**
 * For each pause, how many requests came after the 429 that began it and before its end. Of a full pool so
 * many may have been on their way as there are other connections; more were sent during the pause.
 */
function comingInPauses(all: readonly RequestRecord[], seconds: number): number[] {
  const counts: number[] = [];
  let pausedUntil = 0;
  for (const { status, endedAt = 0 } of all) {
    if (status !== 429 || endedAt < pausedUntil) continue;
    pausedUntil = endedAt + seconds * 1_000;
    counts.push(all.filter(({ startedAt }) => startedAt > endedAt && startedAt < pausedUntil).length);
  }
  return counts;
}

describe('a Webex that bears so many requests a second and no more', () => {
  it('is asked at that rate after the first 429: everything is answered, and nothing is sent in a pause', async () => {
    await using world = await startWorld();
    // Fewer than a slow machine asks for.
    Object.assign(world.webex.settings, { rateLimitPerSecond: 20, rateLimitBurst: 20 });
    const ids = world.webex.people.slice(0, 60).map(({ id }) => id);
    const answers = await readEach(world, ids);
    expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
    expect(answers.map(({ data }) => data?.connector.user)).toEqual(
      world.webex.people.slice(0, 60).map(({ displayName }) => ({ displayName })),
    );
    const refused = world.webex.requests.all.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(24);
    expect(world.webex.requests.count('GET /people')).toBe(60 + refused.length);
    expect(Math.max(...comingInPauses(world.webex.requests.all, 1))).toBeLessThan(10);
  });

  it('is not asked faster by many who ask at once: the pause holds for all, and shows in the pool', async () => {
    await using world = await startWorld();
    world.webex.fail({
      route: 'GET /people',
      fault: { kind: 'status', status: 429, retryAfter: 1 },
      times: 10,
    });
    const ids = world.webex.people.slice(0, 30).map(({ id }) => id);
    const reading = readEach(world, ids);
    const pool = async () =>
      (await world.ask<{ connector: { pool: { queued: number; throttledUntil: string | null } } }>(POOL))
        .connector.pool;
    const isThrottled = async () => {
      const { throttledUntil, queued } = await pool();
      return throttledUntil !== null && queued > 0;
    };
    await expect.poll(isThrottled, { interval: 5 }).toBe(true);
    const answers = await reading;
    expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
    // Ten of a full pool, all of which were repeated.
    expect(world.webex.requests.count('GET /people')).toBe(40);
    expect(Math.max(...comingInPauses(world.webex.requests.all, 1))).toBeLessThan(10);
    expect((await pool()).throttledUntil).toBeNull();
  });

  it('fails all who ask and wait, when the pause is longer than anybody would', async () => {
    await using world = await startWorld();
    world.webex.fail({
      route: 'GET /people',
      fault: { kind: 'status', status: 429, retryAfter: 61 },
      times: Number.POSITIVE_INFINITY,
    });
    const ids = world.webex.people.slice(0, 30).map(({ id }) => id);
    const answers = await readEach(world, ids);
    for (const { errors } of answers) {
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
      expect(errors?.[0]?.extensions.retryAfter).toBeGreaterThan(55);
    }
    // One for each connection was under way; nobody waits, and nothing is repeated.
    expect(world.webex.requests.count()).toBeLessThanOrEqual(10);
  });
});
