import { givenUp } from '../../errors.ts';
import { laneOf, Urgency } from '../http/urgency.ts';
import type { CallContext, WebexAnswer } from './call.ts';

interface SharedRead {
  readonly answer: Promise<WebexAnswer>;
  readonly abort: AbortController;
  readonly urgency: Urgency;
  readers: number;
}

/**
 * The reads of one connection that are under way. Whoever asks for the same at the same moment, in whatever
 * GraphQL request, waits for the same answer; it is given up when the last of them has gone. A background
 * read goes before others as soon as somebody at a screen waits for it.
 */
export class SharedReads {
  readonly #underWay = new Map<string, SharedRead>();

  /**
   * The answer to a GET of `url`.
   * @param send asks Webex; called for the first reader only
   * Throws what `send` throws, and what the reader's own signal is aborted with.
   */
  async get(
    url: URL,
    context: CallContext,
    send: (context: CallContext) => Promise<WebexAnswer>,
  ): Promise<WebexAnswer> {
    const name = `${context.repeat ?? ''} ${url.href}`;
    const known = this.#underWay.get(name);
    if (known === undefined) return this.#wait(name, this.#begin(name, context, send), context.signal);
    if (laneOf(context.lane) === 'interactive') known.urgency.raise();
    const began = performance.now();
    const answer = await this.#wait(name, known, context.signal);
    if (context.meter !== undefined) {
      const { method, status, trackingId } = answer.call;
      context.meter.shared += 1;
      context.meter.calls?.push({
        method,
        url,
        status,
        trackingId,
        durationMs: performance.now() - began,
        shared: true,
      });
    }
    return answer;
  }

  /** Something is about to be changed, or was: what is under way may tell how it was before. */
  forget(): void {
    this.#underWay.clear();
  }

  #begin(
    name: string,
    context: CallContext,
    send: (context: CallContext) => Promise<WebexAnswer>,
  ): SharedRead {
    const abort = new AbortController();
    const urgency = new Urgency(laneOf(context.lane));
    const answer = send({ ...context, signal: abort.signal, lane: urgency });
    const read = { answer, abort, urgency, readers: 0 };
    this.#underWay.set(name, read);
    const end = () => this.#leave(name, read);
    read.answer.then(end, end);
    return read;
  }

  async #wait(name: string, read: SharedRead, signal: AbortSignal | undefined): Promise<WebexAnswer> {
    if (signal === undefined) {
      // Somebody whom nothing stops.
      read.readers = Number.POSITIVE_INFINITY;
      return read.answer;
    }
    read.readers += 1;
    const { promise: gone, reject } = Promise.withResolvers<never>();
    const giveUp = () => {
      read.readers -= 1;
      if (read.readers === 0) {
        // Nobody may join what is given up.
        this.#leave(name, read);
        read.abort.abort(signal.reason);
      }
      reject(givenUp(signal));
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await Promise.race([read.answer, gone]);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  #leave(name: string, read: SharedRead): void {
    if (this.#underWay.get(name) === read) this.#underWay.delete(name);
  }
}
