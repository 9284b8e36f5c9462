import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../src/errors/request.ts';
import { momentsAfter, readRhythm } from '../../src/sync/schedules/moments.ts';

const shown = (cron: string, timeZone: string, after: string, count = 3) =>
  momentsAfter({ cron, timeZone }, new Date(after), count).map((moment) => moment.toISOString().slice(0, 16));

function problemsOf(cron: string, timeZone: string): string[] {
  try {
    readRhythm({ cron, timeZone }, new Date('2026-01-01T00:00:00Z'));
    return [];
  } catch (error) {
    if (error instanceof InvalidInput)
      return error.problems.map(({ field, message }) => `${field} ${message}`);
    throw error;
  }
}

describe('the moments of a schedule', () => {
  it('are local times of its time zone', () => {
    expect(shown('30 2 * * 1-5', 'Europe/Berlin', '2026-01-02T12:00:00Z')).toEqual([
      '2026-01-05T01:30',
      '2026-01-06T01:30',
      '2026-01-07T01:30',
    ]);
  });

  it('make up for a time that is skipped when clocks go forward', () => {
    expect(shown('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ]);
  });

  it('happen once when clocks go back', () => {
    expect(shown('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });

  it.each([
    ['*/15 8-18 1,15 * *', 'UTC', []],
    ['* * * * * *', 'UTC', [expect.stringMatching(/^input.cron must have five fields/)]],
    ['@daily', 'UTC', [expect.stringMatching(/^input.cron must have five fields/)]],
    ['99 0 * * *', 'UTC', [expect.stringMatching(/^input.cron is not valid/)]],
    ['0 0 31 2 *', 'UTC', ['input.cron never happens: there is no such date.']],
    ['* * * * *', 'Europe/Atlantis', [expect.stringMatching(/^input.timeZone must be a time zone/)]],
    ['* * * * *', '+02:00', [expect.stringMatching(/^input.timeZone must be a time zone/)]],
    ['x', 'y', [expect.stringMatching(/^input.timeZone/), expect.stringMatching(/^input.cron/)]],
    ['* '.repeat(10_000), 'a'.repeat(10_000), [expect.anything(), expect.anything()]],
  ])('are checked: %.30s in %.30s', (cron, timeZone, problems) => {
    expect(problemsOf(cron, timeZone)).toEqual(problems);
  });
});
