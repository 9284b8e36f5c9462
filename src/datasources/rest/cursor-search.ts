import { Anchors } from './anchors.ts';
import type { Position } from './cursors.ts';

/** The search for a cursor's position among the records of a list, which may have changed since. */
export class CursorSearch {
  readonly anchors: Anchors;
  readonly #count: number;
  /** Whether it is known what has been given. */
  found: boolean;
  /** Among how many records more it may be. */
  ahead: number;
  /** What the record before was as an anchor. */
  #backBefore: number | undefined;

  constructor({ count, anchors }: Position) {
    this.anchors = new Anchors(anchors);
    this.#count = count;
    this.found = count === 0;
    this.ahead = count;
  }

  /**
   * Passes by a record, and tells what has been given before: all up to this one, this one alone, or none of it.
   * @param ordinal the record's number, from where the position counts
   */
  pass(id: string, ordinal: number): 'all' | 'one' | 'none' {
    const back = this.anchors.backOf(id);
    const before = this.#backBefore;
    this.#backBefore = back;
    this.ahead = Math.max(0, Math.min(this.ahead, this.#count - ordinal));
    if (back === undefined) return 'none';
    // One that stands further behind than it did was moved there, by itself, unless its neighbour was, too.
    const stayed = ordinal <= this.#count - back || (before !== undefined && before > back);
    if (!stayed) return 'one';
    this.found = true;
    if (back === 0) this.ahead = 0;
    return 'all';
  }
}
