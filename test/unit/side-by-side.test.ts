import { describe, expect, it } from 'vitest';
import { sideBySide } from '../../src/datasources/rest/side-by-side.ts';
import { type FetchSlice, slicesOf } from '../../src/datasources/rest/slices.ts';

interface Item {
  readonly id: string;
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}`);

/**
 * A list by index, of which `sends` says how many records come for a request.
 * @param answering is called before each answer, and may change the list
 */
function list(
  ids: string[],
  sends: (from: number, max: number) => number = (_from, max) => max,
  answering: (request: number) => void = () => undefined,
) {
  const asked: string[] = [];
  const fetch: FetchSlice<Item> = async (from, max) => {
    const start = Number(from ?? 1);
    asked.push(`${start}+${max}`);
    answering(asked.length);
    const records = ids.slice(start - 1, start - 1 + Math.min(sends(start, max), max)).map((id) => ({ id }));
    const end = start + records.length;
    const next = end > ids.length ? undefined : String(end);
    return { records, next, start, total: ids.length, call: { method: 'GET', path: '/list' } };
  };
  return { asked, fetch };
}

async function readAll(fetch: FetchSlice<Item>): Promise<string[]> {
  const ids = new Set<string>();
  for await (const slice of slicesOf(fetch, undefined, 100)) for (const { id } of slice.records) ids.add(id);
  return [...ids];
}

describe('reading a list by index side by side', () => {
  it('asks for each slice once, each beginning with the last record of the one before', async () => {
    const { asked, fetch } = list(numbers(991));
    expect(await readAll(sideBySide(fetch, 1_000))).toEqual(numbers(991));
    expect(asked).toHaveLength(10);
    expect(asked.slice(0, 3)).toEqual(['1+100', '100+100', '199+100']);
  });

  it('asks for no more than is wanted', async () => {
    const { asked, fetch } = list(numbers(1_000));
    const some = sideBySide(fetch, 250);
    expect((await some(undefined, 100)).records).toHaveLength(100);
    expect(asked).toEqual(['1+100', '100+100', '199+52']);
  });

  it('reads what is missing of a slice that came short, and nothing else again', async () => {
    const { asked, fetch } = list(numbers(1_000), (from, max) => (from === 298 && max === 100 ? 40 : max));
    expect(await readAll(sideBySide(fetch, 1_000))).toEqual(numbers(1_000));
    expect(asked.filter((each) => !each.endsWith('+100'))).toEqual(['991+10', '337+61']);
    expect(asked).toHaveLength(12);
  });

  it('a parallel list goes on if the length of the list is absurd', async () => {
    const { asked, fetch } = list(numbers(30_000));
    expect(await readAll(sideBySide(fetch, Number.POSITIVE_INFINITY))).toHaveLength(30_000);
    expect(asked).toHaveLength(Math.ceil(29_999 / 99));
  });

  it('a parallel list is read to its end if one record comes at a time', async () => {
    const { fetch } = list(numbers(30), () => 1);
    expect(await readAll(sideBySide(fetch, 1_000))).toEqual(numbers(30));
  });
});

describe('reading a list by index that changes meanwhile', () => {
  it.each([
    ['one record', 1],
    ['several', 70],
    ['all that was read', 100],
  ])('passes over nothing when %s before the next slice is deleted, for one request more', async (_what, deleted) => {
    const ids = numbers(500);
    const { asked, fetch } = list(ids, undefined, (request) => {
      if (request === 4) ids.splice(0, deleted);
    });
    expect(await readAll(sideBySide(fetch, 1_000))).toEqual(numbers(500));
    // Five and a last short one; then back by one, two, four, and so on, until there is one that is known.
    expect(asked.length).toBeLessThanOrEqual(6 + 1 + Math.ceil(Math.log2(deleted + 1)) + 3);
  });

  it('passes over nothing when one is made before the slices that were read last', async () => {
    const ids = numbers(500);
    const { fetch } = list(ids, undefined, (request) => {
      if (request === 3) ids.unshift('new');
    });
    expect((await readAll(sideBySide(fetch, 1_000))).filter((id) => id !== 'new')).toEqual(numbers(500));
  });

  it('passes over nothing when the list becomes shorter than where the next slice begins', async () => {
    const ids = numbers(150);
    const { fetch } = list(ids, undefined, (request) => {
      if (request === 2) ids.splice(0, 100);
    });
    expect(await readAll(sideBySide(fetch, 1_000))).toEqual(numbers(150));
  });

  it('a parallel list ends with an error if it changes faster than it can be read', async () => {
    const { asked, fetch } = list(numbers(5_000));
    let made = 0;
    const other: FetchSlice<Item> = async (from, max) => {
      const slice = await fetch(from, max);
      made += 1;
      return { ...slice, records: slice.records.map(({ id }) => ({ id: `${id} of ${made}` })) };
    };
    await expect(readAll(sideBySide(other, 100))).rejects.toMatchObject({ code: 'UPSTREAM_INVALID' });
    expect(asked.length).toBeLessThan(2_000);
  });
});
