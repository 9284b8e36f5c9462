import type { Lane } from './meter.ts';

/**
 * In which lane a request waits, where that may change while it waits. Hand one to a background request as
 * its `lane`; when somebody at a screen comes to wait for the same answer, call `raise()`: the request then
 * joins the end of the interactive lane, and where it is not waiting yet it will wait there. One object may
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

/** The lane that somebody waits in at this moment; interactive where nothing is said. */
export function laneOf(lane: Lane | Urgency = 'interactive'): Lane {
  return lane instanceof Urgency ? lane.lane : lane;
}
