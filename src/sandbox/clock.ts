/** The sandbox's own time: the machine's, moved by however much tests ask for. */
export class Clock {
  #offset = 0;

  /** Milliseconds since 1970 as the sandbox sees them. */
  now(): number {
    return Date.now() + this.#offset;
  }

  /** Moves the sandbox's time on by so many seconds, so that tokens expire without waiting. */
  advance(seconds: number): void {
    this.#offset += seconds * 1_000;
  }

  /** Back to the machine's time. */
  reset(): void {
    this.#offset = 0;
  }
}

/** A moment as people and groups show it: `2015-10-18T14:26:16.000Z`. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}

/** A moment as organizations and authorizations show it: offset form, no milliseconds. */
export function offsetTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}
