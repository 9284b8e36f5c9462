import type { Lane } from '../../datasources/http/meter.ts';
import { InvalidInput } from '../../errors/request.ts';
import type { CallerLimits } from './caller-limits.ts';

/** What one operation may take, and one caller. */
export interface OperationLimits extends CallerLimits {
  /** Seconds that it has, unless its request says otherwise. */
  readonly deadline: number;
  /** Seconds that a request may ask for. */
  readonly longestDeadline: number;
  /** How many requests to Webex a query may take, by the estimate made before it is run. */
  readonly cost: number;
  /** How many objects and scalars an answer may hold, by the same estimate. */
  readonly values: number;
  /** Bytes of memory that all requests under way may need. */
  readonly memory: number;
}

/** What a request asks for in its headers. */
export interface OperationHeaders {
  /** Seconds. */
  readonly deadline: number;
  readonly lane: Lane;
  /** Whether the answer is to list the requests to Webex. */
  readonly explain: boolean;
  /** By which changes are recognised when they are asked for again. */
  readonly idempotencyKey: string | undefined;
}

/**
 * Reads the headers that say how an operation is to be run.
 * Throws InvalidInput, whose field is the header.
 * @param header the value of a header of the request
 */
export function readOperationHeaders(
  header: (name: string) => string | undefined,
  limits: OperationLimits,
): OperationHeaders {
  return {
    deadline: readDeadline(header('Webex-Deadline')?.trim(), limits),
    lane: readLane(header('Webex-Lane')?.trim().toLowerCase() ?? 'interactive'),
    explain: readExplain(header('Webex-Explain')?.trim().toLowerCase() ?? 'false'),
    idempotencyKey: readIdempotencyKey(header('Idempotency-Key')?.trim()),
  };
}

function readDeadline(text: string | undefined, limits: OperationLimits): number {
  if (text === undefined) return limits.deadline;
  const seconds = Number(text);
  if (!/^(\d+(\.\d+)?|\.\d+)$/.test(text) || seconds <= 0 || seconds > limits.longestDeadline) {
    throw new InvalidInput(
      'Webex-Deadline',
      `must be a number of seconds above 0, up to ${limits.longestDeadline}, as in 2.5.`,
    );
  }
  return seconds;
}

function readLane(text: string): Lane {
  if (text === 'interactive' || text === 'background') return text;
  throw new InvalidInput('Webex-Lane', 'must be interactive or background.');
}

function readExplain(text: string): boolean {
  if (['true', '1'].includes(text)) return true;
  if (['false', '0'].includes(text)) return false;
  throw new InvalidInput('Webex-Explain', 'must be true or false.');
}

const LONGEST_KEY = 255;

function readIdempotencyKey(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^[\x21-\x7e]+$/.test(text) && text.length <= LONGEST_KEY) return text;
  throw new InvalidInput(
    'Idempotency-Key',
    `must be 1 to ${LONGEST_KEY} printable characters without spaces, as a UUID is.`,
  );
}
