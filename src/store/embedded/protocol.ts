/** Length of a message without its type. */
const LENGTH = 4;
const [QUERY, SYNC, FLUSH, TERMINATE] = ['Q', 'S', 'H', 'X'].map((letter) => letter.charCodeAt(0));

/** What a client has asked for. */
export type ClientRequest =
  | { readonly kind: 'startup' }
  | { readonly kind: 'terminate' }
  /** Whole messages, the last of which asks for an answer. */
  | { readonly kind: 'messages'; readonly bytes: Uint8Array };

/** What a server says when a client may begin: AuthenticationOk, and ReadyForQuery outside a transaction. */
export const WELCOME = Uint8Array.from(Buffer.from('R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I', 'latin1'));

/**
 * Takes what a client of PostgreSQL sends apart into what can be done at once: its startup packet, then messages up to
 * each that asks for an answer (https://www.postgresql.org/docs/current/protocol-message-formats.html).
 */
export class RequestReader {
  #unread: Uint8Array = new Uint8Array();
  #hasStarted = false;

  /** @param bytes what has come since, cut anywhere */
  *read(bytes: Uint8Array): Generator<ClientRequest> {
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    let from = 0;
    for (let at = 0; ; ) {
      const type = this.#hasStarted ? this.#unread[at] : undefined;
      const end = this.#endOf(at);
      if (end === undefined) break;
      at = end;
      if (!this.#hasStarted) {
        this.#hasStarted = true;
        yield { kind: 'startup' };
      } else if (type === TERMINATE) {
        yield { kind: 'terminate' };
      } else if (type === QUERY || type === SYNC || type === FLUSH) {
        yield { kind: 'messages', bytes: this.#unread.subarray(from, at) };
      } else {
        continue;
      }
      from = at;
    }
    this.#unread = this.#unread.subarray(from);
  }

  /** Where the message that begins at a position ends; undefined if it is not whole yet. */
  #endOf(start: number): number | undefined {
    const at = this.#hasStarted ? start + 1 : start;
    const { buffer, byteOffset, length } = this.#unread;
    if (at + LENGTH > length) return undefined;
    const end = at + new DataView(buffer, byteOffset + at).getInt32(0);
    return end > length ? undefined : end;
  }
}
