import { IncompleteList, UpstreamNotFound } from '../../errors/upstream.ts';
import type { FetchSlice } from './slices.ts';

/** Maximum number of reads of a list, including the first, if the service stops in the middle of it. */
const MOST_READS = 3;

/**
 * Fetches slices so that an absence (404, 410) counts only while nothing was seen of the list. Later it must not be taken
 * for the end of the list, or for an empty one: IncompleteList is thrown then.
 * @param absent what an absence at first means: that the list has no records, or UpstreamNotFound
 */
export function absentAtFirstOnly<T>(fetch: FetchSlice<T>, absent: 'none' | 'error'): FetchSlice<T> {
  let isSeen = false;
  return async (from, max) => {
    try {
      const slice = await fetch(from, max);
      isSeen = true;
      return slice;
    } catch (error) {
      if (!(error instanceof UpstreamNotFound)) throw error;
      if (isSeen || (from !== undefined && from !== '1')) throw new IncompleteList(error.call);
      if (absent === 'error') throw error;
      const start = from === undefined ? undefined : 1;
      return { records: [], next: undefined, start, total: 0, call: error.call };
    }
  };
}

/** What `read` brings, which begins again, twice at most, after IncompleteList. Throws what `read` throws. */
export async function beginningAgain<T>(read: () => Promise<T>): Promise<T> {
  for (let reads = 1; ; reads += 1) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof IncompleteList) || reads === MOST_READS) throw error;
    }
  }
}
