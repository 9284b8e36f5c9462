/** A set that can also be read by position; the list is made when first asked for after a change. */
export class OrderedSet<T> {
  readonly #members: Set<T>;
  readonly #order: ((one: T, other: T) => number) | undefined;
  #list: readonly T[] | undefined;

  /** @param order how the list is sorted; without it, as members were added */
  constructor(members: Iterable<T> = [], order?: (one: T, other: T) => number) {
    this.#members = new Set(members);
    this.#order = order;
  }

  get size(): number {
    return this.#members.size;
  }

  has(member: T): boolean {
    return this.#members.has(member);
  }

  /** @returns whether it was absent before */
  add(member: T): boolean {
    if (this.#members.has(member)) return false;
    this.#members.add(member);
    this.#list = undefined;
    return true;
  }

  /** @returns whether it was present before */
  delete(member: T): boolean {
    if (!this.#members.delete(member)) return false;
    this.#list = undefined;
    return true;
  }

  get list(): readonly T[] {
    if (this.#list === undefined) {
      const list = [...this.#members];
      this.#list = this.#order === undefined ? list : list.sort(this.#order);
    }
    return this.#list;
  }
}
