import { Agent, request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ users: 30, token: 'admin' });
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.close());

async function ask(path: string, dispatcher?: Agent) {
  const { body } = await request(`${sandbox.serviceUri}${path}`, {
    headers: { authorization: 'Bearer admin' },
    ...(dispatcher && { dispatcher }),
  });
  await body.dump();
}

describe('the recorder', () => {
  it('counts requests by route', async () => {
    const { id } = sandbox.people[0] ?? { id: '' };
    await ask('/people?max=2');
    await ask(`/people/${id}`);
    await ask(`/people/${id}`);
    await ask('/nowhere');
    expect(sandbox.requests.count()).toBe(4);
    expect(sandbox.requests.count('GET /people/:id')).toBe(2);
    expect(sandbox.requests.byRoute).toEqual({ 'GET /people': 1, 'GET /people/:id': 2, none: 1 });
  });

  it('keeps what was asked and answered, but never who asked', async () => {
    await ask('/people?max=2');
    expect(sandbox.requests.all[0]).toMatchObject({
      number: 1,
      method: 'GET',
      path: '/v1/people',
      query: 'max=2',
      route: 'GET /people',
      status: 200,
      startedAt: expect.any(Number),
      endedAt: expect.any(Number),
    });
    expect(JSON.stringify(sandbox.requests.all)).not.toContain('Bearer');
  });

  it('names requests that came more than once', async () => {
    await ask('/roles');
    await ask('/people?max=2');
    await ask('/people?max=2');
    await ask('/people?max=3');
    expect(sandbox.requests.identical()).toEqual([{ request: 'GET /v1/people?max=2', count: 2 }]);
  });

  it('knows how many requests ran at once, over how many sockets', async () => {
    sandbox.settings.latencyMs = 40;
    await using agent = Object.assign(new Agent({ connections: 3 }), {
      [Symbol.asyncDispose]: () => agent.close(),
    });
    await Promise.all(Array.from({ length: 9 }, () => ask('/roles', agent)));
    expect(sandbox.requests.mostConcurrent).toBe(3);
    expect(new Set(sandbox.requests.all.map((each) => each.connection)).size).toBe(3);
    expect(sandbox.requests.mostSockets).toBeGreaterThanOrEqual(3);
  });

  it('forgets', async () => {
    await ask('/roles');
    sandbox.requests.clear();
    expect(sandbox.requests.all).toEqual([]);
    expect(sandbox.requests.mostConcurrent).toBe(0);
  });
});
