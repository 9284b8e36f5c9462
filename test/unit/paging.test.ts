import { describe, expect, it } from 'vitest';
import { type Page, type PageRequest, takePage } from '../../src/datasources/rest/paging.ts';
import type { FetchSlice } from '../../src/datasources/rest/slices.ts';

const call = { method: 'GET', path: '/people' };
const LIST = ['connector', 'people', {}];
const KEY = 'a secret of the gateway';

interface Item {
  readonly id: string;
}

/** An upstream list of numbered items, whose pages begin at `from` and hold `cap` at most. */
function upstream(ids: readonly string[], cap = 1_000) {
  const asked: number[] = [];
  const fetchSlice: FetchSlice<Item> = async (from, max) => {
    asked.push(max);
    const start = Number(from ?? 0);
    const end = start + Math.min(max, cap);
    const records = ids.slice(start, end).map((id) => ({ id }));
    return { records, next: end < ids.length ? String(end) : undefined, call };
  };
  return { asked, fetchSlice };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);
const idsOf = (page: { items: readonly { record: Item }[] }) => page.items.map(({ record }) => record.id);

async function readAll(fetchSlice: FetchSlice<Item>, request: PageRequest): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = null; ; ) {
    const page: Page<Item> = await takePage(LIST, { ...request, after }, fetchSlice, KEY);
    ids.push(...idsOf(page));
    if (!page.hasNextPage) return ids;
    after = page.last?.cursor ?? null;
  }
}

describe('taking a page of an upstream list', () => {
  it('a page costs one request if the upstream returns as many records as requested', async () => {
    const { asked, fetchSlice } = upstream(numbers(250));
    const page = await takePage(LIST, { first: 100 }, fetchSlice, KEY);
    expect(idsOf(page)).toEqual(numbers(100));
    expect(page.hasNextPage).toBe(true);
    expect(asked).toEqual([100]);
  });

  it('a page goes on if the upstream silently returns fewer records', async () => {
    const { asked, fetchSlice } = upstream(numbers(250), 40);
    const page = await takePage(LIST, { first: 100 }, fetchSlice, KEY);
    expect(idsOf(page)).toEqual(numbers(100));
    expect(asked).toEqual([100, 60, 20]);
  });

  it.each([1, 7, 40, 250, 1_000])('reads every entry once, %i at a time', async (first) => {
    const { fetchSlice } = upstream(numbers(250), 40);
    expect(await readAll(fetchSlice, { first })).toEqual(numbers(250));
  });

  it('reads on behind any entry of a page, not only the last', async () => {
    const { fetchSlice } = upstream(numbers(30), 10);
    const page = await takePage(LIST, { first: 20 }, fetchSlice, KEY);
    for (const { record, cursor } of page.items) {
      const rest = await takePage(LIST, { first: 100, after: cursor }, fetchSlice, KEY);
      expect(idsOf(rest)[0]).toBe(`n${Number(record.id.slice(1)) + 1}`);
      expect(idsOf(rest).at(-1)).toBe('n29');
    }
  });

  it('misses nothing when the entry it was to read on behind has been deleted', async () => {
    const before = upstream(numbers(10));
    const page = await takePage(LIST, { first: 10 }, before.fetchSlice, KEY);
    const after = upstream(numbers(10).filter((id) => id !== 'n4'));
    const rest = await takePage(LIST, { after: page.items[4]?.cursor ?? null }, after.fetchSlice, KEY);
    expect(idsOf(rest)).toEqual(['n5', 'n6', 'n7', 'n8', 'n9']);
  });

  it('survives an empty page that has a next one', async () => {
    const pages: Readonly<Record<string, readonly [string[], string | undefined]>> = {
      start: [['a'], 'empty'],
      empty: [[], 'end'],
      end: [['b'], undefined],
    };
    const fetchSlice: FetchSlice<Item> = async (from) => {
      const [ids, next] = pages[from ?? 'start'] ?? [[], undefined];
      return { records: ids.map((id) => ({ id })), next, call };
    };
    const page = await takePage(LIST, {}, fetchSlice, KEY);
    expect(idsOf(page)).toEqual(['a', 'b']);
  });

  it('gives an entry once that the upstream gives twice', async () => {
    const { fetchSlice } = upstream(['a', 'b', 'b', 'c'], 2);
    expect(idsOf(await takePage(LIST, {}, fetchSlice, KEY))).toEqual(['a', 'b', 'c']);
  });

  it('ends with an error when the next links go round in a circle', async () => {
    const circle: FetchSlice<Item> = async (from) => ({ records: [], next: from === 'x' ? 'y' : 'x', call });
    await expect(takePage(LIST, {}, circle, KEY)).rejects.toMatchObject({ code: 'UPSTREAM_INVALID' });
  });

  it('ends with an error when empty pages do not end', async () => {
    const asked: (string | undefined)[] = [];
    const desert: FetchSlice<Item> = async (from) => {
      asked.push(from);
      return { records: [], next: String(asked.length), call };
    };
    await expect(takePage(LIST, {}, desert, KEY)).rejects.toMatchObject({ code: 'UPSTREAM_INVALID' });
    expect(asked.length).toBeLessThan(20);
  });

  it('a cursor continues at the right record if the upstream returns fewer at once than before', async () => {
    const page = await takePage(LIST, { first: 12 }, upstream(numbers(30)).fetchSlice, KEY);
    for (const cap of [1, 5, 11, 12, 13]) {
      const rest = await takePage(
        LIST,
        { after: page.last?.cursor },
        upstream(numbers(30), cap).fetchSlice,
        KEY,
      );
      expect(idsOf(rest)).toEqual(numbers(30).slice(12));
    }
  });

  it.each([0, -1, 1_001, 100_000])('refuses first: %i', async (first) => {
    const { asked, fetchSlice } = upstream(numbers(5));
    await expect(takePage(LIST, { first }, fetchSlice, KEY)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: 'first',
    });
    expect(asked).toEqual([]);
  });

  it('refuses a cursor of another list, of another filter, and a text that is not a cursor', async () => {
    const { fetchSlice } = upstream(numbers(5));
    const page = await takePage(['connector', 'people', { email: 'a@b.c' }], { first: 2 }, fetchSlice, KEY);
    for (const after of [
      page.last?.cursor,
      'nonsense',
      '',
      'bnVsbA',
      Buffer.from('[1]').toString('base64url'),
    ]) {
      await expect(takePage(LIST, { after }, fetchSlice, KEY)).rejects.toMatchObject({
        code: 'INVALID_CURSOR',
      });
    }
  });

  it('refuses a cursor that was changed, or signed with another key', async () => {
    const { asked, fetchSlice } = upstream(numbers(5));
    const page = await takePage(LIST, { first: 2 }, fetchSlice, KEY);
    const cursor = page.last?.cursor ?? '';
    const text = Buffer.from(cursor, 'base64url').toString('latin1');
    const moved = Buffer.from(text.replace('"2"', '"3"'), 'latin1').toString('base64url');
    asked.length = 0;
    expect(moved).not.toBe(cursor);
    await expect(takePage(LIST, { after: moved }, fetchSlice, KEY)).rejects.toMatchObject({
      code: 'INVALID_CURSOR',
    });
    await expect(takePage(LIST, { after: cursor }, fetchSlice, 'another')).rejects.toMatchObject({
      code: 'INVALID_CURSOR',
    });
    expect(asked).toEqual([]);
  });
});
