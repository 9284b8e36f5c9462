import { expect, it } from 'vitest';
import { takeTurn } from '../../src/schema/execution/turns.ts';

it('gives each who builds a large answer a turn of the event loop, in which others go first', async () => {
  const order: string[] = [];
  let isWatching = true;
  const watch = () => {
    order.push('others');
    if (isWatching) setImmediate(watch);
  };
  const builders = ['first', 'second', 'third'].map((name) => takeTurn(true)?.then(() => order.push(name)));
  setImmediate(watch);
  await Promise.all(builders);
  isWatching = false;
  const turns = order.join(' ').replaceAll(/others( others)+/g, 'others');
  expect(turns).toMatch(/first others second others third/);
});

it('lets an answer be built on while there is time', () => {
  expect(takeTurn()).toBeUndefined();
});
