import type { CallContext } from './client.ts';
import type { Expiring } from './expiring.ts';

/** A catalogue that everyone shares, as one GraphQL request reads it. */
export class CatalogueReader<T extends { readonly id: string }> {
  readonly #catalogue: Expiring<ReadonlyMap<string, T>>;
  readonly #list: () => Promise<T[]>;
  /** What was read during this request, and so is as new as it can be. */
  #fresh: Promise<ReadonlyMap<string, T>> | undefined;

  /** @param list reads the whole catalogue from Webex */
  constructor(
    catalogue: Expiring<ReadonlyMap<string, T>>,
    list: (context: CallContext) => Promise<T[]>,
    context: CallContext,
  ) {
    this.#catalogue = catalogue;
    // Everyone who waits shares a load, so it must not end with the one who happened to ask first.
    this.#list = () => list({ meter: context.meter });
  }

  async all(): Promise<T[]> {
    return [...(await this.#load()).values()];
  }

  /**
   * The records with these ids, in their order. When one is newer than the kept catalogue, that is read
   * again; an id that Webex does not list then is left out.
   */
  async some(ids: readonly string[]): Promise<T[]> {
    if (ids.length === 0) return [];
    let records = await this.#load();
    if (ids.some((id) => !records.has(id))) {
      if (this.#fresh === undefined) this.#catalogue.drop();
      records = await (this.#fresh ?? this.#load());
    }
    return ids.flatMap((id) => records.get(id) ?? []);
  }

  #load(): Promise<ReadonlyMap<string, T>> {
    return this.#catalogue.get(() => {
      this.#fresh = this.#list().then((records) => new Map(records.map((record) => [record.id, record])));
      return this.#fresh;
    });
  }
}
