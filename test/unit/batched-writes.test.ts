import { describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../../src/errors/start.ts';
import { batchWrites } from '../../src/store/batched-writes.ts';

function settle(write: (items: readonly string[]) => Promise<void>, items: readonly string[]) {
  return Promise.allSettled(items.map(batchWrites(1, write))).then((all) => all.map(({ status }) => status));
}

describe('writes that travel together', () => {
  it('batched writes fail separately if the database refuses their statement for one of them', async () => {
    const written: string[] = [];
    const outcomes = await settle(
      async (items) => {
        if (items.includes('bad')) throw new Error('index row size exceeds the maximum');
        written.push(...items);
      },
      ['one', 'bad', 'two'],
    );
    expect(outcomes).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(written).toEqual(['one', 'two']);
  });

  it('batched writes fail together, and are not tried again, without a database', async () => {
    let statements = 0;
    const outcomes = await settle(async () => {
      statements += 1;
      throw new StoreUnavailable('The database is not available.');
    }, ['one', 'two']);
    expect(outcomes).toEqual(['rejected', 'rejected']);
    expect(statements).toBe(1);
  });
});
