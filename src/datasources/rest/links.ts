import { type UpstreamCall, UpstreamInvalid } from '../../errors/upstream.ts';
import { parseLinkHeader } from './link-header.ts';

/**
 * The query of the link to the next page, without the question mark; undefined if there is no such link. Only the
 * parameters of the link are taken, and our own origin is asked with them, so the token goes nowhere else. Scheme, host
 * and what stands in front of the resource may differ: Webex has had several names, and proxies have their own.
 * `max=null`, which Webex has been seen to send and to refuse, is dropped.
 * Throws UpstreamInvalid for a header that cannot be read, which may hide a next page, and for a link to another
 * resource.
 * @param header the header `Link`
 * @param asked the address that was answered
 * @param resource the end of its path, as `/people`
 */
export function nextQuery(
  header: string | undefined,
  asked: URL,
  resource: string,
  call: UpstreamCall,
): string | undefined {
  if (header === undefined) return undefined;
  const links = parseLinkHeader(header);
  if (links === undefined) {
    throw new UpstreamInvalid(
      'Webex sent a Link header that cannot be read. It may announce a next page.',
      call,
    );
  }
  const target = links.find(({ relations }) => relations.includes('next'))?.target;
  if (target === undefined) return undefined;
  const link = URL.parse(target, asked.href);
  if (link === null || !isOf(link, resource)) {
    throw new UpstreamInvalid('Webex sent a link to the next page that leads to another resource.', call);
  }
  for (const [name, value] of [...link.searchParams]) {
    if (value === 'null') link.searchParams.delete(name);
  }
  return link.searchParams.toString();
}

/** Whether a link leads to a resource. Webex spells `members` with a capital, too, and ids encoded or not. */
function isOf({ protocol, pathname }: URL, resource: string): boolean {
  if (protocol !== 'https:' && protocol !== 'http:') return false;
  return comparable(pathname).endsWith(comparable(resource));
}

function comparable(path: string): string {
  const whole = path.endsWith('/') ? path.slice(0, -1) : path;
  try {
    return decodeURIComponent(whole).replace(/\/Members$/, '/members');
  } catch {
    return whole;
  }
}
