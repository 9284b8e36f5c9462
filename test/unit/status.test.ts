import { describe, expect, it } from 'vitest';
import { isBadRequest, isTooMuch, type Meaning, meaningOf } from '../../src/datasources/webex/status.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const every = Array.from({ length: 500 }, (_, index) => index + 100);

/** For each meaning, the statuses that have it for every method, as ranges. 404 and 410 are in a table of their own. */
const TABLE: Readonly<Record<Exclude<Meaning, 'absent'>, readonly (readonly [from: number, to: number])[]>> =
  {
    done: [[200, 299]],
    redirect: [
      [300, 303],
      [305, 399],
    ],
    refused: [
      [400, 403],
      [405, 407],
      [409, 409],
      [411, 422],
      [424, 424],
      [426, 428],
      [430, 498],
      [501, 501],
      [505, 505],
    ],
    throttled: [
      [423, 423],
      [425, 425],
      [429, 429],
    ],
    failed: [
      [500, 500],
      [503, 503],
      [506, 508],
      [510, 511],
    ],
    undecided: [
      [408, 408],
      [499, 499],
      [502, 502],
      [504, 504],
      [509, 509],
      [512, 599],
    ],
    malformed: [
      [100, 199],
      [304, 304],
    ],
  };

describe('the meaning of a status of Webex', () => {
  it.each(Object.entries(TABLE))('%s', (meaning, ranges) => {
    for (const [from, to] of ranges) {
      for (let status = from; status <= to; status += 1) {
        for (const method of METHODS) expect([method, status, meaningOf(method, status)]).toContain(meaning);
      }
    }
  });

  it.each([404, 410])('%i is absent, but a refusal for a POST, which names nothing', (status) => {
    expect(METHODS.filter((method) => meaningOf(method, status) === 'absent')).toEqual([
      'GET',
      'PUT',
      'PATCH',
      'DELETE',
    ]);
    expect(meaningOf('POST', status)).toBe('refused');
  });

  it('is defined for each status from 100 to 599 exactly once', () => {
    const listed = Object.values(TABLE).flatMap((ranges) =>
      ranges.flatMap(([from, to]) => every.filter((status) => status >= from && status <= to)),
    );
    expect([...listed, 404, 410].toSorted((one, other) => one - other)).toEqual(every);
  });

  it.each([0, -1, 99, 600, 999, Number.NaN])('%d, which is not a status, is malformed', (status) => {
    expect(meaningOf('GET', status)).toBe('malformed');
  });

  it('a smaller page may help after 504 and 524 only', () => {
    expect(every.filter(isTooMuch)).toEqual([504, 524]);
  });

  it('only a 400 finds the request itself wrong', () => {
    expect(every.filter(isBadRequest)).toEqual([400]);
  });
});
