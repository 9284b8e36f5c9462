import type { Urgency } from '../http/urgency.ts';
import type { CallContext } from './call.ts';
import type { Catalogue } from './catalogues.ts';
import type { Expiring } from './expiring.ts';

/** A catalogue that everyone shares, as one GraphQL request reads it. */
export class CatalogueReader<T extends { readonly id: string }> {
  readonly #catalogue: Expiring<Catalogue<T>>;
  readonly #list: (urgency: Urgency) => Promise<T[]>;
  readonly #context: CallContext;
  /** What was read during this request, and so is as new as it can be. */
  #fresh: Promise<Catalogue<T>> | undefined;
  #loading: Promise<Catalogue<T>> | undefined;
  /** What is at hand, once it was waited for. */
  #seen: Catalogue<T> | undefined;

  /** @param list reads the whole catalogue from Webex */
  constructor(
    catalogue: Expiring<Catalogue<T>>,
    list: (context: CallContext) => Promise<T[]>,
    context: CallContext,
  ) {
    this.#catalogue = catalogue;
    this.#context = context;
    // Everyone who waits shares a load, so it must not end with the one who happened to ask first.
    this.#list = (lane) => list({ meter: context.meter, lane });
  }

  /** Begins to read it, where that is bound to be wanted. Whoever then wants it hears of a failure. */
  start(): void {
    if (this.#atHand() === undefined) this.#load().catch(() => undefined);
  }

  async all(): Promise<T[]> {
    const { records } = this.#atHand() ?? (await this.#load());
    return [...records.values()];
  }

  /**
   * The records with these ids, in their order; at once, where they are known. When one is newer than the
   * kept catalogue, that is read again; an id that Webex does not list then is left out, and not looked for
   * again in that catalogue.
   */
  some(ids: readonly string[]): T[] | Promise<T[]> {
    if (ids.length === 0) return [];
    const catalogue = this.#atHand();
    return catalogue !== undefined && knowsAll(catalogue, ids) ? pick(catalogue, ids) : this.#find(ids);
  }

  /** What this request has seen of it, or what is kept; undefined where it has to be waited for. */
  #atHand(): Catalogue<T> | undefined {
    if (this.#seen !== undefined || this.#loading !== undefined) return this.#seen;
    this.#seen = this.#catalogue.loaded;
    const { meter } = this.#context;
    if (this.#seen !== undefined && meter !== undefined) meter.cacheHits += 1;
    return this.#seen;
  }

  async #find(ids: readonly string[]): Promise<T[]> {
    let catalogue = this.#atHand() ?? (await this.#load());
    if (!knowsAll(catalogue, ids)) {
      if (this.#fresh === undefined) {
        // Kept from before. Whoever finds that out first reads it again, for all.
        if (this.#catalogue.loaded === catalogue) this.#catalogue.drop();
        this.#loading = this.#read();
      }
      catalogue = await this.#load();
      for (const id of ids) if (!catalogue.records.has(id)) catalogue.missing.add(id);
    }
    this.#seen = catalogue;
    return pick(catalogue, ids);
  }

  #load(): Promise<Catalogue<T>> {
    this.#loading ??= this.#read();
    return this.#loading;
  }

  async #read(): Promise<Catalogue<T>> {
    const catalogue = await this.#catalogue.get((urgency) => {
      this.#fresh = this.#list(urgency).then((records) => ({
        records: new Map(records.map((record) => [record.id, record])),
        missing: new Set(),
      }));
      return this.#fresh;
    }, this.#context);
    this.#seen = catalogue;
    return catalogue;
  }
}

function knowsAll<T>(catalogue: Catalogue<T>, ids: readonly string[]): boolean {
  return ids.every((id) => catalogue.records.has(id) || catalogue.missing.has(id));
}

function pick<T>({ records }: Catalogue<T>, ids: readonly string[]): T[] {
  return ids.flatMap((id) => records.get(id) ?? []);
}
