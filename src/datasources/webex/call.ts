import type { UpstreamCall } from '../../errors.ts';
import type { Repeat } from '../http/exchange.ts';
import type { Lane, Meter } from '../http/meter.ts';
import type { Urgency } from '../http/urgency.ts';
import type { WireObject } from './wire.ts';

/** For whom a call is made: when they are gone it is given up, and what it costs is put down to them. */
export interface CallContext {
  readonly signal?: AbortSignal | undefined;
  readonly meter?: Meter | undefined;
  /** Interactive unless told. */
  readonly lane?: Lane | Urgency | undefined;
  /** When a call is not repeated, though that would be safe; it is unless told. */
  readonly repeat?: Repeat | undefined;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface WebexAnswer {
  readonly body: WireObject;
  /** The query string of the next page's address, without `?`; undefined on the last page. */
  readonly next: string | undefined;
  readonly call: UpstreamCall;
  /** When Webex answered, by its own clock, to the second; undefined where it did not say. */
  readonly at: Date | undefined;
}

export type WriteMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface WriteAnswer {
  /** Undefined where Webex sent none. */
  readonly body: WireObject | undefined;
  readonly call: UpstreamCall;
}
