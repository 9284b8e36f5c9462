import {
  IncompleteList,
  OtherOrganization,
  serviceOf,
  UpstreamError,
  UpstreamInvalid,
  UpstreamNotFound,
  UpstreamRejected,
} from '../../errors/upstream.ts';
import type { PageSize } from './page-size.ts';
import { sideBySide } from './side-by-side.ts';
import { type FetchSlice, type Slice, Trail } from './slices.ts';

/** What became of the records of a page. */
export interface Taken {
  /** How many were not there before. */
  readonly fresh: number;
  /** How many were there with other content. */
  readonly conflicting: number;
}

/** Keeps the records of a scan. */
export interface ScanSink<T> {
  take(records: readonly T[]): Promise<Taken>;
  /** Forgets all records: the list is read again from its beginning. */
  restart(): Promise<void>;
}

/** A list that is read from its beginning to its end, page by page, without keeping it in memory. */
export interface ListScan<T> {
  readonly fetch: FetchSlice<T>;
  /** How many records to ask for at once. */
  readonly most: number;
  readonly size: PageSize;
  /** Whether slices begin at an index, so that several are read at once and overlap by a record. Default: false. */
  readonly byIndex?: boolean;
  /** How many records were left out because they have no id. */
  readonly leftOut: () => number;
  /** What a first page that cannot be read means. Default: the error is thrown. */
  readonly unreadable?: 'error' | 'incomplete';
}

/** How a scan ended. */
export interface ScanEnd {
  readonly complete: boolean;
  /** Distinct records. */
  readonly count: number;
  /** Why it is incomplete, in a sentence. */
  readonly reason?: string;
}

/** Maximum number of reads of a list, including the first, if a cursor expires. */
const MOST_READS = 3;
/** A page of so many records, all of them known, means that the list began again: lists that shift repeat a few. */
const REPEATED_PAGE = 10;
/** Pages without a new record that may follow each other. */
const MOST_REPEATED_PAGES = 20;

/**
 * Reads a list to its end and hands each page to the sink while the next one is on its way. A list that cannot be read
 * to its end is not an error: the result says that it is incomplete, and why.
 * Throws what the first page fails with, what ends the work as a whole (such as the signal of the caller), and
 * OtherOrganization.
 */
export async function scanList<T extends { readonly id: string }>(
  scan: ListScan<T>,
  sink: ScanSink<T>,
): Promise<ScanEnd> {
  let isSeen = false;
  for (let reads = 1; ; reads += 1) {
    const reading = new Reading(scan, sink);
    try {
      await reading.toEnd();
      return reading.end();
    } catch (error) {
      isSeen ||= reading.pages > 0;
      if (!isOfList(error) || (!isSeen && scan.unreadable !== 'incomplete')) throw error;
      if (reading.pages === 0 || !isExpired(error)) return reading.end(error.message);
      if (reads === MOST_READS) {
        return reading.end(`${serviceOf(error.call)} stopped in the middle of the list ${reads} times.`);
      }
      await sink.restart();
    }
  }
}

/** Whether a failure leaves the list incomplete. Others end the work: a lost connection, a caller who is gone. */
function isOfList(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && !(error instanceof OtherOrganization);
}

/** Whether the position in the list is not valid any more. Services answer with an absence or a refusal then. */
function isExpired(error: unknown): boolean {
  return (
    error instanceof UpstreamNotFound || error instanceof UpstreamRejected || error instanceof IncompleteList
  );
}

/** One way through the list. */
class Reading<T extends { readonly id: string }> {
  pages = 0;
  readonly #scan: ListScan<T>;
  readonly #sink: ScanSink<T>;
  readonly #fetch: FetchSlice<T>;
  readonly #trail = new Trail();
  readonly #leftOutBefore: number;
  #count = 0;
  #total = 0;
  #repeatedPages = 0;
  #reason: string | undefined;

  constructor(scan: ListScan<T>, sink: ScanSink<T>) {
    this.#scan = scan;
    this.#sink = sink;
    this.#leftOutBefore = scan.leftOut();
    const sized: FetchSlice<T> = (from, max) => scan.size.read(max, (fewer) => scan.fetch(from, fewer));
    this.#fetch = scan.byIndex === true ? sideBySide(sized, Number.POSITIVE_INFINITY) : sized;
  }

  async toEnd(): Promise<void> {
    let from: string | undefined;
    let coming: Promise<Slice<T>> | undefined = this.#fetch(undefined, this.#scan.most);
    while (coming !== undefined) {
      const slice: Slice<T> = await this.#insist(from, await coming);
      this.pages += 1;
      this.#total = Math.max(this.#total, slice.total ?? 0);
      const next = this.#trail.behind(from, slice);
      coming = next === undefined ? undefined : this.#fetch(next, this.#scan.most);
      // Its failure is handled when it is awaited.
      coming?.catch(() => undefined);
      from = next;
      await this.#store(slice);
    }
  }

  /** The slice; if it is empty although the list goes on, what comes when it is asked for once more. */
  async #insist(from: string | undefined, slice: Slice<T>): Promise<Slice<T>> {
    if (slice.records.length > 0 || slice.next === undefined) return slice;
    const again = await this.#fetch(from, this.#scan.most);
    if (again.records.length === 0 && again.next !== undefined) {
      this.#reason ??= `${serviceOf(again.call)} sent an empty page in the middle of the list.`;
    }
    return again;
  }

  async #store({ records, call }: Slice<T>): Promise<void> {
    if (records.length === 0) return;
    const { fresh, conflicting } = await this.#sink.take(records);
    this.#count += fresh;
    if (conflicting > 0) {
      this.#reason ??= `${serviceOf(call)} sent a record twice with different content.`;
    }
    this.#repeatedPages = fresh === 0 ? this.#repeatedPages + 1 : 0;
    const isRepeated = this.#scan.byIndex !== true && fresh === 0 && records.length >= REPEATED_PAGE;
    if (isRepeated || this.#repeatedPages > MOST_REPEATED_PAGES) {
      throw new UpstreamInvalid(`${serviceOf(call)} began the list again in the middle of it.`, call);
    }
  }

  end(failure?: string): ScanEnd {
    const reason = this.#reason ?? failure ?? this.#leftOut() ?? this.#missing();
    return {
      complete: reason === undefined,
      count: this.#count,
      ...(reason === undefined ? {} : { reason }),
    };
  }

  #leftOut(): string | undefined {
    const count = this.#scan.leftOut() - this.#leftOutBefore;
    return count === 0 ? undefined : `The list has records without an id: ${count}.`;
  }

  /** Records that were deleted during the scan make it longer than the total, which is no reason to doubt it. */
  #missing(): string | undefined {
    return this.#count >= this.#total
      ? undefined
      : `The list has ${this.#total} records, of which ${this.#count} came.`;
  }
}
