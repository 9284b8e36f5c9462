/** A value that is loaded when it is first wanted, shared by everyone, and kept for a short time. */
export class Expiring<T> {
  readonly #keepMs: number;
  #value: Promise<T> | undefined;
  #until = 0;

  /** @param keepMs how long a loaded value serves, in milliseconds */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  /** Whether a value is there, or on its way. */
  get warm(): boolean {
    return this.#value !== undefined && Date.now() < this.#until;
  }

  /** The kept value, or what `load` brings. A failure is handed to all who wait and is not kept. */
  get(load: () => Promise<T>): Promise<T> {
    if (this.#value !== undefined && Date.now() < this.#until) return this.#value;
    const value = load();
    this.#value = value;
    this.#until = Number.POSITIVE_INFINITY;
    value.then(
      () => {
        if (this.#value === value) this.#until = Date.now() + this.#keepMs;
      },
      () => {
        if (this.#value === value) this.drop();
      },
    );
    return value;
  }

  drop(): void {
    this.#value = undefined;
    this.#until = 0;
  }
}
