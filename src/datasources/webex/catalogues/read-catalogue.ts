import type { CallContext } from '../../rest/call-context.ts';
import { type IdentifiedRecord, readRecords } from '../../rest/json.ts';
import { PageSize } from '../../rest/page-size.ts';
import { readAll } from '../../rest/read-all.ts';
import { LARGEST_PAGE } from '../../rest/slices.ts';
import type { WebexClient } from '../client.ts';

/**
 * All records of a list that Webex sends in one answer, as far as its reference says. If an answer announces a next page
 * all the same, that is read, too. Throws what `readAll` throws.
 * @param path of the list, as /licenses
 * @param what names the records in messages, in the plural
 */
export async function readCatalogue(
  client: WebexClient,
  path: string,
  what: string,
  context: CallContext,
): Promise<readonly IdentifiedRecord[]> {
  const { records } = await readAll<IdentifiedRecord>({
    fetch: async (from) => {
      const answer = await client.get(path, Object.fromEntries(new URLSearchParams(from)), context);
      const { next, call } = answer;
      return { records: readRecords(answer, 'items', what, context.meter), next, call };
    },
    most: LARGEST_PAGE,
    // No parameter makes such an answer smaller.
    size: new PageSize(LARGEST_PAGE, () => false),
    absent: 'error',
  });
  return [...records.values()];
}
