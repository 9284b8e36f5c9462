import type { PGlite } from '@electric-sql/pglite';

/** What ReadyForQuery says of a session that is in no transaction. */
const IDLE = 'I'.charCodeAt(0);
/** A message Query of the protocol that ends the transaction of a session. */
const ROLLBACK = Buffer.from('Q\0\0\0\x0drollback\0', 'latin1');
/** How much of an answer travels in one message, in bytes. */
const CHUNK = 65_536;

/** The one session of an embedded database. It does one thing at a time, in the order in which it is asked. */
export class Backend {
  readonly #pglite: PGlite;
  #last: Promise<unknown> = Promise.resolve();
  #status = IDLE;

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  get closed(): boolean {
    return this.#pglite.closed;
  }

  /** Asks a question of our own in between those of clients. Rejects with the errors of PGlite. */
  query<Row>(statement: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.#inTurn(async () => (await this.#pglite.query<Row>(statement, [...values])).rows);
  }

  /**
   * Hands messages of the protocol to PostgreSQL.
   * @param messages whole ones, of which the last asks for an answer: Query, Sync or Flush
   * @param answer is called with each part of the answer, which is its own to transfer
   * Rejects if the database is broken; a failed query is an answer.
   */
  exchange(messages: Uint8Array, answer: (part: Uint8Array<ArrayBuffer>) => void): Promise<void> {
    return this.#inTurn(() => this.#exchange(messages, answer));
  }

  /** Ends the transaction that a client has left open. */
  reset(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#status !== IDLE) await this.#exchange(ROLLBACK, () => undefined);
    });
  }

  /** Closes the database when everything before is done. Idempotent. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#pglite.closed) await this.#pglite.close();
    });
  }

  async #exchange(messages: Uint8Array, answer: (part: Uint8Array<ArrayBuffer>) => void): Promise<void> {
    let parts: Uint8Array[] = [];
    let size = 0;
    const send = () => {
      const whole = new Uint8Array(size);
      let at = 0;
      for (const part of parts) {
        whole.set(part, at);
        at += part.length;
      }
      [parts, size] = [[], 0];
      answer(whole);
    };
    await this.#pglite.execProtocolRawStream(messages, {
      onRawData: (bytes) => {
        // PostgreSQL writes the next part to the same memory.
        parts.push(bytes.slice());
        size += bytes.length;
        // An answer ends with ReadyForQuery, and that with the status.
        this.#status = bytes.at(-1) ?? this.#status;
        if (size >= CHUNK) send();
      },
    });
    if (size > 0) send();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
