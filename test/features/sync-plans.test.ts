import { describe, expect, test } from 'vitest';
import { synchronize } from '../sync-api.ts';
import { applied, itemsOf, planOf, staffOf } from '../sync-plans.ts';
import { startWorld } from '../world.ts';

const worldOf = (users: number) => startWorld({ sandbox: { users }, sync: { worker: true } });

describe('a plan', () => {
  test('of people who are all there links them, and the next one is UNCHANGED', async () => {
    await using world = await worldOf(5);
    const plan = await planOf(world, staffOf(world));
    expect(plan).toMatchObject({ state: 'READY', hasChanges: true, error: null });
    expect(plan.counts).toEqual([
      { kind: 'USER', situation: 'FOUND', action: 'LINK', withheld: null, count: 5 },
    ]);
    expect(await applied(world, plan)).toMatchObject({ state: 'COMPLETED', total: 0 });
    const next = await planOf(world, staffOf(world));
    expect(next).toMatchObject({ state: 'UNCHANGED', hasChanges: false });
  });

  test('shows joiners, leavers, renames and updates, and applying it makes them so', async () => {
    await using world = await worldOf(30);
    const staff = staffOf(world);
    await applied(world, await planOf(world, staff));
    const [first, second, leaver, ...others] = staff;
    if (first === undefined || second === undefined || leaver === undefined) throw new Error('No staff');
    const joiner = { ...first, id: 'E99', mail: 'new@acme.example', name: 'New Person', title: 'Director' };
    const wanted = [
      { ...first, title: 'Chief' },
      { ...second, mail: 'renamed@acme.example' },
      ...others,
      joiner,
    ];
    const plan = await planOf(world, wanted);
    const items = await itemsOf(world, plan.id);
    expect(items.map(({ name, action, withheld }) => [name, action, withheld])).toEqual(
      expect.arrayContaining([
        [first.mail, 'UPDATE', null],
        [second.mail, 'RENAME', 'PROTECTED'],
        [leaver.mail, 'REPORT', null],
        [joiner.mail, 'CREATE', null],
      ]),
    );
    expect(await applied(world, plan)).toMatchObject({ state: 'COMPLETED', total: 2 });
    expect(world.webex.person(joiner.mail)).toMatchObject({ title: 'Director' });
    expect(world.webex.person(first.mail)).toMatchObject({ title: 'Chief' });
    expect(await planOf(world, wanted)).toMatchObject({ state: 'UNCHANGED' });
  });

  test('is EXPIRED once its lifetime is over, and cannot be applied then', async () => {
    await using world = await startWorld({
      sandbox: { users: 3 },
      sync: { worker: true, planLifetime: 0.001 },
    });
    const { id, digest } = await planOf(world, staffOf(world));
    const { node } = await world.ask<{ node: { state: string } }>(
      'query ($id: ID!) { node(id: $id) { ... on SyncPlan { state } } }',
      { id },
    );
    expect(node.state).toBe('EXPIRED');
    const { error } = await synchronize(world, 'applySync', { id, digest });
    expect(error?.code).toBe('PLAN_NOT_APPLICABLE');
  });
});
