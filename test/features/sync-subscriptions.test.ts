import { afterEach, describe, expect, it, vi } from 'vitest';
import { configure } from '../configuration.ts';
import { allOf } from '../iterables.ts';
import { eventsOf, makePlan, openStream, type Plan, synchronize } from '../sync-api.ts';
import { startWorld, type World } from '../world.ts';

const MAPPING = `version: 1
name: staff
source: { kind: ROWS, key: id }
user: { emails: mail, displayName: name }`;
const WATCH_PLAN = 'subscription ($id: ID!) { syncPlan(id: $id) { id state revision } }';

const RUN_FIELDS = 'state revision settled total counts { action outcome count } endedAt';
const WATCH_RUN = `subscription ($id: ID!) { syncRun(id: $id) { ${RUN_FIELDS} } }`;
const ENDED = new Set(['COMPLETED', 'COMPLETED_WITH_ERRORS', 'CANCELED', 'FAILED']);

interface WatchedRun {
  readonly state: string;
  readonly revision: number;
}

interface Watched {
  readonly syncPlan: { readonly id: string; readonly state: string; readonly revision: number };
}

/** A plan that waits for a worker, which does not run here. */
async function askForPlan(world: World): Promise<Plan> {
  const { plan, error } = await synchronize(world, 'planSync', {
    ...{ connector: world.connectorId, mapping: { text: MAPPING } },
    rows: [{ id: '1', mail: 'ann@acme.example', name: 'Ann' }],
  });
  if (plan == null) throw new Error(error?.message);
  return plan;
}

/** The events of a stream, and how to wait for the next one. */
function follow(response: Response) {
  const events = eventsOf<Watched>(response);
  return {
    next: async () => (await events.next()).value,
    rest: async () => {
      const all = [];
      for await (const event of events) all.push(event);
      return all;
    },
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a subscription to a plan', () => {
  it('begins with the plan as it is, tells of each change, and ends with the plan', async () => {
    await using world = await startWorld({ sandbox: { users: 3 } });
    const { id } = await askForPlan(world);
    const response = await openStream(world, WATCH_PLAN, { id });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('x-request-id')).not.toBeNull();
    const stream = follow(response);
    expect((await stream.next())?.data?.syncPlan).toMatchObject({ id, state: 'QUEUED' });
    await synchronize(world, 'cancelSync', { id });
    const rest = await stream.rest();
    expect(rest.map(({ data }) => data?.syncPlan.state)).toEqual(['CANCELED']);
  });

  it('of a plan that has ended has one event', async () => {
    await using world = await startWorld({ sandbox: { users: 3 } });
    const { id } = await askForPlan(world);
    await synchronize(world, 'cancelSync', { id });
    const events = await follow(await openStream(world, WATCH_PLAN, { id })).rest();
    expect(events.map(({ data }) => data?.syncPlan.state)).toEqual(['CANCELED']);
  });

  it('of another gateway sees the same', async () => {
    await using world = await startWorld({ sandbox: { users: 3 } });
    await using other = await world.restart();
    const { id } = await askForPlan(world);
    const stream = follow(await openStream(other, WATCH_PLAN, { id }));
    await stream.next();
    await synchronize(world, 'cancelSync', { id });
    expect((await stream.rest()).at(-1)?.data?.syncPlan.state).toBe('CANCELED');
  });

  it('is refused for a plan that does not exist', async () => {
    await using world = await startWorld({ sandbox: { users: 3 } });
    const id = Buffer.from('SyncPlan:00000000-0000-4000-8000-000000000000').toString('base64');
    const [event] = await follow(await openStream(world, WATCH_PLAN, { id })).rest();
    expect(event?.errors?.map(({ extensions }) => extensions.code)).toEqual(['NOT_FOUND']);
  });

  it('is refused where the client takes no stream of events', async () => {
    await using world = await startWorld({ sandbox: { users: 3 } });
    const { id } = await askForPlan(world);
    const headers = { ...world.administrator, accept: 'application/json' };
    const response = await openStream(world, WATCH_PLAN, { id }, { headers });
    expect(response.status).toBe(406);
  });

  it('ends with a last event when the process stops', async () => {
    await using world = await startWorld({ sandbox: { users: 3 } });
    const { id } = await askForPlan(world);
    const stream = follow(await openStream(world, WATCH_PLAN, { id }));
    await stream.next();
    world.gateway.drain();
    expect((await stream.rest()).map(({ data }) => data?.syncPlan.state)).toEqual(['QUEUED']);
  });

  it('counts as an operation of its caller until the client leaves', async () => {
    await using world = await startWorld({ sandbox: { users: 3 }, limits: { concurrent: 1 } });
    const { id } = await askForPlan(world);
    const client = new AbortController();
    const stream = follow(await openStream(world, WATCH_PLAN, { id }, { signal: client.signal }));
    await stream.next();
    const refused = await world.query('{ viewer { name } }');
    expect(JSON.stringify(refused)).toContain('TOO_MANY_OPERATIONS');
    client.abort();
    await stream.rest().catch(() => undefined);
    await vi.waitFor(async () => expect((await world.query('{ viewer { name } }')).data).not.toBeNull());
  });

  it('ends with an error within a minute after the key of the client was revoked', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await using world = await startWorld({ sandbox: { users: 3 }, guarded: true });
    const grants = [{ scope: 'READ' }];
    const { key, apiKey } = await configure(world, 'createApiKey', { name: 'watcher', grants });
    const { id } = await askForPlan(world);
    const headers = { authorization: `Bearer ${key}` };
    const stream = follow(await openStream(world, WATCH_PLAN, { id }, { headers }));
    await stream.next();
    await vi.advanceTimersByTimeAsync(60_000);
    await configure(world, 'revokeApiKey', { id: apiKey?.id });
    await vi.advanceTimersByTimeAsync(60_000);
    const [last] = await stream.rest();
    expect(last?.errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
  });
});

describe('a subscription to a run', () => {
  it('shows how it goes on, and its last event is its final state, over gateways that come and go', async () => {
    await using world = await startWorld({ sandbox: { users: 3 }, sync: { worker: true } });
    const rows = Array.from({ length: 40 }, (_, index) => ({
      ...{ id: String(index), mail: `joiner${index}@acme.example`, name: `Joiner ${index}` },
    }));
    const { id, digest } = await makePlan(world, { mapping: { text: MAPPING }, rows });
    const { run } = await synchronize(world, 'applySync', { id, digest });
    const revisions: number[] = [];
    let last: WatchedRun | undefined;
    // Each gateway stops after its first event. The client subscribes again, until the run has ended.
    while (last === undefined || !ENDED.has(last.state)) {
      await using gateway = await world.restart();
      const stream = await openStream(gateway, WATCH_RUN, { id: run?.id });
      for await (const { data } of eventsOf<{ syncRun: WatchedRun }>(stream)) {
        if (data == null) throw new Error('An event without a run.');
        last = data.syncRun;
        revisions.push(last.revision);
        gateway.gateway.drain();
      }
    }
    expect(revisions).toEqual(revisions.toSorted((one, other) => one - other));
    const { node } = await world.ask<{ node: WatchedRun }>(
      `query ($id: ID!) { node(id: $id) { ... on SyncRun { ${RUN_FIELDS} } } }`,
      { id: run?.id },
    );
    expect(last).toEqual(node);
    expect(node).toMatchObject({ state: 'COMPLETED', settled: 40, total: 40 });
  });

  it('can select items, each of which is there by the end', async () => {
    await using world = await startWorld({ sandbox: { users: 3 }, sync: { worker: true } });
    const rows = [{ id: '1', mail: 'joiner@acme.example', name: 'Joiner' }];
    const { id, digest } = await makePlan(world, { mapping: { text: MAPPING }, rows });
    const { run } = await synchronize(world, 'applySync', { id, digest });
    const query = `subscription ($id: ID!) { syncRun(id: $id) {
      items { nodes { outcome target { ... on User { displayName } } } }
    } }`;
    const events = await allOf(
      eventsOf<{ syncRun: unknown }>(await openStream(world, query, { id: run?.id })),
    );
    expect(events.at(-1)?.data?.syncRun).toEqual({
      items: { nodes: [{ outcome: 'APPLIED', target: { displayName: 'Joiner' } }] },
    });
  });
});
