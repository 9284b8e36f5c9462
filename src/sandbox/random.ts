/** Numbers that are the same every time for one seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to but not including 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** True in so many of all cases, 0 to 1. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** One of a list; throws RangeError when there is nothing to pick. */
  pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.next() * from.length)];
    if (picked === undefined) throw new RangeError('There is nothing to pick from.');
    return picked;
  }

  /** So many different ones of a list, or all when there are fewer, in the list's order. */
  sample<T>(from: readonly T[], size: number): T[] {
    if (size >= from.length) return [...from];
    const chosen = new Set<number>();
    while (chosen.size < size) chosen.add(Math.floor(this.next() * from.length));
    return [...chosen].sort((one, other) => one - other).flatMap((index) => from[index] ?? []);
  }

  /** A version 4 UUID. */
  uuid(): string {
    const hex = () =>
      Math.floor(this.next() * 4_294_967_296)
        .toString(16)
        .padStart(8, '0');
    const text = hex() + hex() + hex() + hex();
    const variant = '89ab'[Number.parseInt(text.charAt(16), 16) % 4] ?? '8';
    return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-${variant}${text.slice(17, 20)}-${text.slice(20)}`;
  }
}
