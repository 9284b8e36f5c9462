import type { Lane } from './meter.ts';

/** While both lanes wait, one of so many is a background one. */
const BACKGROUND_SHARE = 10;

/**
 * Two queues, first come first served in each. Interactive ones go first; but where background ones wait,
 * every tenth is one of those, so that they come to their turn however busy it is.
 */
export class Lanes<Waiter> {
  readonly #interactive = new Set<Waiter>();
  readonly #background = new Set<Waiter>();
  /** How many interactive ones have gone before a background one that waits. */
  #passedOver = 0;

  get size(): number {
    return this.#interactive.size + this.#background.size;
  }

  /** All who wait, in no order that counts. */
  get all(): readonly Waiter[] {
    return [...this.#interactive, ...this.#background];
  }

  sizeOf(lane: Lane): number {
    return this.#queueOf(lane).size;
  }

  add(waiter: Waiter, lane: Lane): void {
    this.#queueOf(lane).add(waiter);
  }

  delete(waiter: Waiter): void {
    this.#interactive.delete(waiter);
    this.#background.delete(waiter);
  }

  /** Puts a background one at the end of the interactive lane. */
  raise(waiter: Waiter): void {
    if (this.#background.delete(waiter)) this.#interactive.add(waiter);
  }

  /** Takes out whose turn it is; undefined where nobody waits. */
  next(): Waiter | undefined {
    const [interactive] = this.#interactive;
    const [background] = this.#background;
    const isTurnOfBackground = interactive === undefined || this.#passedOver >= BACKGROUND_SHARE - 1;
    const next = background !== undefined && isTurnOfBackground ? background : interactive;
    this.#passedOver = background === undefined || next === background ? 0 : this.#passedOver + 1;
    if (next !== undefined) this.delete(next);
    return next;
  }

  #queueOf(lane: Lane): Set<Waiter> {
    return lane === 'interactive' ? this.#interactive : this.#background;
  }
}
