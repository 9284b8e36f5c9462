import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Settings } from '../settings.ts';
import { Edges } from './edges.ts';
import type { JsonObject } from './json.ts';
import { type ObjectType, objectTypes, REALMS, TYPE_NAMES } from './types.ts';

/** An object as the tenant stores it, without its relationships. */
export interface Stored {
  readonly id: string;
  readonly revision: string;
  readonly values: JsonObject;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly changedAt: number;
  /** The row of the side table that holds the dates of a user. */
  readonly metaId: string;
  /** What reads still show while a replica lags behind; null: not there yet. */
  readonly previous: Stored | null;
}

/** A collection of managed objects: `managed/alpha_user`. */
export interface Collection {
  readonly name: string;
  readonly realm: string;
  readonly type: ObjectType;
  readonly objects: Map<string, Stored>;
}

/** All that a tenant of Identity Cloud holds. */
export class Tenant {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly edges = new Edges();
  readonly collections: ReadonlyMap<string, Collection>;
  #revisions = 0;

  constructor(settings: Settings, clock: Clock) {
    this.settings = settings;
    this.clock = clock;
    const types = objectTypes(settings);
    this.collections = new Map(
      REALMS.flatMap((realm) =>
        TYPE_NAMES.map((name) => {
          const collection = { name: `${realm}_${name}`, realm, type: types[name], objects: new Map() };
          return [collection.name, collection] as const;
        }),
      ),
    );
  }

  /** A collection by its name; undefined if the tenant has no such type. */
  collection(name: string): Collection | undefined {
    if (name.endsWith('_group') && !this.settings.groupsFeature) return undefined;
    return this.collections.get(name);
  }

  /** The collection that relationships of a type lead to, in the same realm. */
  neighbour({ realm }: Collection, type: string): Collection {
    const found = this.collections.get(`${realm}_${type}`);
    if (found === undefined) throw new RangeError(`There is no type ${realm}_${type}.`);
    return found;
  }

  /** Stores a new object. */
  create(collection: Collection, id: string, values: JsonObject): Stored {
    const now = this.clock.now();
    const stored = {
      ...{ id, values, createdAt: now, changedAt: now, previous: null },
      revision: this.#nextRevision(),
      metaId: randomUUID(),
    };
    collection.objects.set(id, stored);
    return stored;
  }

  /** Stores new values of an object. */
  replace(collection: Collection, before: Stored, values: JsonObject): Stored {
    const { previous: _, ...last } = before;
    const stored = {
      ...last,
      values,
      revision: this.#nextRevision(),
      changedAt: this.clock.now(),
      previous: { ...last, previous: null },
    };
    collection.objects.set(before.id, stored);
    return stored;
  }

  /** Notes that a user has changed, where only relationships have. */
  touch(collection: Collection, id: string): void {
    const stored = collection.objects.get(id);
    if (stored !== undefined) collection.objects.set(id, { ...stored, changedAt: this.clock.now() });
  }

  remove(collection: Collection, { id }: Stored): void {
    collection.objects.delete(id);
    this.edges.removeAll(collection.name, id, this.clock.now());
  }

  /** An object as reads show it: an earlier one while the replica lags behind. */
  seen(collection: Collection, id: string): Stored | undefined {
    const stored = collection.objects.get(id);
    return stored === undefined ? undefined : (this.#seen(stored) ?? undefined);
  }

  /** All objects of a collection as reads show them. */
  all(collection: Collection): Stored[] {
    return [...collection.objects.values()].flatMap((stored) => this.#seen(stored) ?? []);
  }

  #seen(stored: Stored): Stored | null {
    const lag = this.settings.replicaLagMs;
    return lag > 0 && this.clock.now() - stored.changedAt < lag ? stored.previous : stored;
  }

  #nextRevision(): string {
    this.#revisions += 1;
    return `${randomUUID()}-${this.#revisions * 7}`;
  }
}
