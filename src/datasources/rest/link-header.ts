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
