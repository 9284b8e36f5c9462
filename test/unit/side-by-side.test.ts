import { describe, expect, it } from 'vitest';
import { sideBySide } from '../../src/datasources/webex/side-by-side.ts';
import { type FetchSlice, slicesOf } from '../../src/datasources/webex/slices.ts';

/** A list of so many records by index, of which `sends` says how many come for a request. */
function list(total: number, sends: (from: number, max: number) => number) {
  const asked: string[] = [];
  const fetch: FetchSlice<number> = async (from, max) => {
    const start = Number(from ?? 1);
    asked.push(`${start}+${max}`);
    const count = Math.min(sends(start, max), max, total - start + 1);
    const records = Array.from({ length: count }, (_, index) => start + index);
    const next = start + count > total ? undefined : String(start + count);
    return { records, next, total, call: { method: 'GET', path: '/list' } };
  };
  return { asked, fetch };
}

async function readAll(fetch: FetchSlice<number>): Promise<number[]> {
  const records: number[] = [];
  for await (const slice of slicesOf(fetch, undefined, 100)) records.push(...slice.records);
  return records;
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('reading a list by index side by side', () => {
  it('asks for each slice once', async () => {
    const { asked, fetch } = list(1_000, (_from, max) => max);
    expect(await readAll(sideBySide(fetch, 1_000))).toEqual(numbers(1_000));
    expect(asked).toHaveLength(10);
  });

  it('asks for no more than is wanted', async () => {
    const { asked, fetch } = list(1_000, (_from, max) => max);
    const some = sideBySide(fetch, 250);
    expect((await some(undefined, 100)).records).toHaveLength(100);
    expect(asked).toEqual(['1+100', '101+100', '201+50']);
  });

  it('reads what is missing of a slice that came short, and nothing else again', async () => {
    const { asked, fetch } = list(1_000, (from, max) => (from === 301 && max === 100 ? 40 : max));
    expect(await readAll(sideBySide(fetch, 1_000))).toEqual(numbers(1_000));
    expect(asked.filter((each) => !each.endsWith('+100'))).toEqual(['341+60']);
    expect(asked).toHaveLength(11);
  });

  it('goes on where the length of the list is absurd', async () => {
    const { asked, fetch } = list(30_000, (_from, max) => max);
    expect(await readAll(sideBySide(fetch, Number.POSITIVE_INFINITY))).toHaveLength(30_000);
    expect(asked).toHaveLength(300);
  });
});
