import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { JsonObject } from './objects/json.ts';

/** How long a reconciliation takes, in milliseconds of the sandbox's clock. */
const DURATION_MS = 500;

interface Recon {
  readonly id: string;
  readonly mapping: string;
  readonly startedAt: number;
  readonly total: number;
  canceledAt: number | undefined;
}

/** Reconciliations of a tenant. They do nothing but count; their totals are texts, and "?" while they are unknown. */
export class Recons {
  readonly #clock: Clock;
  readonly #all = new Map<string, Recon>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(mapping: string, total: number): string {
    const id = randomUUID();
    this.#all.set(id, { id, mapping, total, startedAt: this.#clock.now(), canceledAt: undefined });
    return id;
  }

  /** Whether there was one to cancel. */
  cancel(id: string): boolean {
    const recon = this.#all.get(id);
    if (recon === undefined || this.#stateOf(recon) !== 'ACTIVE') return false;
    recon.canceledAt = this.#clock.now();
    return true;
  }

  find(id: string): JsonObject | undefined {
    const recon = this.#all.get(id);
    return recon === undefined ? undefined : this.#show(recon);
  }

  list(): JsonObject[] {
    return [...this.#all.values()].map((recon) => this.#show(recon));
  }

  #stateOf({ startedAt, canceledAt }: Recon): 'ACTIVE' | 'SUCCESS' | 'CANCELED' {
    if (canceledAt !== undefined) return 'CANCELED';
    return this.#clock.now() - startedAt < DURATION_MS ? 'ACTIVE' : 'SUCCESS';
  }

  #show(recon: Recon): JsonObject {
    const state = this.#stateOf(recon);
    const isOver = state !== 'ACTIVE';
    const processed = isOver ? recon.total : Math.floor(recon.total / 2);
    const progress = { existing: { processed, total: isOver ? String(recon.total) : '?' } };
    return {
      _id: recon.id,
      mapping: recon.mapping,
      state,
      stage: isOver ? 'COMPLETED_SUCCESS' : 'ACTIVE_RECONCILING_SOURCE_QUERY',
      stageDescription: isOver ? 'reconciliation completed.' : 'reconciling source ids.',
      progress: { source: progress, target: progress, links: progress },
      situationSummary: { CONFIRMED: isOver ? Math.max(0, recon.total - 1) : 0 },
      // A record that failed before its situation was known is counted here alone.
      statusSummary: {
        SUCCESS: isOver ? Math.max(0, recon.total - 1) : 0,
        FAILURE: isOver && recon.total > 0 ? 1 : 0,
      },
      started: new Date(recon.startedAt).toISOString(),
      ended: isOver ? new Date(recon.startedAt + DURATION_MS).toISOString() : '',
      duration: isOver ? DURATION_MS : 0,
    };
  }
}
