import type { IncomingHttpHeaders } from 'node:http';
import type { Fault } from '../faults.ts';

/** One request as a route sees it. */
export interface Call {
  /** As faults and the recorder name it. */
  readonly route: string;
  readonly method: string;
  readonly path: string;
  /** The scheme and host that the client used, which next links repeat. */
  readonly origin: string;
  readonly query: URLSearchParams;
  readonly params: Readonly<Record<string, string>>;
  /** The body, parsed; undefined without a body. Throws a 400 or 415 Refusal when it is unreadable. */
  readonly json: () => Promise<unknown>;
  readonly form: () => Promise<URLSearchParams>;
  readonly headers: IncomingHttpHeaders;
  /** A fault that the route itself has to play, such as a write applied by half. */
  readonly fault: Fault | undefined;
}

/** What a route answers. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The text of the body; undefined for none. */
  readonly body?: string;
  /** The address of the next page. */
  readonly next?: string;
  /** Other Link relations. */
  readonly links?: readonly string[];
}

/** An answer in JSON; undefined members are left out. */
export function json(status: number, body: object, rest: Omit<Answer, 'status' | 'body'> = {}): Answer {
  return { ...rest, status, body: JSON.stringify(body) };
}

/** An answer without a body. */
export const NO_CONTENT: Answer = { status: 204 };
