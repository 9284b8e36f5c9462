import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** The tracking id of a request: the client's own if it sent one, otherwise a new one. */
export class Tracking {
  readonly #given: string | undefined;
  readonly #made: string;

  constructor({ trackingid: given }: IncomingHttpHeaders) {
    this.#given = typeof given === 'string' ? given : undefined;
    this.#made = randomUUID();
  }

  /** The id for an answer. The router in front, which refuses tokens, has ids of its own kind. */
  id(status: number): string {
    return this.#given ?? `${status === 401 ? 'ROUTER' : 'NA'}_${this.#made}`;
  }

  /** The same as the `Trackingid` header has it; Webex has been seen to echo a client's id twice. */
  header(status: number, isDoubled: boolean): string {
    const id = this.id(status);
    return isDoubled && this.#given !== undefined ? `${id},${id}` : id;
  }
}
