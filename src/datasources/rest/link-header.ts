import { serviceOf, type UpstreamCall, UpstreamInvalid } from '../../errors/upstream.ts';

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
      `${serviceOf(call)} sent a Link header that cannot be read. It may announce a next page.`,
      call,
    );
  }
  const target = links.find(({ relations }) => relations.includes('next'))?.target;
  if (target === undefined) return undefined;
  const link = URL.parse(target, asked.href);
  if (link === null || !isOf(link, resource)) {
    throw new UpstreamInvalid(
      `${serviceOf(call)} sent a link to the next page that leads to another resource.`,
      call,
    );
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

/** One link of a `Link` header. */
export interface HeaderLink {
  /** As it stands between the angle brackets, perhaps relative. */
  readonly target: string;
  /** Its relation types, in lower case. */
  readonly relations: readonly string[];
}

/** More than any HTTP client passes on, in characters. */
const LONGEST_HEADER = 65_536;
const ENDS_OF_TOKEN = new Set([...' \t=;,"<>']);

/**
 * The links of a `Link` header (RFC 8288, section 3), in linear time; undefined if it is not one. Tolerates empty
 * elements and parameters without a value. Of several `rel` parameters of a link only the first counts.
 *
 * Our own, because libraries lose `rel` behind a parameter without a value, or refuse empty elements.
 */
export function parseLinkHeader(header: string): readonly HeaderLink[] | undefined {
  return header.length > LONGEST_HEADER ? undefined : new LinkParser(header).links();
}

/** Reads one header from its beginning to its end. */
class LinkParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  links(): readonly HeaderLink[] | undefined {
    const links: HeaderLink[] = [];
    for (;;) {
      while (this.#takes(',')) this.#at += 1;
      if (this.#isAtEnd) return links;
      const target = this.#takes('<') ? this.#target() : undefined;
      const relations = target === undefined ? undefined : this.#relations();
      if (target === undefined || relations === undefined) return undefined;
      links.push({ target, relations });
    }
  }

  /** Whether the next character that is no white space is this one. */
  #takes(character: string): boolean {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at += 1;
    return this.#text[this.#at] === character;
  }

  get #isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  #target(): string | undefined {
    const end = this.#text.indexOf('>', this.#at);
    if (end === -1) return undefined;
    const target = this.#text.slice(this.#at + 1, end).trim();
    this.#at = end + 1;
    return target;
  }

  /** The relation types among the parameters, up to the next link; undefined if the parameters cannot be read. */
  #relations(): readonly string[] | undefined {
    let relations: readonly string[] | undefined;
    while (!this.#takes(',') && !this.#isAtEnd) {
      if (!this.#takes(';')) return undefined;
      this.#at += 1;
      if (this.#takes(';') || this.#takes(',') || this.#isAtEnd) continue;
      const name = this.#token().toLowerCase();
      if (name === '') return undefined;
      const value = this.#takes('=') ? this.#value() : '';
      if (value === undefined) return undefined;
      if (name === 'rel') relations ??= value.toLowerCase().split(/[ \t]/);
    }
    return relations ?? [];
  }

  #token(): string {
    const begin = this.#at;
    while (!this.#isAtEnd && !ENDS_OF_TOKEN.has(this.#text[this.#at] ?? '')) this.#at += 1;
    return this.#text.slice(begin, this.#at);
  }

  #value(): string | undefined {
    this.#at += 1;
    return this.#takes('"') ? this.#quoted() : this.#token();
  }

  #quoted(): string | undefined {
    let value = '';
    for (this.#at += 1; !this.#isAtEnd; this.#at += 1) {
      if (this.#text[this.#at] === '"') {
        this.#at += 1;
        return value;
      }
      if (this.#text[this.#at] === '\\') this.#at += 1;
      value += this.#text[this.#at] ?? '';
    }
    return undefined;
  }
}
