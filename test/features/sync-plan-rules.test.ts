import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { synchronize } from '../sync-api.ts';
import {
  applied,
  askForPlan,
  csvOf,
  itemsOf,
  planOf,
  STAFF,
  staffOf,
  untilMade,
  upload,
} from '../sync-plans.ts';
import { startWorld, type World } from '../world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ sandbox: { users: 24 }, sync: { worker: true } });
  await applied(world, await planOf(world, staffOf(world)));
});
afterAll(() => world[Symbol.asyncDispose]());

/** The mapping under another name, which cannot link users that the first one has linked. */
const named = (name: string, more = '') => ({
  mapping: { text: `${STAFF.replace('name: staff', `name: ${name}`)}\n${more}` },
});

describe('the digest of a plan', () => {
  test('is the same for the same content, and another for other content', async () => {
    const staff = staffOf(world);
    const [one, again] = [await planOf(world, staff), await planOf(world, staff)];
    expect(again.id).not.toBe(one.id);
    expect(again.digest).toBe(one.digest);
    expect((await planOf(world, staff.slice(1))).digest).not.toBe(one.digest);
  });
});

describe('a plan fails', () => {
  test('with the line and the columns if the file lacks a column of the mapping', async () => {
    const { id } = await askForPlan(world, {
      ...named('columns', 'qualify: active == "true"'),
      file: await upload(world, csvOf(staffOf(world))),
    });
    const { state, error } = await untilMade(world, id);
    expect(state).toBe('FAILED');
    expect(error).toMatchObject({
      code: 'COLUMN_MISSING',
      message: expect.stringMatching(/^line 1: .*"active"/),
    });
  });

  test('with the name if the organization does not have a license of the mapping', async () => {
    const licenses = 'licenses: { mode: ADDITIVE, managed: [Webex Teleportation] }';
    const plan = await planOf(world, staffOf(world), named('names', licenses));
    expect(plan).toMatchObject({ state: 'FAILED', error: { code: 'UNKNOWN_NAME' } });
    expect(plan.error?.message).toContain('licenses.managed[0]');
  });

  test('with the line if an expression takes too long', async () => {
    const list = `[${Array.from({ length: 100 }, (_, index) => index).join(', ')}]`;
    const slow = `${list}.all(a, ${list}.all(b, ${list}.all(c, ${list}.all(d, a + b + c + d >= 0))))`;
    const plan = await planOf(world, staffOf(world), named('slow', `qualify: '${slow}'`));
    expect(plan).toMatchObject({ state: 'FAILED', error: { code: 'EXPRESSION_TOO_SLOW' } });
    expect(plan.error?.message).toMatch(/^line 2: /);
  });
});

describe('a source', () => {
  test('that has lost half of the linked users blocks the plan until it is approved', async () => {
    const staff = staffOf(world);
    const [first, ...others] = staff.slice(staff.length / 2);
    if (first === undefined) throw new Error('No staff');
    const plan = await planOf(world, [{ ...first, title: 'Other' }, ...others]);
    expect(plan.state).toBe('BLOCKED');
    expect(plan.verdicts.find(({ limit }) => limit === 'SOURCE_SHRUNK')).toMatchObject({
      outcome: 'NEEDS_APPROVAL',
    });
    const { error } = await synchronize(world, 'applySync', { id: plan.id, digest: plan.digest });
    expect(error?.code).toBe('PLAN_NOT_APPLICABLE');
  });

  test('that is empty is forbidden, and no approval helps', async () => {
    const plan = await planOf(world, [], named('empty'));
    expect(plan.state).toBe('BLOCKED');
    const { error } = await synchronize(world, 'approveSync', {
      ...{ id: plan.id, digest: plan.digest, reason: 'I know' },
    });
    expect(error).toMatchObject({
      code: 'PLAN_NOT_APPLICABLE',
      message: expect.stringContaining('No approval'),
    });
  });

  test('of rows is never the whole source: nobody is missing because of them', async () => {
    const staff = staffOf(world);
    const [row] = staff;
    const { id } = await askForPlan(world, { rows: [{ ...row, title: 'By row' }] });
    const plan = await untilMade(world, id);
    expect(plan.counts.filter(({ action }) => action !== 'NONE')).toMatchObject([
      { situation: 'CONFIRMED', action: 'UPDATE', count: 1 },
    ]);
  });
});

describe('a plan that is being made', () => {
  test('ends at once when it is canceled, and stays canceled', async () => {
    world.webex.settings.latencyMs = 60_000;
    const { id } = await askForPlan(world, {
      ...named('canceled'),
      file: await upload(world, csvOf(staffOf(world))),
    });
    expect(await synchronize(world, 'cancelSync', { id })).toMatchObject({ plan: { state: 'CANCELED' } });
    world.webex.settings.latencyMs = 0;
    expect(await untilMade(world, id)).toMatchObject({ state: 'CANCELED', digest: null });
    const { error } = await synchronize(world, 'cancelSync', { id });
    expect(error?.code).toBe('ALREADY_ENDED');
  });
});

describe('what a run has not applied', () => {
  test('is planned again from the same source, as the user is now', async () => {
    const [first, second, ...others] = staffOf(world);
    if (first === undefined || second === undefined) throw new Error('No staff');
    const wanted = [{ ...first, title: 'One' }, { ...second, title: 'Two' }, ...others];
    const plan = await planOf(world, wanted);
    await edit(first.mail, 'Edited');
    const { id, state } = await applied(world, plan);
    expect(state).toBe('COMPLETED_WITH_ERRORS');
    const retry = await untilMade(world, (await askForPlan(world, { mapping: undefined, retryOf: id })).id);
    const open = (await itemsOf(world, retry.id)).filter(
      ({ withheld, action }) => withheld === null && action !== 'REPORT',
    );
    expect(open).toMatchObject([
      {
        sourceKey: first.id,
        action: 'UPDATE',
        changes: [{ field: 'title', before: 'Edited', after: 'One' }],
      },
    ]);
  });

  test('is not planned again if there is nothing', async () => {
    const [first, ...others] = staffOf(world);
    if (first === undefined) throw new Error('No staff');
    const { id } = await applied(world, await planOf(world, [{ ...first, title: 'Done' }, ...others]));
    const { error } = await synchronize(world, 'planSync', { connector: world.connectorId, retryOf: id });
    expect(error?.problems?.[0]?.path).toBe('input.retryOf');
  });
});

async function edit(mail: string, title: string): Promise<void> {
  const id = world.webex.person(mail)?.id;
  const { updateUser } = await world.ask<{ updateUser: { error: unknown } }>(
    'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { error { code message } } }',
    { input: { connector: world.connectorId, id, user: { title } } },
  );
  expect(updateUser.error).toBeNull();
}
