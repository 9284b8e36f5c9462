import type { CallContext } from './call-context.ts';
import { SharedWork } from './shared-work.ts';

/**
 * A value that is loaded on first use, shared by all, and kept for a short time. A load that no caller waits for any more
 * is aborted, and the next caller starts a new one.
 */
export class Expiring<T> {
  readonly #keepMs: number;
  readonly #mayJoin: (caller: CallContext) => void;
  #loading: SharedWork<T> | undefined;
  #loaded: T | undefined;
  #until = 0;
  #end: NodeJS.Timeout | undefined;

  /**
   * @param keepMs how long a loaded value serves, in milliseconds; 0 serves those who wait for it only
   * @param mayJoin throws if the caller would not wait as long as a load under way may have to
   */
  constructor(keepMs: number, mayJoin: (caller: CallContext) => void = () => undefined) {
    this.#keepMs = keepMs;
    this.#mayJoin = mayJoin;
  }

  /** The kept value; undefined while nothing was loaded yet. */
  get loaded(): T | undefined {
    return performance.now() < this.#until ? this.#loaded : undefined;
  }

  /** Whether there is a kept value, or one on its way. */
  get isOnHand(): boolean {
    return this.#loading !== undefined || this.loaded !== undefined;
  }

  /**
   * The kept value, or what `load` brings. A failure is handed to all who wait and is not kept.
   * @param caller for whom it is loaded: it goes on for as long as one of those who wait is there
   * Throws what `load` throws, and what the caller's own signal is aborted with.
   */
  get(load: (shared: CallContext) => Promise<T>, caller: CallContext): Promise<T> {
    return this.join(caller) ?? this.#begin(load, caller).wait(caller);
  }

  /** As `get`, if there is a value or one is being loaded; undefined if it would have to be loaded first. */
  join(caller: CallContext): Promise<T> | undefined {
    const { loaded } = this;
    const { meter } = caller;
    if (loaded !== undefined) {
      if (meter !== undefined) meter.cacheHits += 1;
      return Promise.resolve(loaded);
    }
    return this.#loading && this.#share(this.#loading, caller);
  }

  async #share(loading: SharedWork<T>, caller: CallContext): Promise<T> {
    this.#mayJoin(caller);
    if (caller.meter !== undefined) caller.meter.shared += 1;
    return loading.wait(caller);
  }

  /** Forgets whatever there is. Those who wait for what is on its way are given it all the same. */
  drop(): void {
    this.#loading = undefined;
    this.#letGo();
  }

  #keep(loaded: T): void {
    this.#letGo();
    if (this.#keepMs === 0) return;
    this.#loaded = loaded;
    this.#until = performance.now() + this.#keepMs;
    if (this.#keepMs === Number.POSITIVE_INFINITY) return;
    // It may hold a whole organization that is never asked for again.
    this.#end = setTimeout(() => this.#letGo(), this.#keepMs);
    this.#end.unref();
  }

  #letGo(): void {
    clearTimeout(this.#end);
    this.#loaded = undefined;
    this.#until = 0;
  }

  #begin(load: (shared: CallContext) => Promise<T>, caller: CallContext): SharedWork<T> {
    if (caller.meter !== undefined) caller.meter.catalogueLoads += 1;
    const keep = async (shared: CallContext) => {
      const loaded = await load(shared);
      if (this.#loading === work) {
        this.#keep(loaded);
      }
      return loaded;
    };
    const work: SharedWork<T> = new SharedWork(caller, keep, () => {
      if (this.#loading === work) this.#loading = undefined;
    });
    this.#loading = work;
    return work;
  }
}
