import type { Catalogue } from './catalogues.ts';
import type { CallContext } from './client.ts';
import type { Expiring } from './expiring.ts';

/** A catalogue that everyone shares, as one GraphQL request reads it. */
export class CatalogueReader<T extends { readonly id: string }> {
  readonly #catalogue: Expiring<Catalogue<T>>;
  readonly #list: () => Promise<T[]>;
  /** What was read during this request, and so is as new as it can be. */
  #fresh: Promise<Catalogue<T>> | undefined;

  /** @param list reads the whole catalogue from Webex */
  constructor(
    catalogue: Expiring<Catalogue<T>>,
    list: (context: CallContext) => Promise<T[]>,
    context: CallContext,
  ) {
    this.#catalogue = catalogue;
    // Everyone who waits shares a load, so it must not end with the one who happened to ask first.
    this.#list = () => list({ meter: context.meter });
  }

  async all(): Promise<T[]> {
    return [...(await this.#load()).records.values()];
  }

  /**
   * The records with these ids, in their order. When one is newer than the kept catalogue, that is read
   * again; an id that Webex does not list then is left out, and not looked for again in that catalogue.
   */
  async some(ids: readonly string[]): Promise<T[]> {
    if (ids.length === 0) return [];
    const loading = this.#load();
    let catalogue = await loading;
    if (ids.some((id) => !catalogue.records.has(id) && !catalogue.missing.has(id))) {
      if (this.#fresh === undefined) this.#catalogue.drop(loading);
      catalogue = await (this.#fresh ?? this.#load());
      for (const id of ids) if (!catalogue.records.has(id)) catalogue.missing.add(id);
    }
    const { records } = catalogue;
    return ids.flatMap((id) => records.get(id) ?? []);
  }

  #load(): Promise<Catalogue<T>> {
    return this.#catalogue.get(() => {
      this.#fresh = this.#list().then((records) => ({
        records: new Map(records.map((record) => [record.id, record])),
        missing: new Set(),
      }));
      return this.#fresh;
    });
  }
}
