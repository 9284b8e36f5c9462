import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { change, idOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 30 } });
});
afterAll(() => world[Symbol.asyncDispose]());

interface Event {
  readonly operation: string;
  readonly outcome: string;
  readonly targetName: string | null;
  readonly completedAt: string | null;
}

const EVENTS = `query ($filter: AuditEventFilter, $first: Int, $after: String) {
  auditEvents(filter: $filter, first: $first, after: $after) {
    nodes {
      at completedAt actor operation dryRun connectorName targetType targetId targetName outcome errorCode
      trackingIds idempotencyKey requestId changes { field before after }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

async function eventsOf(filter: object = {}) {
  const { auditEvents } = await world.ask<{
    auditEvents: { nodes: readonly Event[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
  }>(EVENTS, { filter });
  return auditEvents.nodes;
}

describe('the audit trail', () => {
  it('tells who changed what, field by field, and what Webex’s support asks for', async () => {
    const person = world.webex.people[3];
    const id = await idOf(world, 'user', person?.id ?? '');
    const key = randomUUID();
    await change(world, 'updateUser', { id, title: 'Audited' }, key);
    const [event] = await eventsOf({ target: id });
    expect(event).toEqual({
      at: expect.stringMatching(/^20/),
      completedAt: expect.stringMatching(/^20/),
      actor: 'anonymous',
      operation: 'updateUser',
      dryRun: false,
      connectorName: 'acme',
      targetType: 'USER',
      targetId: id,
      targetName: person?.email,
      outcome: 'APPLIED',
      errorCode: null,
      trackingIds: [expect.stringMatching(/./)],
      idempotencyKey: key,
      requestId: expect.stringMatching(/^[\da-f-]{36}$/),
      changes: [{ field: 'title', before: person?.title ?? null, after: 'Audited' }],
    });
  });

  it('holds dry runs, failures and parts as what they were', async () => {
    const person = world.webex.people[4];
    const id = await idOf(world, 'user', person?.id ?? '');
    await change(world, 'updateUser', { id, title: 'Dry', dryRun: true });
    await change(world, 'updateUser', { id, title: person?.title });
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'half-applied', fields: ['title'] } });
    await change(world, 'updateUser', { id, title: 'Half', department: 'Done' });
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'status', status: 503 } });
    await change(world, 'updateUser', { id, title: 'Never' });
    await change(world, 'deleteUser', { id });
    const events = await eventsOf({ target: person?.email });
    const seen = events.map(({ operation, outcome }) => `${operation} ${outcome}`);
    expect(seen).toEqual([
      'deleteUser APPLIED',
      'updateUser NOT_APPLIED',
      'updateUser PARTIALLY_APPLIED',
      ...(person?.title === undefined ? [] : ['updateUser NOTHING_CHANGED']),
      'updateUser DRY_RUN',
    ]);
    expect(await eventsOf({ outcomes: ['PARTIALLY_APPLIED'] })).toMatchObject([
      { errorCode: 'PARTIALLY_APPLIED' },
    ]);
  });

  it('has the event before anything is sent', async () => {
    const person = world.webex.people[5];
    const id = await idOf(world, 'user', person?.id ?? '');
    const seen: Promise<readonly Event[]>[] = [];
    world.webex.fail({
      route: 'PUT /people/:id',
      fault: { kind: 'latency', ms: 100 },
      where: () => {
        seen.push(eventsOf({ target: id }));
        return true;
      },
    });
    await change(world, 'updateUser', { id, title: 'While it is under way' });
    expect((await Promise.all(seen))[0]).toMatchObject([{ outcome: 'PENDING', completedAt: null }]);
    expect(await eventsOf({ target: id })).toMatchObject([{ outcome: 'APPLIED' }]);
  });

  it('is read in pages, by time, and as JSON lines', async () => {
    const first = await world.ask<{ auditEvents: { nodes: Event[]; pageInfo: { endCursor: string } } }>(
      EVENTS,
      { first: 2 },
    );
    const { endCursor } = first.auditEvents.pageInfo;
    const rest = await world.ask<{ auditEvents: { nodes: Event[] } }>(EVENTS, { after: endCursor });
    const all = await eventsOf();
    expect([...first.auditEvents.nodes, ...rest.auditEvents.nodes]).toEqual(all);
    expect(await eventsOf({ to: '2020-01-01T00:00:00Z' })).toEqual([]);
    const response = await world.gateway.fetch(new Request('http://gateway.test/audit/events'));
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await response.text()).trim().split('\n');
    const exported: Event[] = lines.map((line) => JSON.parse(line));
    expect(exported.map(({ operation, outcome }) => [operation, outcome])).toEqual(
      all.map(({ operation, outcome }) => [operation, outcome]).toReversed(),
    );
    const wrong = await world.gateway.fetch(new Request('http://gateway.test/audit/events?from=yesterday'));
    expect(wrong.status).toBe(400);
    const { errors } = await world.query(EVENTS, { after: 'nonsense' });
    expect(errors?.[0]?.extensions.code).toBe('INVALID_CURSOR');
  });

  it('is forgotten after its time', async () => {
    await world.store.auditEvents.forgetOlderThan(1);
    expect(await eventsOf()).not.toEqual([]);
    await world.store.auditEvents.forgetOlderThan(0);
    expect(await eventsOf()).toEqual([]);
  });
});
