import { describe, expect, test } from 'vitest';
import { planOf, staffOf } from '../sync-plans.ts';
import { startWorld } from '../world.ts';

describe('a plan', () => {
  test('of people who are all there links them, and changes nothing else', async () => {
    await using world = await startWorld({ sandbox: { users: 5 }, sync: { worker: true } });
    const plan = await planOf(world, staffOf(world));
    expect(plan).toMatchObject({ state: 'READY', hasChanges: true, error: null });
  });
});
