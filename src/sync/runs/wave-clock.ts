import type { Meter } from '../../datasources/http/meter.ts';
import type { Phase } from '../../store/sync/documents.ts';

/** What each wave of a run took. */
export class WaveClock {
  readonly #meter: Meter;
  #ended: readonly Phase[];
  #phase: Phase | undefined;
  #beganAt = 0;
  #requests = 0;
  #cpu = process.cpuUsage();

  /** @param before the phases of the run so far */
  constructor(before: readonly Phase[], meter: Meter) {
    this.#ended = before;
    this.#meter = meter;
  }

  /** The wave under way; undefined before the first. */
  get wave(): number | undefined {
    return this.#phase?.wave;
  }

  /** A wave begins, and the one before it ends. Returns all phases of the run. */
  enter(wave: number): readonly Phase[] {
    const before = this.end();
    this.#beganAt = performance.now();
    this.#requests = this.#meter.requests;
    this.#cpu = process.cpuUsage();
    const startedAt = new Date().toISOString();
    this.#phase = { name: 'WAVE', wave, startedAt, endedAt: null, seconds: 0, requests: 0, cpuSeconds: 0 };
    return [...before, this.#phase];
  }

  /** The wave under way ends. Returns all phases of the run. */
  end(): readonly Phase[] {
    const phase = this.#phase;
    if (phase === undefined) return this.#ended;
    this.#phase = undefined;
    const { user, system } = process.cpuUsage(this.#cpu);
    const ended: Phase = {
      ...phase,
      endedAt: new Date().toISOString(),
      seconds: (performance.now() - this.#beganAt) / 1_000,
      requests: this.#meter.requests - this.#requests,
      cpuSeconds: (user + system) / 1_000_000,
    };
    this.#ended = [...this.#ended, ended];
    return this.#ended;
  }
}
