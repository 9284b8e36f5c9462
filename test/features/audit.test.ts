import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { change, changeAll, idOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 30 } });
});
afterAll(() => world[Symbol.asyncDispose]());

interface Event {
  readonly id: string;
  readonly operation: string;
  readonly outcome: string;
  readonly targetId: string | null;
  readonly targetName: string | null;
  readonly completedAt: string | null;
}

const EVENTS = `query ($filter: AuditEventFilter, $first: Int, $after: String) {
  auditEvents(filter: $filter, first: $first, after: $after) {
    nodes {
      id requestedAt completedAt actor operation dryRun connectorName targetKind targetId targetName outcome errorCode
      trackingIds idempotencyKey requestId changes { field before after beforeText afterText }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

function globalId(type: string, id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64');
}

async function eventsOf(filter: object = {}) {
  const { auditEvents } = await world.ask<{
    auditEvents: { nodes: readonly Event[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
  }>(EVENTS, { filter });
  return auditEvents.nodes;
}

describe('the audit trail', () => {
  it('the audit trail shows who changed what, field by field, with the tracking ids for Webex’s support', async () => {
    const person = world.webex.people[3];
    const id = await idOf(world, 'user', person?.id ?? '');
    const key = randomUUID();
    const payload = await change(world, 'updateUser', { id, user: { title: 'Audited' } }, key);
    const [event] = await eventsOf({ target: id });
    expect(event).toEqual({
      id: payload.auditEventId,
      requestedAt: expect.stringMatching(/^20/),
      completedAt: expect.stringMatching(/^20/),
      actor: 'anonymous',
      operation: 'updateUser',
      dryRun: false,
      connectorName: 'acme',
      targetKind: 'USER',
      targetId: id,
      targetName: person?.email,
      outcome: 'APPLIED',
      errorCode: null,
      trackingIds: [expect.stringMatching(/./)],
      idempotencyKey: key,
      requestId: expect.stringMatching(/^[\da-f-]{36}$/),
      changes: [
        {
          field: 'title',
          before: person?.title ?? null,
          after: 'Audited',
          beforeText: null,
          afterText: null,
        },
      ],
    });
  });

  it('the audit trail records dry runs, failures and partial changes as such', async () => {
    const person = world.webex.people[4];
    const id = await idOf(world, 'user', person?.id ?? '');
    await change(world, 'updateUser', { id, user: { title: 'Dry' }, dryRun: true });
    await change(world, 'updateUser', { id, user: { title: person?.title } });
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'half-applied', fields: ['title'] } });
    await change(world, 'updateUser', { id, user: { title: 'Half', department: 'Done' } });
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'status', status: 503 } });
    await change(world, 'updateUser', { id, user: { title: 'Never' } });
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

  it('the audit trail records what was refused before anything was sent, with the reason', async () => {
    const person = world.webex.people[6];
    const other = world.webex.people[7];
    const id = await idOf(world, 'user', person?.id ?? '');
    const key = randomUUID();
    await change(world, 'updateUser', { id, user: { title: ' ' } }, key);
    await change(world, 'updateUser', {
      id,
      user: { title: 'Late' },
      ifUnmodifiedSince: '2001-01-01T00:00:00Z',
    });
    await change(world, 'updateUserRoles', { id, add: ['Emperor'], dryRun: true });
    expect(await eventsOf({ target: id })).toMatchObject([
      { operation: 'updateUserRoles', outcome: 'NOT_APPLIED', errorCode: 'NOT_FOUND', dryRun: true },
      { operation: 'updateUser', outcome: 'NOT_APPLIED', errorCode: 'MODIFIED_MEANWHILE', dryRun: false },
      {
        outcome: 'NOT_APPLIED',
        errorCode: 'INVALID_INPUT',
        idempotencyKey: key,
        trackingIds: [],
        changes: [],
      },
    ]);
    const { connector } = await world.ask<{ connector: { id: string } }>('{ connector { id } }');
    const user = { emails: [other?.email], displayName: 'Twin' };
    await change(world, 'createUser', { connector: connector.id, user, dryRun: true });
    expect(await eventsOf({ target: other?.email })).toMatchObject([
      { operation: 'createUser', outcome: 'NOT_APPLIED', errorCode: 'EMAIL_TAKEN', targetId: null },
    ]);
  });

  it('holds a refusal whatever it is about, and no other change fails for what one is called', async () => {
    const { connector } = await world.ask<{ connector: { id: string } }>('{ connector { id } }');
    // Nothing that packs well: an entry of an index would have to hold it.
    const names = Array.from({ length: 5 }, () => randomBytes(6_000).toString('base64'));
    const people = world.webex.people.slice(10, 15);
    const ids = await Promise.all(people.map((person) => idOf(world, 'user', person.id)));
    const [groups, users] = await Promise.all([
      Promise.all(
        names.map((displayName) => change(world, 'createGroup', { connector: connector.id, displayName })),
      ),
      Promise.all(ids.map((id) => change(world, 'updateUser', { id, user: { title: 'Beside them' } }))),
    ]);
    expect(new Set(groups.map(({ error }) => error?.__typename))).toEqual(new Set(['InvalidInput']));
    expect(new Set(users.map(({ outcome }) => outcome))).toEqual(new Set(['APPLIED']));
    expect(await eventsOf({ operation: 'createGroup' })).toHaveLength(5);
    const [name = ''] = names;
    expect(await eventsOf({ target: name })).toMatchObject([
      { outcome: 'NOT_APPLIED', errorCode: 'INVALID_INPUT', targetName: name.slice(0, 512) },
    ]);
    const filters = { target: '\0', actor: '\0', operation: '\0', idempotencyKey: '\0' };
    expect(await eventsOf(filters)).toEqual([]);
  });

  it('the audit trail counts refusals of a long list after the first ten', async () => {
    const { connector } = await world.ask<{ connector: { id: string } }>('{ connector { id } }');
    const users = Array.from({ length: 40 }, (_, index) => ({
      emails: [`counted${index}@acme.example`],
      displayName: ' ',
    }));
    const key = randomUUID();
    await changeAll(world, 'createUsers', { connector: connector.id, users }, key);
    const events = await eventsOf({ idempotencyKey: key });
    expect(events).toHaveLength(11);
    const named = events.filter(({ targetName }) => targetName !== null);
    expect(named).toHaveLength(10);
    expect(events.filter(({ targetName }) => targetName === null)).toMatchObject([
      {
        operation: 'createUsers',
        outcome: 'NOT_APPLIED',
        errorCode: 'INVALID_INPUT',
        connectorName: 'acme',
        targetId: null,
        changes: [{ field: 'refused', before: null, after: 30, beforeText: null, afterText: null }],
      },
    ]);
  });

  it('the audit trail records a repetition with the same key once', async () => {
    const id = await idOf(world, 'user', world.webex.people[8]?.id ?? '');
    const key = randomUUID();
    const again = () => change(world, 'updateUser', { id, user: { title: 'Repeated' } }, key);
    const first = await again();
    expect(first.replayed).toBe(false);
    expect(await again()).toEqual({ ...first, replayed: true });
    expect(await eventsOf({ idempotencyKey: key })).toHaveLength(1);
  });

  it('the audit trail has the event before anything is sent', async () => {
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
    await change(world, 'updateUser', { id, user: { title: 'While it is under way' } });
    expect((await Promise.all(seen))[0]).toMatchObject([{ outcome: 'PENDING', completedAt: null }]);
    expect(await eventsOf({ target: id })).toMatchObject([{ outcome: 'APPLIED' }]);
  });

  it('the audit trail is read in pages, by time, and as JSON lines', async () => {
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
    expect(exported).toMatchObject(all.toReversed());
    expect(Object.keys(exported[0] ?? {})).toEqual([
      'id',
      'requestedAt',
      'completedAt',
      'actor',
      'operation',
      'dryRun',
      'outcome',
      'errorCode',
      'connectorId',
      'connectorName',
      'targetKind',
      'targetId',
      'targetWebexId',
      'targetName',
      'changes',
      'trackingIds',
      'idempotencyKey',
      'requestId',
    ]);
    const { errors } = await world.query(EVENTS, { after: 'nonsense' });
    expect(errors?.[0]?.extensions.code).toBe('INVALID_CURSOR');
  });

  it.each([
    'yesterday',
    '2026-02-30',
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-06-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-25T24:00:00Z',
    '2026-11-25T08:30:00',
    '0000-01-01',
    '9999-12-31T23:00:00-02:00',
    '2026-11-25T08:30:00+02:00 with a plus that was not encoded',
  ])('is not exported from %s, which is no time, or no certain one', async (text) => {
    const [from] = text.split(' with');
    for (const name of ['from', 'to']) {
      const address = `http://gateway.test/audit/events?${name}=${from}`;
      const answer = await world.gateway.fetch(new Request(address));
      expect([answer.status, await answer.json()]).toMatchObject([
        400,
        { errors: [{ extensions: { code: 'INVALID_INPUT', field: name } }] },
      ]);
    }
  });

  it('is exported from a day, or from a time in any time zone', async () => {
    const all = (await eventsOf()).length;
    for (const from of ['2020-02-29', '2020-02-29T23:59:59.5Z', '2020-02-29T08:30:00%2B02:00']) {
      const address = `http://gateway.test/audit/events?from=${from}`;
      const text = await (await world.gateway.fetch(new Request(address))).text();
      expect([from, text.trim().split('\n').length]).toEqual([from, all]);
    }
  });

  it('the audit trail finds an event by its id, and its target by targetId', async () => {
    const [event] = await eventsOf({ operation: 'updateUser', outcomes: ['APPLIED'] });
    const { data } = await world.query<{ nodes: readonly object[] }>(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on AuditEvent { operation targetName } } }',
      {
        ids: [event?.id, event?.targetId, globalId('AuditEvent', randomUUID()), globalId('AuditEvent', 'x')],
      },
    );
    expect(data?.nodes).toEqual([
      { __typename: 'AuditEvent', id: event?.id, operation: 'updateUser', targetName: event?.targetName },
      { __typename: 'User', id: event?.targetId },
      null,
      null,
    ]);
  });

  it('the audit trail is filtered by a connector: by its id or name', async () => {
    const all = await eventsOf();
    expect(await eventsOf({ connector: 'acme' })).toEqual(all);
    expect(await eventsOf({ connector: world.connectorId })).toEqual(all);
    expect(await eventsOf({ connector: globalId('Connector', randomUUID()) })).toEqual([]);
    const { errors } = await world.query(EVENTS, { filter: { connector: 'nobody' } });
    expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  it('events are deleted from the audit trail after the retention time', async () => {
    await world.store.auditEvents.forgetOlderThan(1);
    expect(await eventsOf()).not.toEqual([]);
    await world.store.auditEvents.forgetOlderThan(0);
    expect(await eventsOf()).toEqual([]);
  });
});

describe.runIf(process.env.TEST_DATABASE_URL)('a change that cannot be recorded', () => {
  it('a change that cannot be recorded is not sent; reads go on, and changes too once the database works again', async () => {
    await using other = await startWorld({ sandbox: { users: 5 } });
    const database = new Client({ connectionString: other.databaseUrl });
    await database.connect();
    try {
      const id = await idOf(other, 'user', other.webex.people[2]?.id ?? '');
      await database.query(`
        create function refuse() returns trigger language plpgsql as
          $$ begin raise exception 'no space left' using errcode = '53100'; end $$;
        create trigger full_disk before insert on audit_events execute function refuse()`);
      const lost = await change(other, 'updateUser', { id, user: { title: 'Lost' } });
      expect(lost).toMatchObject({
        outcome: 'NOT_APPLIED',
        error: { code: 'NOT_RECORDED', retryable: true },
      });
      expect(other.webex.requests.count('PUT /people/:id')).toBe(0);
      expect(await idOf(other, 'user', other.webex.people[2]?.id ?? '')).toBe(id);
      await database.query('drop trigger full_disk on audit_events; drop function refuse');
      expect(await change(other, 'updateUser', { id, user: { title: 'Kept' } })).toMatchObject({
        user: { title: 'Kept' },
      });
    } finally {
      await database.end();
    }
  });
});
