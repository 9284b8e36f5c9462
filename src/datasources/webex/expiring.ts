import { laneOf, Urgency } from '../http/urgency.ts';
import type { CallContext } from './call.ts';

/** A value that is loaded when it is first wanted, shared by everyone, and kept for a short time. */
export class Expiring<T> {
  readonly #keepMs: number;
  #value: Promise<T> | undefined;
  #until = 0;
  #loaded: T | undefined;
  #urgency = new Urgency('interactive');

  /** @param keepMs how long a loaded value serves, in milliseconds; 0 serves those who wait for it only */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  /** The kept value, or the one on its way; undefined where nobody has asked for one of late. */
  get kept(): Promise<T> | undefined {
    return performance.now() < this.#until ? this.#value : undefined;
  }

  /** The kept value where it is there already, so that nobody has to wait for it. */
  get loaded(): T | undefined {
    return this.kept === undefined ? undefined : this.#loaded;
  }

  /**
   * The kept value, or what `load` brings. A failure is handed to all who wait and is not kept.
   * @param caller in whose lane it is loaded; somebody at a screen who joins takes it into theirs
   */
  get(load: (urgency: Urgency) => Promise<T>, caller: CallContext): Promise<T> {
    const lane = laneOf(caller.lane);
    if (this.kept !== undefined) {
      if (lane === 'interactive') this.#urgency.raise();
      if (caller.meter !== undefined) caller.meter[this.loaded === undefined ? 'shared' : 'cacheHits'] += 1;
      return this.kept;
    }
    this.#urgency = new Urgency(lane);
    const value = load(this.#urgency);
    this.#value = value;
    this.#until = Number.POSITIVE_INFINITY;
    this.#loaded = undefined;
    value.then(
      (loaded) => {
        if (this.#value !== value) return;
        this.#until = performance.now() + this.#keepMs;
        this.#loaded = loaded;
      },
      () => {
        if (this.#value === value) this.drop();
      },
    );
    return value;
  }

  /** Forgets whatever there is. */
  drop(): void {
    this.#value = undefined;
    this.#loaded = undefined;
    this.#until = 0;
  }
}
