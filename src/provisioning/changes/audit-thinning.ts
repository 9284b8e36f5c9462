/** How many changes of a request are recorded one by one that were refused before anything was sent. */
const MOST_IN_FULL = 10;

interface Counted {
  readonly count: number;
  readonly tell: (count: number) => Promise<unknown>;
}

/** The changes of one request that were refused, so that a long list of them does not flood the audit trail. */
export class Refusals {
  #inFull = 0;
  readonly #counted = new Map<string, Counted>();

  /**
   * Whether the next one is to be recorded by itself; if not, it is counted.
   * @param reason by which they are counted
   * @param tell records how many there were
   */
  isInFull(reason: string, tell: Counted['tell']): boolean {
    this.#inFull += 1;
    if (this.#inFull <= MOST_IN_FULL) return true;
    this.#counted.set(reason, { tell, count: (this.#counted.get(reason)?.count ?? 0) + 1 });
    return false;
  }

  /** Records how many were counted. */
  async tellCounted(): Promise<void> {
    await Promise.all([...this.#counted.values()].map(({ tell, count }) => tell(count)));
  }
}
