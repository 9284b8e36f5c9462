import type { Call } from '../../http/exchange.ts';
import { decodeCursor, encodeCursor } from '../../http/query.ts';
import { decodeId, encodeId } from '../ids.ts';
import type { Settings } from '../settings.ts';

/**
 * The address of the next page of people: the same query, then the page size, a valueless `before` and the
 * cursor, as Webex's documentation shows it.
 */
export function cursorLink(call: Call, size: number, position: number, settings: Settings): string {
  const kept = [...call.query].filter(([name]) => name !== 'max' && name !== 'before' && name !== 'after');
  const parts = settings.nextLinkDropsParameters
    ? []
    : kept.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  parts.push(`max=${settings.nextLinkMaxNull ? 'null' : size}`, 'before', `after=${encodeCursor(position)}`);
  return `${call.origin}${call.path}?${parts.join('&')}`;
}

/** The address of the next page of license holders, whose cursor is a public id of a kind of its own. */
export function holdersLink(call: Call, limit: number, position: number): string {
  const query = new URLSearchParams(call.query);
  query.set('limit', String(limit));
  query.set('next', encodeId('LICENSE_USER_PAGING', encodeCursor(position)));
  return `${call.origin}${call.path}?${query}`;
}

/** The position in the cursor of license holders, -1 without a cursor; a 400 when it was not made here. */
export function decodeHoldersCursor(cursor: string | null): number {
  return decodeCursor(cursor === null ? null : (decodeId('LICENSE_USER_PAGING', cursor) ?? cursor));
}
