import type { CallContext } from '../../rest/call-context.ts';
import type { Expiring } from '../../rest/expiring.ts';
import type { Catalogue } from './catalogues.ts';

/** A catalogue that everyone shares, as one GraphQL request reads it. */
export class CatalogueReader<T extends { readonly id: string }> {
  readonly #catalogue: Expiring<Catalogue<T>>;
  readonly #list: (context: CallContext) => Promise<T[]>;
  readonly #context: CallContext;
  #loading: Promise<Catalogue<T>> | undefined;
  /** What is at hand, once it was waited for. */
  #seen: Catalogue<T> | undefined;
  /** What began to be read from then on is as new as it can be: this request read it, or missed a record in an older one. */
  #freshFrom: number | undefined;
  /** In which catalogue something was missed, so that it is read again. */
  #outdated: Catalogue<T> | undefined;

  /** @param list reads the whole catalogue from Webex */
  constructor(
    catalogue: Expiring<Catalogue<T>>,
    list: (context: CallContext) => Promise<T[]>,
    context: CallContext,
  ) {
    this.#catalogue = catalogue;
    this.#list = list;
    this.#context = context;
  }

  /** Starts to read it, if it will certainly be needed. A failure is reported to those who then ask for it. */
  start(): void {
    if (this.#atHand() === undefined) this.#load().catch(() => undefined);
  }

  /** What is known of it without asking Webex; empty if nothing is. */
  get known(): readonly T[] {
    const { records } = this.#seen ?? this.#catalogue.loaded ?? {};
    return records === undefined ? [] : [...records.values()];
  }

  async all(): Promise<T[]> {
    const { records } = this.#atHand() ?? (await this.#load());
    return [...records.values()];
  }

  /**
   * The records with these ids, in their order; at once, if they are known. When one is newer than the
   * kept catalogue, that is read again; an id that Webex does not list then is left out, and not looked for
   * again in that catalogue.
   */
  some(ids: readonly string[]): T[] | Promise<T[]> {
    if (ids.length === 0) return [];
    const catalogue = this.#atHand();
    return (catalogue && pick(catalogue, ids)) ?? this.#find(ids);
  }

  /** What this request has seen of it, or what is kept; undefined if it has to be waited for. */
  #atHand(): Catalogue<T> | undefined {
    if (this.#seen !== undefined || this.#loading !== undefined) return this.#seen;
    this.#seen = this.#catalogue.loaded;
    const { meter } = this.#context;
    if (this.#seen !== undefined && meter !== undefined) meter.cacheHits += 1;
    return this.#seen;
  }

  async #find(ids: readonly string[]): Promise<T[]> {
    let catalogue = this.#atHand() ?? (await this.#load());
    for (;;) {
      const picked = pick(catalogue, ids);
      if (picked !== undefined) {
        this.#seen = catalogue;
        return picked;
      }
      this.#freshFrom ??= performance.now();
      // A read that began earlier may lack it as well, and does not prove that it does not exist.
      if (catalogue.begun < this.#freshFrom) catalogue = await this.#newerThan(catalogue);
      else for (const id of ids) if (!catalogue.records.has(id)) catalogue.missing.add(id);
    }
  }

  /** The first reader that finds it outdated reads it again, for all. */
  #newerThan(catalogue: Catalogue<T>): Promise<Catalogue<T>> {
    if (this.#outdated !== catalogue) {
      this.#outdated = catalogue;
      if (this.#catalogue.loaded === catalogue) this.#catalogue.drop();
      this.#loading = this.#read();
    }
    return this.#load();
  }

  #load(): Promise<Catalogue<T>> {
    this.#loading ??= this.#read();
    return this.#loading;
  }

  async #read(): Promise<Catalogue<T>> {
    const catalogue = await this.#catalogue.get(async (shared) => {
      const begun = performance.now();
      this.#freshFrom ??= begun;
      const records = await this.#list(shared);
      return { begun, records: new Map(records.map((record) => [record.id, record])), missing: new Set() };
    }, this.#context);
    this.#seen = catalogue;
    return catalogue;
  }
}

/** What the catalogue holds of these, in their order; undefined if it does not know one of them at all. */
function pick<T>({ records, missing }: Catalogue<T>, ids: readonly string[]): T[] | undefined {
  const picked: T[] = [];
  // Each is looked up once: ids are long, and come by the thousand.
  for (const id of ids) {
    const record = records.get(id);
    if (record !== undefined) picked.push(record);
    else if (!missing.has(id)) return undefined;
  }
  return picked;
}
