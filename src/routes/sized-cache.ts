/** What was used last, up to a size in all; what was used longest ago goes first. */
export class SizedCache<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly size: number }>();
  readonly #most: number;
  #size = 0;

  /** @param most the size of all that is kept */
  constructor(most: number) {
    this.#most = most;
  }

  /** What is kept under the key; undefined where nothing is. */
  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Keeps a value. What is larger than a tenth of everything is not kept, so that one does not drive out all. */
  set(key: string, value: Value, size: number): void {
    if (size > this.#most / 10) return;
    this.#size += size - (this.#entries.get(key)?.size ?? 0);
    this.#entries.delete(key);
    this.#entries.set(key, { value, size });
    for (const [oldest, entry] of this.#entries) {
      if (this.#size <= this.#most) return;
      this.#entries.delete(oldest);
      this.#size -= entry.size;
    }
  }
}
