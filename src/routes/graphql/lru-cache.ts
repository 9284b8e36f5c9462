/** What an entry takes beside its key and value, in characters: about what the engine needs for it. */
const ENTRY = 200;

/** Keeps what was used last, up to a total size. What was used longest ago is dropped first. */
export class LruCache<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly size: number }>();
  readonly #most: number;
  #size = 0;

  /** @param most the size of everything that is kept, keys and overhead included */
  constructor(most: number) {
    this.#most = most;
  }

  /** What is kept under the key; undefined if nothing is. */
  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /**
   * Keeps a value. An entry larger than a tenth of everything is not kept, so that one does not drive out all.
   * @param valueSize of the value alone; the key and the overhead of the entry are added here
   */
  set(key: string, value: Value, valueSize: number): void {
    const size = valueSize + key.length + ENTRY;
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
