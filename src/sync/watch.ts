import { GatewayError } from '../errors/gateway-error.ts';
import { StoreUnavailable } from '../errors/start.ts';
import type { Notices } from '../store/notices.ts';

/** Something in the database that changes, and of which notices tell. */
export interface Watched<State extends { readonly revision: number }> {
  /** Of notices whose payload has `id`. */
  readonly topic: string;
  readonly id: string;
  /** Reads the whole state. Null: it does not exist any more. Throws StoreUnavailable. */
  readonly read: () => Promise<State | null>;
  /** Whether nothing changes after this state. */
  readonly isLast: (state: State) => boolean;
}

/** How long after one read the next one may begin, in milliseconds. */
const PACE_MS = 500;
/** After how long the state is read without a notice, in milliseconds. Notices are not kept, so they may be missed. */
const PATIENCE_MS = 10_000;

/**
 * The state as it is now, then each state that differs from the one before, at most twice a second, until nothing changes
 * any more or it does not exist any more. States in between may be left out, the last one is not.
 * @param signal ends it: with a GatewayError as its reason by throwing that, else after the state at that moment
 * Throws StoreUnavailable if the first state cannot be read.
 */
export async function* watch<State extends { readonly revision: number }>(
  notices: Notices,
  { topic, id, read, isLast }: Watched<State>,
  signal: AbortSignal,
): AsyncGenerator<State, void, void> {
  const bell = new Bell(signal);
  const hear = (payload: unknown) => {
    if (isAbout(payload, id)) bell.ring();
  };
  const unsubscribe = notices.subscribe(topic, hear, { onGap: () => bell.ring() });
  let seen: number | undefined;
  try {
    for (;;) {
      const isEnding = signal.aborted;
      if (isEnding && signal.reason instanceof GatewayError) throw signal.reason;
      const state = await readAgain(read, seen === undefined);
      if (state === null) return;
      if (state !== undefined && (state.revision !== seen || isEnding)) {
        seen = state.revision;
        yield state;
      }
      if (isEnding || (state !== undefined && isLast(state))) return;
      await bell.rung();
    }
  } finally {
    unsubscribe();
    bell.close();
  }
}

/** Undefined: the database does not answer at the moment. */
async function readAgain<State>(read: () => Promise<State>, isFirst: boolean): Promise<State | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isFirst || !(error instanceof StoreUnavailable)) throw error;
    return undefined;
  }
}

function isAbout(payload: unknown, id: string): boolean {
  return typeof payload === 'object' && payload !== null && 'id' in payload && payload.id === id;
}

/** Wakes one who waits: when it is rung, but not too often, after a while without, and at once at the end. */
class Bell {
  readonly #signal: AbortSignal;
  #isRung = false;
  #wake: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When it may wake again. */
  #opensAt = 0;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#end);
  }

  ring(): void {
    this.#isRung = true;
    this.#schedule();
  }

  /** Resolves when there is reason to look again. */
  async rung(): Promise<void> {
    this.#opensAt = performance.now() + PACE_MS;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    this.#schedule();
    if (this.#signal.aborted) resolve();
    await promise;
    clearTimeout(this.#timer);
    this.#isRung = false;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#end);
  }

  readonly #end = () => this.#wake();

  #schedule(): void {
    clearTimeout(this.#timer);
    const wait = this.#isRung ? Math.max(0, this.#opensAt - performance.now()) : PATIENCE_MS;
    this.#timer = setTimeout(() => this.#wake(), wait);
  }
}
