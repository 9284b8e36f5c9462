import { describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

// Requests of people at a screen go before work in the background (header Webex-Lane).

describe('a user at a screen', () => {
  const HEADERS = {
    interactive: { 'content-type': 'application/json', 'Webex-Lane': 'interactive' },
    background: { 'content-type': 'application/json', 'Webex-Lane': 'background' },
  };
  const inLane = (narrow: World, lane: keyof typeof HEADERS, query: string) =>
    narrow.query(query, {}, { headers: HEADERS[lane] });
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

  it('is told at once of a pause of minutes, which the background work that asks for the same waits out', async () => {
    await using paused = await startWorld({ connector: { maximumConnections: 1 } });
    paused.webex.fail({ route: 'GET /licenses', fault: { kind: 'status', status: 429, retryAfter: 300 } });
    const catalogue = '{ connector { licenses { name } } }';
    const gone = new AbortController();
    const background = paused.query(catalogue, {}, { signal: gone.signal, headers: HEADERS.background });
    const pool = '{ connector { pool { queued throttledUntil } } }';
    const waits = { connector: { pool: { queued: 1, throttledUntil: expect.any(String) } } };
    await expect.poll(() => paused.ask(pool)).toEqual(waits);
    for (const query of [catalogue, users(1)]) {
      const { errors } = await inLane(paused, 'interactive', query);
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfter: expect.any(Number) });
    }
    expect(await paused.ask(pool)).toEqual(waits);
    expect(paused.webex.requests.count()).toBe(1);
    gone.abort();
    await background.catch(() => undefined);
  });
});
