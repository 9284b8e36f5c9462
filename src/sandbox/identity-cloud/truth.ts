import { otherEnd } from './objects/edges.ts';
import type { JsonObject } from './objects/json.ts';
import type { Collection, Tenant } from './objects/tenant.ts';

/** What is true in a tenant, whatever its answers say. */
export class Truth {
  readonly #tenant: Tenant;

  constructor(tenant: Tenant) {
    this.#tenant = tenant;
  }

  /** All objects of a collection, such as `alpha_user`, in the order in which they were created. */
  objects(collection: string): readonly JsonObject[] {
    return [...this.#collection(collection).objects.values()].map(({ id, revision, values }) => ({
      ...values,
      _id: id,
      _rev: revision,
    }));
  }

  /** The object with an id; undefined if it does not exist. */
  object(collection: string, id: string): JsonObject | undefined {
    return this.objects(collection).find((each) => each._id === id);
  }

  /** The ids that a relationship leads to. */
  related(collection: string, id: string, property: string): readonly string[] {
    const end = { collection, id, property };
    return this.#tenant.edges.of(end).map((edge) => otherEnd(edge, end).id);
  }

  /** Changes values of an object as an administrator of the tenant does. Throws RangeError if it does not exist. */
  change(collection: string, id: string, values: JsonObject): void {
    const found = this.#collection(collection);
    const stored = found.objects.get(id);
    if (stored === undefined) throw new RangeError(`There is no ${collection} ${id}.`);
    this.#tenant.replace(found, stored, { ...stored.values, ...values });
  }

  /** Deletes an object as an administrator of the tenant does. */
  delete(collection: string, id: string): void {
    const found = this.#collection(collection);
    const stored = found.objects.get(id);
    if (stored !== undefined) this.#tenant.remove(found, stored);
  }

  #collection(name: string): Collection {
    const collection = this.#tenant.collections.get(name);
    if (collection === undefined) throw new RangeError(`There is no collection ${name}.`);
    return collection;
  }
}
