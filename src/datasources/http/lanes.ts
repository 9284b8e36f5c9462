import type { Lane } from './meter.ts';

/**
 * The lane of a request that may change while the request waits. Pass one to a background request as its `lane`. If an
 * interactive request comes to wait for the same answer, call `raise()`: the request then joins the end of the
 * interactive lane, or waits there if it is not waiting yet. One object may
 * go with several requests. Raising twice, or what is interactive already, does nothing.
 */
export class Urgency {
  #lane: Lane;
  readonly #listeners = new Set<() => void>();

  constructor(lane: Lane) {
    this.#lane = lane;
  }

  get lane(): Lane {
    return this.#lane;
  }

  /** Makes it interactive, for good. */
  raise(): void {
    this.#lane = 'interactive';
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  /** Calls `listener` once when it is raised; answers with what takes the listener back. */
  onRaise(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The current lane. Default: interactive. */
export function laneOf(lane: Lane | Urgency = 'interactive'): Lane {
  return lane instanceof Urgency ? lane.lane : lane;
}

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

  /** Removes and returns the waiter whose turn it is; undefined if nothing waits. */
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
