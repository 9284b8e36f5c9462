import { describe, expect, it } from 'vitest';
import { takePage } from '../../src/datasources/rest/paging.ts';
import { sideBySide } from '../../src/datasources/rest/side-by-side.ts';
import { type FetchSlice, slicesOf } from '../../src/datasources/rest/slices.ts';
import { Random } from '../../src/sandbox/random.ts';

// Lists that lose records while they are read: whatever was there all the time is shown, and shown once.

const KEY = 'a secret of the gateway';
const call = { method: 'GET', path: '/list' };
/** So many of the records given last are all remembered: any less may be deleted without one being shown twice. */
const REMEMBERED = 8;

interface Item {
  readonly id: string;
}

/** A list that can be changed, read by index, or from a record on as with opaque links. */
class ChangingList {
  readonly ids: string[];
  /** Called before each answer. */
  answering: () => void = () => undefined;
  readonly #cap: number;

  constructor(length: number, cap: number) {
    this.ids = Array.from({ length }, (_, index) => `n${index}`);
    this.#cap = cap;
  }

  readonly byIndex: FetchSlice<Item> = async (from, max) => {
    this.answering();
    const start = Number(from ?? 1);
    const records = this.ids.slice(start - 1, start - 1 + Math.min(max, this.#cap)).map((id) => ({ id }));
    const end = start + records.length;
    const next = end > this.ids.length ? undefined : String(end);
    return { records, next, start, total: this.ids.length, call };
  };

  /** A link names the last record before the slice, and is good when that is deleted, too. */
  readonly byLink: FetchSlice<Item> = async (from, max) => {
    this.answering();
    const behind = this.ids.filter((id) => Number(id.slice(1)) > Number(from ?? -1));
    const records = behind.slice(0, Math.min(max, this.#cap)).map((id) => ({ id }));
    const last = records.at(-1)?.id.slice(1);
    return { records, next: records.length < behind.length ? last : undefined, call };
  };

  delete(at: number, count: number): void {
    this.ids.splice(Math.max(0, at), count);
  }
}

/** Deletes at random: before, at, or behind the record that was given last, one or several at once. */
function deleteSome(list: ChangingList, random: Random, lastGiven: string | undefined, most: number): void {
  if (random.chance(0.3)) return;
  const count = random.between(1, most);
  const boundary = list.ids.indexOf(lastGiven ?? '') + 1;
  const places = [random.between(0, Math.max(0, boundary)), boundary - count, boundary - 1, boundary];
  list.delete(places[random.between(0, places.length - 1)] ?? 0, count);
}

async function readInPages(
  list: ChangingList,
  fetch: FetchSlice<Item>,
  random: Random,
  { smallest, most }: { smallest: number; most: number },
): Promise<string[]> {
  const shown: string[] = [];
  for (let after: string | undefined; ; ) {
    const first = random.between(smallest, 20);
    const read = fetch === list.byIndex ? sideBySide(fetch, first + 1) : fetch;
    const page = await takePage(['list'], { first, after }, read, KEY);
    // Sometimes a client reads on from the middle of a page.
    const until = random.chance(0.2) ? random.between(smallest, 20) : first;
    const items = page.items.slice(0, until);
    shown.push(...items.map(({ record }) => record.id));
    if (!page.hasNextPage && items.length === page.items.length) return shown;
    after = items.at(-1)?.cursor ?? after;
    deleteSome(list, random, shown.at(-1), most);
  }
}

const SEEDS = Array.from({ length: 100 }, (_, seed) => seed + 1);

describe('a list that loses records between pages', () => {
  it.each(['byIndex', 'byLink'] as const)('shows every other record exactly once (%s)', async (how) => {
    for (const seed of SEEDS) {
      const random = new Random(seed);
      const list = new ChangingList(random.between(0, 120), random.between(2, 40));
      const shown = await readInPages(list, list[how], random, {
        smallest: REMEMBERED,
        most: REMEMBERED - 1,
      });
      const times = list.ids.map((id) => shown.filter((each) => each === id).length);
      expect({ seed, times }).toEqual({ seed, times: list.ids.map(() => 1) });
    }
  });

  it.each(['byIndex', 'byLink'] as const)('passes over none when many go at once (%s)', async (how) => {
    for (const seed of SEEDS) {
      const random = new Random(seed);
      const list = new ChangingList(random.between(0, 300), random.between(2, 40));
      // Also while a page is put together of several requests.
      list.answering = () => {
        if (random.chance(0.1)) list.delete(random.between(0, list.ids.length), random.between(1, 3));
      };
      const shown = await readInPages(list, list[how], random, { smallest: 1, most: 60 });
      expect({ seed, lost: list.ids.filter((id) => !shown.includes(id)) }).toEqual({ seed, lost: [] });
    }
  });
});

describe('a list by index that loses records between the requests of one reading', () => {
  it('shows every other record', async () => {
    for (const seed of SEEDS) {
      const random = new Random(seed);
      const list = new ChangingList(random.between(0, 200), random.between(2, 40));
      let changes = 0;
      list.answering = () => {
        if (changes === 15 || random.chance(0.6)) return;
        changes += 1;
        list.delete(random.between(0, list.ids.length), random.between(1, 10));
      };
      const ids = new Set<string>();
      const read = sideBySide(list.byIndex, Number.POSITIVE_INFINITY);
      for await (const { records } of slicesOf(read, undefined, random.between(2, 40))) {
        for (const { id } of records) ids.add(id);
      }
      expect({ seed, lost: list.ids.filter((id) => !ids.has(id)) }).toEqual({ seed, lost: [] });
    }
  });
});

describe('a place in a list by index', () => {
  const read = (list: ChangingList, first: number, after?: string) =>
    takePage(['list'], { first, after }, sideBySide(list.byIndex, first + 1), KEY);
  const idsOf = (page: { items: readonly { record: Item }[] }) => page.items.map(({ record }) => record.id);

  it('is found again when records were made before it', async () => {
    const list = new ChangingList(40, 100);
    const { last } = await read(list, 10);
    list.ids.unshift('new1', 'new2', 'new3');
    expect(idsOf(await read(list, 5, last?.cursor))).toEqual(['n10', 'n11', 'n12', 'n13', 'n14']);
  });

  it.each([
    ['to the end', 40],
    ['to the beginning', 0],
  ])('is found again when the record before it was moved %s', async (_where, to) => {
    const list = new ChangingList(40, 100);
    const { last } = await read(list, 10);
    const moved = list.ids.splice(9, 1);
    list.ids.splice(to, 0, ...moved);
    const rest = idsOf(await read(list, 100, last?.cursor));
    expect(rest).toEqual(list.ids.filter((id) => Number(id.slice(1)) > 9));
  });

  it('costs one request, for one record more than is wanted, while nothing changes', async () => {
    const list = new ChangingList(400, 1_000);
    const { last } = await read(list, 100);
    let asked = 0;
    list.answering = () => {
      asked += 1;
    };
    await read(list, 100, last?.cursor);
    expect(asked).toBe(1);
  });
});
