/** A value that is loaded when it is first wanted, shared by everyone, and kept for a short time. */
export class Expiring<T> {
  readonly #keepMs: number;
  #value: Promise<T> | undefined;
  #until = 0;

  /** @param keepMs how long a loaded value serves, in milliseconds */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  /** The kept value, or the one on its way; undefined where nobody has asked for one of late. */
  get kept(): Promise<T> | undefined {
    return Date.now() < this.#until ? this.#value : undefined;
  }

  /** The kept value, or what `load` brings. A failure is handed to all who wait and is not kept. */
  get(load: () => Promise<T>): Promise<T> {
    if (this.kept !== undefined) return this.kept;
    const value = load();
    this.#value = value;
    this.#until = Number.POSITIVE_INFINITY;
    value.then(
      () => {
        if (this.#value === value) this.#until = Date.now() + this.#keepMs;
      },
      () => {
        this.drop(value);
      },
    );
    return value;
  }

  /** Forgets `value`, unless somebody has loaded another one since. */
  drop(value: Promise<T>): void {
    if (this.#value !== value) return;
    this.#value = undefined;
    this.#until = 0;
  }
}
