import type { Batches } from './batches.ts';
import { absentAtFirstOnly } from './incomplete-list.ts';
import type { PageSizes } from './page-size.ts';
import { firstOf, type Page, type PageRequest, takePage } from './paging.ts';
import { sideBySide } from './side-by-side.ts';
import type { FetchSlice } from './slices.ts';

/** Which list a page is taken of, and how it is to be read. */
export interface ListPlan<T> {
  /** Names the list and its filter; a cursor is good for the list that made it only. */
  readonly list: readonly unknown[];
  /** Which parts of the records are read. */
  readonly parts: unknown;
  /** The most records of such parts to ask for at once. */
  readonly most: number;
  readonly fetch: FetchSlice<T>;
  /** What a list that the service does not know means: that it has no records, or UpstreamNotFound. Default: error. */
  readonly absent?: 'none' | 'error';
  /** Whether slices begin at an index, so that several can be read at once. */
  readonly byIndex?: boolean;
}

/** The lists of one kind of record, as one GraphQL request reads them: each page once, for all who ask. */
export class ListReader<T extends { readonly id: string }> {
  readonly #cursorKey: string;
  readonly #batches: Batches;
  readonly #kind: string;
  readonly #sizes: PageSizes;
  readonly #pages = new Map<string, Promise<Page<T>>>();

  /**
   * @param kind names what the lists are of
   * @param cursorKey signs the cursors
   */
  constructor(kind: string, cursorKey: string, batches: Batches, sizes: PageSizes) {
    this.#kind = kind;
    this.#cursorKey = cursorKey;
    this.#batches = batches;
    this.#sizes = sizes;
  }

  /** A page of the list. Throws what takePage throws, to all who ask for the same page. */
  take(plan: ListPlan<T>, request: PageRequest): Promise<Page<T>> {
    const name = JSON.stringify([plan.list, plan.parts, firstOf(request), request.after ?? null]);
    const known = this.#pages.get(name);
    if (known !== undefined) return known;
    const page = this.#read(plan, request);
    this.#pages.set(name, page);
    return page;
  }

  #read(plan: ListPlan<T>, request: PageRequest): Promise<Page<T>> {
    const size = this.#sizes.of(this.#kind, plan.parts, plan.most);
    const strict = absentAtFirstOnly(plan.fetch, plan.absent ?? 'error');
    const sized: FetchSlice<T> = (from, max) => size.read(max, (fewer) => strict(from, fewer));
    // A page that is not the first is found by the last record of the one before.
    const wanted = firstOf(request) + (request.after == null ? 0 : 1);
    const fetch = plan.byIndex === true ? sideBySide(sized, wanted) : sized;
    let begun = false;
    return takePage(
      plan.list,
      request,
      (from, max) => {
        const slice = fetch(from, max);
        // Batches wait for what a list begins with; a long list is not to hold them up to its end.
        if (!begun) this.#batches.waitFor(slice);
        begun = true;
        return slice;
      },
      this.#cursorKey,
    );
  }
}
