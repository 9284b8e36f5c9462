import { laneOf } from '../../http/lanes.ts';
import type { CallContext } from '../../rest/call-context.ts';

/** What is kept and becomes stale by a change: the seats of licenses, and who is in which group. */
export const CATALOGUES_OF_CHANGES = ['licenses', 'groups'] as const;
export type CatalogueOfChanges = (typeof CATALOGUES_OF_CHANGES)[number];

/** The catalogues, each as something that can be forgotten. */
type Droppable = Readonly<Record<CatalogueOfChanges, { drop(): void }>>;

/** How often changes in the background forget a catalogue at most, in milliseconds. */
const BACKGROUND_MS = 5_000;

/**
 * Forgets what changes make stale, and only that. A job in the background that makes a thousand changes forgets a
 * catalogue once in five seconds, or interactive requests would read it again all the time.
 */
export class StaleCatalogues {
  readonly #catalogues: Droppable;
  readonly #forgotten: (names: readonly CatalogueOfChanges[]) => void;
  readonly #forgottenAt = new Map<CatalogueOfChanges, number>();
  readonly #due = new Set<CatalogueOfChanges>();

  /** @param forgotten is told what was forgotten because of a change of ours */
  constructor(catalogues: Droppable, forgotten: (names: readonly CatalogueOfChanges[]) => void) {
    this.#catalogues = catalogues;
    this.#forgotten = forgotten;
  }

  /** Forgets these after a change of ours. */
  touched(names: readonly CatalogueOfChanges[], { lane }: CallContext): void {
    const now = performance.now();
    const background = laneOf(lane) === 'background';
    const dueAt = (name: CatalogueOfChanges) =>
      (this.#forgottenAt.get(name) ?? -BACKGROUND_MS) + BACKGROUND_MS;
    const later = names.filter((name) => background && dueAt(name) > now);
    const atOnce = names.filter((name) => !later.includes(name));
    for (const name of later.filter((each) => !this.#due.has(each))) {
      this.#due.add(name);
      setTimeout(() => this.#forget([name]), dueAt(name) - now).unref();
    }
    if (atOnce.length > 0) this.#forget(atOnce);
  }

  /** Forgets what another process has reported. A name that is unknown here means everything. */
  told(names: readonly string[]): void {
    const known = CATALOGUES_OF_CHANGES.filter((name) => names.includes(name));
    const isAllKnown = names.every((name) => known.some((each) => each === name));
    for (const name of isAllKnown ? known : CATALOGUES_OF_CHANGES) this.#catalogues[name].drop();
  }

  #forget(names: readonly CatalogueOfChanges[]): void {
    for (const name of names) {
      this.#due.delete(name);
      this.#forgottenAt.set(name, performance.now());
      this.#catalogues[name].drop();
    }
    this.#forgotten(names);
  }
}
