import type { Gatekeeper } from '../../access/gatekeeper.ts';
import type { Principal } from '../../access/principal.ts';
import { Unauthenticated } from '../../errors/access.ts';
import { Abandoned, givenUp } from '../../errors/upstream.ts';

/** How often the key or token of a client is checked again, in milliseconds. */
const CHECK_MS = 60_000;

/** What ends an event stream. */
export interface StreamEnds {
  /** Is aborted when the client goes away. */
  readonly client: AbortSignal;
  /** Is aborted when the process is about to stop. */
  readonly draining: AbortSignal;
  readonly gatekeeper: Gatekeeper;
  /** The header of the request. */
  readonly authorization: string | undefined;
}

/** A stream of events to a client, for as long as the client stays, its key or token is valid, and the process runs. */
export class EventStream implements Disposable {
  /** Is aborted at the end. Its reason is a GatewayError, except if the process stops: then it ends well. */
  readonly ending: AbortSignal;
  /** Resolves when the stream is closed. */
  readonly closed: Promise<void>;
  /** Who the client is, as last checked. */
  principal: Principal;
  readonly #over = new AbortController();
  readonly #ends: StreamEnds;
  readonly #timer: NodeJS.Timeout;
  readonly #close: () => void;

  constructor(principal: Principal, ends: StreamEnds) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.principal = principal;
    this.ending = this.#over.signal;
    this.closed = promise;
    this.#close = resolve;
    this.#ends = ends;
    this.#timer = setInterval(() => void this.#check(), CHECK_MS);
    this.#timer.unref();
    if (ends.client.aborted) this.#leave();
    if (ends.draining.aborted) this.#drain();
    ends.client.addEventListener('abort', this.#leave);
    ends.draining.addEventListener('abort', this.#drain);
  }

  /** Is aborted when the client goes away. */
  get client(): AbortSignal {
    return this.#ends.client;
  }

  /** Ends it because the client reads no more. */
  abandon(): void {
    this.#over.abort(new Abandoned());
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#ends.client.removeEventListener('abort', this.#leave);
    this.#ends.draining.removeEventListener('abort', this.#drain);
    this.#close();
  }

  readonly #leave = () => this.#over.abort(givenUp(this.#ends.client));

  readonly #drain = () => this.#over.abort();

  async #check(): Promise<void> {
    try {
      this.principal = await this.#ends.gatekeeper.identify(this.#ends.authorization);
    } catch (error) {
      // A database or an identity provider that does not answer says nothing about the client.
      if (error instanceof Unauthenticated) this.#over.abort(error);
    }
  }
}
