import { beginCall } from '../http/meter.ts';
import type { CallContext, RestAnswer } from './call-context.ts';
import { SharedWork } from './shared-work.ts';

/**
 * The reads of one connection that are under way. Identical reads at the same moment wait for the same answer, across
 * GraphQL requests.
 */
export class SharedReads {
  readonly #underWay = new Map<string, SharedWork<RestAnswer>>();

  /**
   * The answer to a GET of `url`.
   * @param send sends the request; called for the first reader only
   * Throws what `send` throws, and what the reader's own signal is aborted with.
   */
  async get(
    url: URL,
    context: CallContext,
    send: (context: CallContext) => Promise<RestAnswer>,
  ): Promise<RestAnswer> {
    const name = `${context.retry ?? ''} ${url.href}`;
    const known = this.#underWay.get(name);
    if (known === undefined) return this.#begin(name, context, send).wait(context);
    const { meter } = context;
    const ended = beginCall(meter, { method: 'GET', url }, true);
    try {
      const answer = await known.wait(context);
      if (meter !== undefined) meter.shared += 1;
      ended(answer.call.status, answer.call.trackingId);
      return answer;
    } catch (error) {
      ended();
      throw error;
    }
  }

  /** Something is about to be changed, or was: what is under way may tell how it was before. */
  forget(): void {
    this.#underWay.clear();
  }

  #begin(
    name: string,
    context: CallContext,
    send: (context: CallContext) => Promise<RestAnswer>,
  ): SharedWork<RestAnswer> {
    const read: SharedWork<RestAnswer> = new SharedWork(context, send, () => {
      if (this.#underWay.get(name) === read) this.#underWay.delete(name);
    });
    this.#underWay.set(name, read);
    return read;
  }
}
