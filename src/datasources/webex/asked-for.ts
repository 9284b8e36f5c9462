import { type UpstreamCall, UpstreamInvalid } from '../../errors/upstream.ts';
import type { Slice } from '../rest/slices.ts';
import { canonicalEmail } from './canonical.ts';
import { isSameId } from './ids.ts';

/*
 * A filter may be ignored or widened: by a server, or by a proxy that drops the query. So what was asked for by equality
 * is compared with what came.
 */

/** Whether a person has an address; each of their addresses counts. */
export function hasEmail({ emails }: { readonly emails: readonly string[] }, email: string): boolean {
  const wanted = canonicalEmail(email);
  return emails.some((each) => canonicalEmail(each) === wanted);
}

/**
 * The record, if it is the one that was asked for by its id. Throws UpstreamInvalid: another record does not
 * prove that this one does not exist.
 */
export function withId<T extends { readonly id: string }>(record: T, id: string, call: UpstreamCall): T {
  if (isSameId(record.id, id)) return record;
  throw new UpstreamInvalid('Webex answered with another record than was asked for by id.', call);
}

/** A slice of a list without the records that were not asked for. */
export function onlyAsked<T>(slice: Slice<T>, isAsked: (record: T) => boolean): Slice<T> {
  return { ...slice, records: slice.records.filter(isAsked) };
}

/**
 * As `onlyAsked` for a filter that at most a few records match. Once a record comes that was not asked for, the filter
 * was not applied, and the list ends: what was asked for is not looked for in all of the organization.
 */
export function onlyFew<T>(slice: Slice<T>, isAsked: (record: T) => boolean): Slice<T> {
  const asked = onlyAsked(slice, isAsked);
  return asked.records.length === slice.records.length
    ? asked
    : { ...asked, next: undefined, total: undefined };
}
