import { GraphQLDateTimeISO } from 'graphql-scalars';
import { InvalidInput } from '../../errors/request.ts';

/** A text that was given as a DateTime and is not one. */
export class UnreadableMoment {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What a caller gave as a DateTime. It is checked where it is used, so that one item of a list cannot fail the others. */
export type Moment = Date | UnreadableMoment;

/** Years that every part of the gateway can write, the database included. */
const [FIRST_YEAR, LAST_YEAR] = [1, 9_999];

/** Reads ISO 8601 with a time zone. Days and times that do not exist are unreadable, and years before 1 or after 9999. */
export function parseMoment(given: unknown): Moment {
  try {
    const moment = GraphQLDateTimeISO.parseValue(given);
    const year = moment.getUTCFullYear();
    if (year >= FIRST_YEAR && year <= LAST_YEAR) return moment;
  } catch {
    // The caller says which field it is.
  }
  return new UnreadableMoment(String(given));
}

/**
 * The moment that a caller gave.
 * @param field where it stands in the caller's request
 * Throws InvalidInput.
 */
export function readMoment(field: string, given: Moment | null | undefined): Date | null | undefined {
  if (!(given instanceof UnreadableMoment)) return given;
  throw new InvalidInput(
    field,
    'must be a moment in ISO 8601 with a time zone, such as 2026-11-25T08:30:00.000Z.',
  );
}
