import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Fault, type Sandbox, startSandbox } from '../../src/sandbox/index.ts';

const peoplePage = z.object({ items: z.array(z.object({ id: z.string() })) });

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ users: 30, token: 'admin' });
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.close());

function ask(path = '/people?max=5', init: RequestInit = {}) {
  const address = path.startsWith('http') ? path : `${sandbox.serviceUri}${path}`;
  return fetch(address, {
    headers: { authorization: 'Bearer admin', 'content-type': 'application/json' },
    ...init,
  });
}

async function statuses(count: number): Promise<number[]> {
  const seen: number[] = [];
  while (seen.length < count) seen.push((await ask()).status);
  return seen;
}

function failPeople(fault: Fault, times = 1) {
  return sandbox.fail({ route: 'GET /people', fault, times });
}

function nextOf(response: Response): string | undefined {
  return /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
}

async function createAda() {
  const body = JSON.stringify({ emails: ['ada@acme.example'], displayName: 'Ada' });
  return ask('/people', { method: 'POST', body });
}

const overloaded = { kind: 'status', status: 503 } as const;

describe('when a fault strikes', () => {
  it('happens once by default', async () => {
    failPeople(overloaded);
    expect(await statuses(2)).toEqual([503, 200]);
  });

  it('can be several times, after some requests', async () => {
    sandbox.fail({ route: 'GET /people', fault: overloaded, after: 1, times: 2 });
    expect(await statuses(4)).toEqual([200, 503, 503, 200]);
  });

  it('can be for good, until it is cleared', async () => {
    const handle = failPeople(overloaded, Number.POSITIVE_INFINITY);
    expect(await statuses(3)).toEqual([503, 503, 503]);
    expect(handle.struck).toBe(3);
    handle.clear();
    expect(await statuses(1)).toEqual([200]);
  });

  it('can be by chance, the same each time for the same seed', async () => {
    const draw = async () => {
      const fault = overloaded;
      const rule = {
        route: 'GET /people',
        fault,
        times: Number.POSITIVE_INFINITY,
        probability: 0.5,
        seed: 7,
      } as const;
      const handle = sandbox.fail(rule);
      const seen = await statuses(20);
      handle.clear();
      return seen;
    };
    const first = await draw();
    expect(new Set(first)).toEqual(new Set([200, 503]));
    expect(await draw()).toEqual(first);
  });

  it('can be for some requests of a route, or for every route', async () => {
    sandbox.fail({ route: '*', fault: overloaded, where: ({ query }) => query.get('max') === '9' });
    expect((await ask('/people?max=8')).status).toBe(200);
    expect((await ask('/people?max=9')).status).toBe(503);
  });
});

describe('a status', () => {
  it.each([
    ['seconds', 7, '7'],
    ['zero', 0, '0'],
    ['a date', new Date(Date.UTC(2030, 0, 1)), 'Tue, 01 Jan 2030 00:00:00 GMT'],
    ['any text', 'soon', 'soon'],
  ])('can ask to retry after %s', async (_name, retryAfter, header) => {
    failPeople({ kind: 'status', status: 429, retryAfter });
    const response = await ask();
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe(header);
    expect(await response.json()).toMatchObject({
      message: expect.any(String),
      trackingId: expect.any(String),
    });
  });

  it('can come without Retry-After', async () => {
    failPeople({ kind: 'status', status: 429 });
    expect((await ask()).headers.get('retry-after')).toBeNull();
  });

  it('can come with headers, such as a redirect to somewhere it should not lead', async () => {
    const headers = { location: 'http://169.254.169.254/' };
    failPeople({ kind: 'status', status: 302, headers });
    const response = await ask('/people?max=5', { redirect: 'manual' });
    expect(response.headers.get('location')).toBe(headers.location);
  });

  it('can hide that the write was applied', async () => {
    sandbox.fail({ route: 'POST /people', fault: { kind: 'status', status: 504, applied: true } });
    expect((await createAda()).status).toBe(504);
    expect(sandbox.person('ada@acme.example')).toBeDefined();
  });
});

describe('a connection', () => {
  it('can be reset before the write is applied', async () => {
    sandbox.fail({ route: 'POST /people', fault: { kind: 'reset', when: 'before' } });
    await expect(createAda()).rejects.toThrow();
    expect(sandbox.person('ada@acme.example')).toBeUndefined();
    expect(sandbox.requests.all.at(-1)?.status).toBeUndefined();
  });

  it('can be reset after the write was applied', async () => {
    sandbox.fail({ route: 'POST /people', fault: { kind: 'reset', when: 'after' } });
    await expect(createAda()).rejects.toThrow();
    expect(sandbox.person('ada@acme.example')).toBeDefined();
  });

  it('can fall silent in the middle of a body', async () => {
    failPeople({ kind: 'stalled-body' });
    const response = await ask('/people?max=5', { signal: AbortSignal.timeout(300) });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow(/timeout/);
  });

  it('can close in the middle of a body', async () => {
    failPeople({ kind: 'truncated-body' });
    const response = await ask();
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(100);
    await expect(response.text()).rejects.toThrow();
  });

  it('can be slow, and still answer', async () => {
    failPeople({ kind: 'latency', ms: 60_000 });
    await expect(ask('/people?max=5', { signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/);
    failPeople({ kind: 'latency', ms: 1, when: 'after' });
    expect((await ask()).status).toBe(200);
  });
});

describe('a body', () => {
  it.each([200, 502] as const)('can be a page of HTML with status %s', async (status) => {
    failPeople({ kind: 'html', status });
    const response = await ask();
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(await response.text()).toMatch(/^<html>/);
  });

  it('can be huge', async () => {
    failPeople({ kind: 'huge-body', bytes: 1_000_000 });
    expect(await (await ask()).text()).toBe(' '.repeat(1_000_000));
  });

  it('can be broken JSON, its own or yours', async () => {
    failPeople({ kind: 'broken-json' });
    await expect((await ask()).json()).rejects.toThrow(SyntaxError);
    failPeople({ kind: 'broken-json', body: '{"items":[null,1e999]}' });
    expect(await (await ask()).text()).toBe('{"items":[null,1e999]}');
  });
});

describe('a page', () => {
  it('can lose its next link', async () => {
    failPeople({ kind: 'next-link', how: 'lost' });
    const response = await ask();
    expect(nextOf(response)).toBeUndefined();
    expect(peoplePage.parse(await response.json()).items).toHaveLength(5);
  });

  it('can lead back to itself', async () => {
    failPeople({ kind: 'next-link', how: 'looping' });
    expect(nextOf(await ask('/people?max=5'))).toBe(`${sandbox.serviceUri}/people?max=5`);
  });

  it('can lead to another origin', async () => {
    failPeople({ kind: 'next-link', how: 'foreign', origin: 'https://evil.example' });
    expect(nextOf(await ask())).toMatch(/^https:\/\/evil\.example\/v1\/people\?max=5&/);
  });

  it('can be empty and go on: a client that follows the link misses nobody', async () => {
    failPeople({ kind: 'empty-page' });
    const empty = await ask();
    expect(await empty.json()).toEqual({ items: [] });
    const { items } = peoplePage.parse(await (await ask(nextOf(empty))).json());
    expect(items[0]?.id).toBe(sandbox.people[0]?.id);
  });

  it('is a page that is empty, never a record that has lost its licenses', async () => {
    const [person] = sandbox.people;
    const fault = sandbox.fail({ route: '*', fault: { kind: 'empty-page' } });
    const answer = await ask(`/people/${person?.id}`);
    expect(await answer.json()).toMatchObject({ id: person?.id, emails: [person?.email] });
    expect(fault.struck).toBe(0);
    expect(await (await ask()).json()).toEqual({ items: [] });
  });
});

describe('an answer to another question', () => {
  it('is a list to which the filter was not applied', async () => {
    failPeople({ kind: 'filter-ignored' });
    const [first] = sandbox.people;
    const { items } = peoplePage.parse(await (await ask('/people?email=nobody@acme.example')).json());
    expect(items[0]?.id).toBe(first?.id);
  });

  it('is a record with other values', async () => {
    const [person] = sandbox.people;
    sandbox.fail({
      route: 'GET /people/:id',
      fault: { kind: 'altered', alter: (body) => Object.assign(body, { title: 'Altered' }) },
    });
    expect(await (await ask(`/people/${person?.id}`)).json()).toMatchObject({ title: 'Altered' });
  });
});

describe('a rate limit', () => {
  it('holds for each token and says how long to wait', async () => {
    sandbox.settings.rateLimitPerSecond = 0.1;
    sandbox.settings.rateLimitBurst = 2;
    expect(await statuses(2)).toEqual([200, 200]);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const other = { headers: { authorization: `Bearer ${sandbox.issueToken()}` } };
    expect((await ask('/people?max=1', other)).status).toBe(200);
    sandbox.clock.advance(10);
    expect(await statuses(1)).toEqual([200]);
  });

  it('can leave Retry-After out, or say anything', async () => {
    Object.assign(sandbox.settings, {
      rateLimitPerSecond: 0.001,
      rateLimitBurst: 1,
      rateLimitRetryAfter: null,
    });
    await ask();
    expect((await ask()).headers.get('retry-after')).toBeNull();
    sandbox.settings.rateLimitRetryAfter = '-1';
    expect((await ask()).headers.get('retry-after')).toBe('-1');
  });
});
