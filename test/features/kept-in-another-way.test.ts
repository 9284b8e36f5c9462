import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreUnavailable } from '../../src/errors/start.ts';
import type { Fault } from '../../src/sandbox/index.ts';
import { appliedIn, change, idOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 40 } });
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  world.webex.clearFaults();
  world.webex.requests.clear();
});

/** The id of a user who does not exist. */
const NOBODY = Buffer.from('ciscospark://us/PEOPLE/00000000-0000-4000-8000-000000000000').toString(
  'base64url',
);
const ALWAYS = Number.POSITIVE_INFINITY;

function userId(index: number): Promise<string> {
  return idOf(world, 'user', world.webex.people[index]?.id ?? '');
}

/** Has Webex show every person with other values. */
function show(alter: Extract<Fault, { kind: 'altered' }>['alter']): void {
  for (const route of ['GET /people/:id', 'PUT /people/:id', 'POST /people'] as const) {
    world.webex.fail({ route, times: ALWAYS, fault: { kind: 'altered', alter } });
  }
}

/** The database fails as the answer to a change is to be kept for its key. */
function loseNextAnswer(): void {
  vi.spyOn(world.store.idempotencyKeys, 'finish').mockRejectedValueOnce(new StoreUnavailable('It is gone.'));
}

async function outcomesOf(key: string): Promise<string[]> {
  const { auditEvents } = await world.ask<{ auditEvents: { nodes: { outcome: string }[] } }>(
    'query ($key: String) { auditEvents(filter: { idempotencyKey: $key }) { nodes { outcome } } }',
    { key },
  );
  return auditEvents.nodes.map(({ outcome }) => outcome);
}

describe('a change that Webex keeps in its own spelling', () => {
  it.each([
    ['composed accents', { displayName: 'Jose\u0301 Nun\u0303ez' }],
    ['joined blanks', { department: 'Research  and  Development' }],
    ['sites in lower case', { siteUrls: ['ACME-EU.webex.com#attendee'] }],
    ['addresses in lower case', { emails: ['Kept.Lower@Acme.example'] }],
  ])('is done, and is no change when it is asked for again: %s', async (_what, fields) => {
    const tidy = (value: unknown) =>
      typeof value === 'string' ? value.normalize('NFC').replace(/ {2,}/g, ' ') : value;
    const lower = (list: unknown) =>
      Array.isArray(list) ? list.map((each) => String(each).toLowerCase()) : list;
    show((body) => {
      for (const field of ['displayName', 'department']) body[field] = tidy(body[field]);
      for (const field of ['siteUrls', 'emails']) body[field] = lower(body[field]);
    });
    const input = { id: await userId(4), user: fields };
    expect((await change(world, 'updateUser', input)).outcome).toBe('APPLIED');
    expect((await change(world, 'updateUser', input)).outcome).toBe('NOTHING_CHANGED');
    expect(world.webex.requests.count('PUT /people/:id')).toBe(1);
  });
});

describe('a picture that Webex keeps under an address of its own', () => {
  const own = (body: Record<string, unknown>) => {
    if (body.avatar !== undefined)
      body.avatar = `https://avatars.webex.example/${String(body.avatar).length}`;
  };

  it('is there once another picture is shown', async () => {
    show(own);
    const input = { id: await userId(6), user: { avatar: 'https://pictures.example/ann.png' } };
    expect((await change(world, 'updateUser', input)).outcome).toBe('APPLIED');
  });

  it('is not there as long as the old one is shown', async () => {
    show((body) => Object.assign(body, { avatar: 'https://avatars.webex.example/old' }));
    const input = { id: await userId(7), user: { avatar: 'https://pictures.example/ann.png' } };
    expect(await change(world, 'updateUser', input)).toMatchObject({
      outcome: 'NOT_APPLIED',
      error: { code: 'NOT_APPLIED' },
      changes: [{ field: 'avatar', applied: false }],
    });
  });
});

describe('the answer to a change of which nothing is as requested', () => {
  it('names what has changed, and no list that is empty', async () => {
    const id = await userId(8);
    world.webex.fail({
      route: 'PUT /people/:id',
      fault: { kind: 'altered', alter: (body) => Object.assign(body, { title: 'Another' }) },
    });
    world.webex.fail({
      route: 'GET /people/:id',
      after: 1,
      fault: { kind: 'altered', alter: (body) => Object.assign(body, { title: 'Another' }) },
    });
    expect(await change(world, 'updateUser', { id, user: { title: 'Asked for' } })).toMatchObject({
      outcome: 'PARTIALLY_APPLIED',
      changes: [{ field: 'title', applied: false }],
      error: {
        code: 'PARTIALLY_APPLIED',
        message: expect.stringContaining('title has changed, but is not as asked for.'),
      },
    });
  });
});

describe('a part of a change, asked for again after its answer was lost', () => {
  it('is told as a part: members of a group', async () => {
    const key = randomUUID();
    const [group] = world.webex.groups;
    const groupId = await idOf(world, 'group', group?.id ?? '');
    const known = world.webex.people.filter(({ id }) => group?.memberIds.includes(id) === false)[0]?.id;
    const input = { id: groupId, add: [known, NOBODY] };
    loseNextAnswer();
    const first = await change(world, 'updateGroupMembers', input, key);
    const missing = [{ reference: NOBODY, action: 'ADD', outcome: 'NOT_APPLIED' }];
    const fields = [{ field: 'members', after: [known, NOBODY], applied: false }];
    expect(first).toMatchObject({
      outcome: 'PARTIALLY_APPLIED',
      changes: fields,
      members: [{ ...missing[0], error: { code: 'NOT_FOUND', reference: NOBODY } }],
    });
    const again = await change(world, 'updateGroupMembers', input, key);
    expect(again).toMatchObject({ outcome: 'PARTIALLY_APPLIED', changes: fields, members: missing });
    expect(again.auditEventId).toBe(first.auditEventId);
    expect(await outcomesOf(key)).toEqual(['PARTIALLY_APPLIED']);
  });

  it('is told as a part: a new group with its members', async () => {
    const key = randomUUID();
    world.webex.fail({
      route: 'POST /groups',
      fault: { kind: 'altered', alter: (body) => Object.assign(body, { members: [], memberSize: 0 }) },
    });
    const members = [world.webex.people[3]?.id];
    world.webex.fail({ route: 'PATCH /groups/:id', fault: { kind: 'status', status: 500 } });
    world.webex.fail({
      route: 'GET /groups/:id',
      times: ALWAYS,
      fault: { kind: 'altered', alter: (body) => Object.assign(body, { members: [], memberSize: 0 }) },
    });
    const input = { connector: world.connectorId, displayName: 'Never whole', members };
    loseNextAnswer();
    const first = await change(world, 'createGroup', input, key);
    expect(first.outcome).toBe('PARTIALLY_APPLIED');
    expect([appliedIn(first, true), appliedIn(first, false)]).toEqual([['displayName'], ['members']]);
    const again = await change(world, 'createGroup', input, key);
    expect(again).toMatchObject({ outcome: 'PARTIALLY_APPLIED', changes: first.changes });
    expect(world.webex.requests.count('POST /groups')).toBe(1);
  });

  it('is told as a part: a user', async () => {
    const key = randomUUID();
    world.webex.fail({ route: 'PUT /people/:id', fault: { kind: 'half-applied', fields: ['title'] } });
    const input = { id: await userId(9), user: { title: 'Half', department: 'Done' } };
    loseNextAnswer();
    const told = {
      outcome: 'PARTIALLY_APPLIED',
      changes: [
        { field: 'title', applied: true },
        { field: 'department', applied: false },
      ],
    };
    expect(await change(world, 'updateUser', input, key)).toMatchObject(told);
    expect(await change(world, 'updateUser', input, key)).toMatchObject(told);
    expect(world.webex.requests.count('PUT /people/:id')).toBe(1);
  });
});

describe('a change of members that is sent twice, of which the second is not answered', () => {
  it('is undecided, and both calls are in the audit event', async () => {
    const [, group] = world.webex.groups;
    const groupId = await idOf(world, 'group', group?.id ?? '');
    const known = world.webex.people.filter(({ id }) => group?.memberIds.includes(id) === false).slice(0, 2);
    world.webex.fail({ route: 'PATCH /groups/:id', fault: { kind: 'status', status: 504 }, after: 1 });
    const key = randomUUID();
    const add = [...known.map(({ id }) => id), NOBODY];
    expect((await change(world, 'updateGroupMembers', { id: groupId, add }, key)).outcome).toBe('UNKNOWN');
    const { auditEvents } = await world.ask<{
      auditEvents: { nodes: { outcome: string; trackingIds: string[] }[] };
    }>(
      'query ($key: String) { auditEvents(filter: { idempotencyKey: $key }) { nodes { outcome trackingIds } } }',
      { key },
    );
    expect(auditEvents.nodes).toMatchObject([{ outcome: 'UNKNOWN' }]);
    expect(auditEvents.nodes[0]?.trackingIds).toHaveLength(2);
  });
});

describe('a group that may have been created', () => {
  it('is found though lists lag behind, as users are', async () => {
    world.webex.fail({ route: 'POST /groups', fault: { kind: 'reset', when: 'after' } });
    const empty = world.webex.fail({
      route: 'GET /groups',
      times: 2,
      fault: { kind: 'altered', alter: (body) => Object.assign(body, { groups: [] }) },
    });
    const input = { connector: world.connectorId, displayName: 'Lagging' };
    expect(await change(world, 'createGroup', input)).toMatchObject({
      outcome: 'APPLIED',
      group: { displayName: 'Lagging' },
    });
    expect(empty.struck).toBe(2);
  });

  it('is created once, whatever the case of the name in which two ask for it', async () => {
    const outcomes = await Promise.all(
      ['Twice', 'TWICE'].map((displayName) =>
        change(world, 'createGroup', { connector: world.connectorId, displayName }),
      ),
    );
    expect(outcomes.map(({ outcome, error }) => error?.code ?? outcome).toSorted()).toEqual([
      'APPLIED',
      'NAME_TAKEN',
    ]);
  });
});
