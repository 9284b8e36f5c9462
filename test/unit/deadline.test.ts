import { setImmediate as tick } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { Deadline } from '../../src/schema/execution/deadline.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

it('keeps nothing of an operation that has ended', async () => {
  const held = await raceInAnOperation();
  await tick();
  collectGarbage();
  expect(held.deref()).toBeUndefined();
});

/** What an operation has waited for, once it has ended. */
async function raceInAnOperation(): Promise<WeakRef<object>> {
  using deadline = new Deadline(60, new AbortController().signal);
  return new WeakRef(await deadline.race(Promise.resolve({ users: [] })));
}
