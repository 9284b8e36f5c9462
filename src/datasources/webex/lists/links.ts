import { type UpstreamCall, UpstreamInvalid } from '../../../errors.ts';

/**
 * The query of the `next` link (RFC 8288), without the question mark; undefined where there is none. Only a
 * link to the same origin counts, because the token would go with it. `max=null`, which Webex has been seen
 * to send and to refuse, is dropped.
 * Throws UpstreamInvalid for a link that leads elsewhere.
 * @param header the header `Link`
 * @param asked the address that was answered
 */
export function nextQuery(header: string | undefined, asked: URL, call: UpstreamCall): string | undefined {
  const target = /<([^<>]*)>[^,<]*; ?rel="?next"?/i.exec(header ?? '')?.[1];
  if (target === undefined) return undefined;
  const link = URL.parse(target, asked.href);
  if (link === null || link.origin !== asked.origin) {
    throw new UpstreamInvalid(
      'Webex sent a link to the next page that leads elsewhere; it was not followed.',
      call,
    );
  }
  for (const [name, value] of [...link.searchParams]) {
    if (value === 'null') link.searchParams.delete(name);
  }
  return link.searchParams.toString();
}
