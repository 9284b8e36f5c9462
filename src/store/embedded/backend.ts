import type { PGlite } from '@electric-sql/pglite';

/** What ReadyForQuery says of a session that is in no transaction. */
const IDLE = 'I'.charCodeAt(0);
/** A message Query of the protocol that ends the transaction of a session. */
const ROLLBACK = Buffer.from('Q\0\0\0\x0drollback\0', 'latin1');
/** How ReadyForQuery begins, which ends each answer but those to Flush; the status comes behind. */
const READY = Buffer.from('Z\0\0\0\x05', 'latin1');
const READY_SIZE = READY.length + 1;
const FLUSH = Buffer.from('H\0\0\0\x04', 'latin1');
/** How much of an answer travels in one message, in bytes. */
const CHUNK = 65_536;

/** PostgreSQL has ended in the middle of an answer. */
class DatabaseEnded extends Error {
  /** The SQLSTATE that it ended with, if it said one. */
  readonly code: string | undefined;

  /** @param said the end of its answer */
  constructor(said: Uint8Array) {
    super('PostgreSQL has ended');
    this.name = 'DatabaseEnded';
    this.code = /\0C(\w{5})\0/.exec(Buffer.from(said).toString('latin1'))?.[1];
  }
}

/** The one session of an embedded database. It does one thing at a time, in the order in which it is asked. */
export class Backend {
  readonly #pglite: PGlite;
  #last: Promise<unknown> = Promise.resolve();
  #status = IDLE;
  #ended: DatabaseEnded | undefined;

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
    let end: Uint8Array = new Uint8Array();
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
        end = bytes.length < READY_SIZE ? Buffer.concat([end, bytes]) : bytes.slice();
        if (size >= CHUNK) send();
      },
    });
    if (size > 0) send();
    if (FLUSH.equals(messages.subarray(-FLUSH.length))) return;
    // After a panic PGlite says nothing of its end, and the next question would never be answered.
    if (!READY.equals(end.subarray(-READY_SIZE, -1))) {
      this.#ended = new DatabaseEnded(end);
      throw this.#ended;
    }
    this.#status = end.at(-1) ?? IDLE;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => {
      if (this.#ended !== undefined) throw this.#ended;
      return work();
    });
    this.#last = done.catch(() => undefined);
    return done;
  }
}
