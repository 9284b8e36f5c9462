import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planOf, STAFF, staffOf } from '../sync-plans.ts';
import { startWorld, type World } from '../world.ts';

// Schedules as callers see them, and what uses a mapping.

interface Schedule {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly next: readonly string[];
  readonly lastOutcome: string | null;
  readonly lastPlan: { readonly state: string } | null;
}

interface Answered {
  readonly schedule: Schedule | null;
  readonly error: { readonly code: string; readonly problems?: readonly { readonly path: string }[] } | null;
}

const FIELDS = 'id name cron timeZone mode enabled next lastOutcome lastPlan { state }';

let world: World;
beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 5 }, sync: { worker: true } });
  await world.ask('mutation ($text: String!) { putSyncMapping(input: { text: $text }) { error { code } } }', {
    text: STAFF,
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const SCHEDULE = { name: 'nightly', cron: '30 2 * * 1-5', timeZone: 'Europe/Berlin', mode: 'PLAN_ONLY' };

async function put(input: object = {}): Promise<Answered> {
  const rows = staffOf(world).slice(0, 1);
  const plan = { mapping: { name: 'staff' }, rows };
  const { putSyncSchedule } = await world.ask<{ putSyncSchedule: Answered }>(
    `mutation ($input: PutSyncScheduleInput!) { putSyncSchedule(input: $input) {
      schedule { ${FIELDS} } error { code ... on InvalidInput { problems { path } } } } }`,
    { input: { ...SCHEDULE, enabled: true, plan, ...input } },
  );
  return putSyncSchedule;
}

async function deleteMapping(): Promise<string | undefined> {
  const { deleteSyncMapping } = await world.ask<{ deleteSyncMapping: { error: { code: string } | null } }>(
    'mutation { deleteSyncMapping(input: { name: "staff" }) { error { code } } }',
  );
  return deleteSyncMapping.error?.code;
}

describe('a schedule', () => {
  test('is stored with its next five times, and is found by its id and at its connector', async () => {
    const { schedule, error } = await put();
    expect(error).toBeNull();
    expect(schedule).toMatchObject({ ...SCHEDULE, enabled: true, lastOutcome: null, lastPlan: null });
    expect(schedule?.next).toHaveLength(5);
    const found = await world.ask<{ node: Schedule; connector: { syncSchedules: Schedule[] } }>(
      `query ($id: ID!) { node(id: $id) { ... on SyncSchedule { ${FIELDS} } } connector { syncSchedules { ${FIELDS} } } }`,
      { id: schedule?.id },
    );
    expect(found).toEqual({ node: schedule, connector: { syncSchedules: [schedule] } });
    expect((await put({ enabled: false })).schedule).toMatchObject({ id: schedule?.id, next: [] });
  });

  test.each([
    ['a name that is not plain', { name: 'every night' }, ['input.name']],
    ['no time at all', { cron: 'x', timeZone: 'y' }, ['input.timeZone', 'input.cron']],
    ['a retry', { plan: { mapping: { name: 'staff' }, retryOf: 'x' } }, [expect.any(String)]],
    [
      'another connector for its plans',
      { plan: { mapping: { name: 'staff' }, connector: 'x' } },
      ['input.plan.connector'],
    ],
  ])('is refused with %s', async (_what, input, paths) => {
    const { schedule, error } = await put(input);
    expect([schedule, error?.code]).toEqual([null, 'INVALID_INPUT']);
    expect(error?.problems?.map(({ path }) => path)).toEqual(paths);
  });

  test('can be deleted, which is recorded', async () => {
    const { schedule } = await put({ name: 'gone' });
    const remove = () =>
      world.ask<{ deleteSyncSchedule: Answered }>(
        `mutation ($id: ID!) { deleteSyncSchedule(input: { id: $id }) { schedule { ${FIELDS} } error { code } } }`,
        { id: schedule?.id },
      );
    expect((await remove()).deleteSyncSchedule.schedule).toMatchObject({ name: 'gone' });
    expect((await remove()).deleteSyncSchedule.error?.code).toBe('NOT_FOUND');
    const { auditEvents } = await world.ask<{
      auditEvents: { nodes: { operation: string; targetKind: string }[] };
    }>(
      '{ auditEvents(first: 2, filter: { operation: "deleteSyncSchedule" }) { nodes { operation targetKind outcome changes { field before after } } } }',
    );
    expect(auditEvents.nodes).toMatchObject([{ targetKind: 'CONNECTOR', outcome: 'APPLIED' }]);
  });
});

describe('a mapping', () => {
  test('cannot be deleted while a schedule or a plan that can still be applied uses it', async () => {
    const { schedule } = await put();
    expect(await deleteMapping()).toBe('MAPPING_IN_USE');
    await world.ask('mutation ($id: ID!) { deleteSyncSchedule(input: { id: $id }) { error { code } } }', {
      id: schedule?.id,
    });
    const plan = await planOf(world, staffOf(world), { mapping: { name: 'staff' } });
    expect(plan.state).toBe('READY');
    expect(await deleteMapping()).toBe('MAPPING_IN_USE');
    await world.ask('mutation ($id: ID!) { cancelSync(input: { id: $id }) { error { code } } }', {
      id: plan.id,
    });
    expect(await deleteMapping()).toBeUndefined();
    const { node } = await world.ask<{ node: { mapping: { version: number; text: string } } }>(
      'query ($id: ID!) { node(id: $id) { ... on SyncPlan { mapping { version text } } } }',
      { id: plan.id },
    );
    expect(node.mapping).toEqual({ version: 1, text: STAFF });
  });
});
