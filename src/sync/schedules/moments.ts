import { Cron } from 'croner';
import { InvalidInput } from '../../errors/request.ts';

const LONGEST_CRON = 100;
const LONGEST_ZONE = 64;

/** When something is to happen again and again. */
export interface Rhythm {
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** As in the time zone database of IANA. */
  readonly timeZone: string;
}

/**
 * Checks a rhythm.
 * @param after a moment from which on it has to happen
 * Throws InvalidInput with every field that is wrong.
 */
export function readRhythm({ cron, timeZone }: Rhythm, after: Date): Rhythm {
  const problems: { field: string; message: string }[] = [];
  const add = (field: string, message: string) => problems.push({ field, message });
  const zone = zoneOf(timeZone);
  if (zone === undefined) add('input.timeZone', 'must be a time zone, such as Europe/Berlin or UTC.');
  const fields = cron.length > LONGEST_CRON ? [] : cron.trim().split(/\s+/);
  if (fields.length !== 5)
    add(
      'input.cron',
      'must have five fields: minute, hour, day of month, month, day of week. Example: 30 2 * * 1-5.',
    );
  const rhythm = { cron: fields.join(' '), timeZone: zone ?? 'UTC' };
  if (fields.length === 5) {
    const problem = cronProblem(rhythm, after);
    if (problem !== undefined) add('input.cron', problem);
  }
  const [first, ...others] = problems;
  if (first !== undefined) throw new InvalidInput(first.field, first.message, others);
  return rhythm;
}

/** The next moments after one. In a time zone that changes its clocks, a skipped time is made up for, and a repeated one happens once. */
export function momentsAfter(rhythm: Rhythm, after: Date, count: number): Date[] {
  return cronOf(rhythm).nextRuns(count, after);
}

function cronOf({ cron, timeZone }: Rhythm): Cron {
  return new Cron(cron, { timezone: timeZone, mode: '5-part', paused: true });
}

function cronProblem(rhythm: Rhythm, after: Date): string | undefined {
  try {
    const isEver = momentsAfter(rhythm, after, 1).length > 0;
    return isEver ? undefined : 'never happens: there is no such date.';
  } catch {
    return 'is not valid. Fields are numbers, ranges (1-5), lists (1,15) and steps (*/10). Example: 30 2 * * 1-5.';
  }
}

/** The name of a time zone as it is written; undefined if it is unknown. Offsets such as +02:00 are not time zones. */
function zoneOf(timeZone: string): string | undefined {
  if (timeZone.length > LONGEST_ZONE || !/^[A-Za-z]/.test(timeZone)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
