import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Client } from 'pg';
import type { Database } from './database.ts';

/**
 * Small messages between the processes on one database. They are not kept: who does not listen at the
 * moment does not hear them, so what must not be lost is stored first, and read after a gap.
 */
export interface Notices {
  /**
   * Tells everybody who has subscribed to the topic, this process included. Resolves when the database has
   * taken the notice.
   * @param payload goes as JSON
   * Throws RangeError when topic and payload together are too long, and StoreUnavailable.
   */
  publish(topic: string, payload: object): Promise<void>;
  /**
   * Hears what is published on a topic until the function that comes back is called.
   * @param listener what it throws is lost, and keeps nothing from the others; it looks for itself whether
   *   the payload, from a process that may run another version, is what it knows
   */
  subscribe(topic: string, listener: Listener, watch?: Watch): () => void;
}

type Listener = (payload: unknown) => unknown;

/** What a subscriber may want to know of the connection that it hears by. */
export interface Watch {
  /**
   * Notices may have gone by unheard since `subscribe`: called each time that listening begins, the first
   * included. From then on nothing is missed.
   */
  readonly onGap?: () => unknown;
  /** Listening cannot begin, and why: called once until it does. It is tried again and again. */
  readonly onFailure?: (error: unknown) => unknown;
}

/** Notices, and the end of them. */
export interface OwnedNotices extends Notices {
  /** Nothing is heard any more and no connection is left. Idempotent. */
  close(): Promise<void>;
}

const CHANNEL = 'webex_gateway_notices';
/** PostgreSQL bears 8000 bytes less one. */
const LONGEST_NOTICE_BYTES = 7_999;

interface Subscription {
  readonly topic: string;
  readonly listener: Listener;
  readonly watch: Watch;
}

/**
 * The notices of this database: NOTIFY with PostgreSQL. The embedded database has one process, where
 * telling it by way of the database would only cost a write to disk.
 */
export function createNotices(database: Database): OwnedNotices {
  const subscriptions = new Set<Subscription>();
  const deliver = (text: string) => {
    const notice = parseNotice(text);
    for (const { topic, listener } of [...subscriptions]) {
      if (topic === notice?.topic) void attempt(() => listener(notice.payload));
    }
  };
  const { server } = database;
  const line =
    server &&
    new Line(() => server.newClient(), deliver, {
      onGap: () => {
        for (const { watch } of [...subscriptions]) void attempt(() => watch.onGap?.());
      },
      onFailure: (error) => {
        for (const { watch } of [...subscriptions]) void attempt(() => watch.onFailure?.(error));
      },
    });
  return {
    async publish(topic, payload) {
      const text = JSON.stringify({ topic, payload });
      if (Buffer.byteLength(text) > LONGEST_NOTICE_BYTES) {
        throw new RangeError(`A notice on ${topic} is longer than ${LONGEST_NOTICE_BYTES} bytes.`);
      }
      if (line === undefined) deliver(text);
      else await sql`select pg_notify(${CHANNEL}, ${text})`.execute(database.db);
    },
    subscribe(topic, listener, watch = {}) {
      const subscription = { topic, listener, watch };
      subscriptions.add(subscription);
      line?.open();
      const { failure } = line ?? {};
      if (failure !== undefined) void attempt(() => watch.onFailure?.(failure));
      return () => {
        subscriptions.delete(subscription);
      };
    },
    async close() {
      subscriptions.clear();
      await line?.close();
    },
  };
}

function parseNotice(text: string): { topic: unknown; payload: unknown } | undefined {
  try {
    const { topic, payload } = JSON.parse(text);
    return { topic, payload };
  } catch {
    // Every user of the database may send anything on the channel.
    return undefined;
  }
}

/** One that fails, at once or later, is left alone. */
async function attempt(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch {}
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;

/** One connection that listens, from the first `open` to `close`, and is opened again when it is lost. */
class Line {
  readonly #newClient: () => Client;
  readonly #deliver: (text: string) => void;
  readonly #watch: Required<Watch>;
  readonly #closing = new AbortController();
  #client: Client | undefined;
  #work: Promise<void> | undefined;
  #waitMs = FIRST_WAIT_MS;
  /** Why listening cannot begin; undefined while it goes on, or if nobody knows yet. */
  failure: unknown;

  constructor(newClient: () => Client, deliver: (text: string) => void, watch: Required<Watch>) {
    this.#newClient = newClient;
    this.#deliver = deliver;
    this.#watch = watch;
  }

  open(): void {
    this.#work ??= this.#stayConnected();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await attempt(() => this.#client?.end());
    await this.#work;
  }

  async #stayConnected(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const client = this.#newClient();
      this.#client = client;
      const ended = new Promise((resolve) => client.once('end', resolve));
      try {
        // A client that is ended while it connects never says how connecting went.
        await Promise.race([this.#listen(client), ended]);
        await ended;
      } catch (error) {
        const isNews = this.failure === undefined;
        this.failure = error;
        if (isNews && !signal.aborted) this.#watch.onFailure(error);
      }
      await attempt(() => client.end());
      const wait = this.#waitMs * (0.5 + Math.random() / 2);
      this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_WAIT_MS);
      await attempt(() => sleep(wait, undefined, { signal }));
    }
  }

  async #listen(client: Client): Promise<void> {
    // How a connection breaks is said twice: as an error, which must be heard, and as its end.
    client.on('error', () => undefined);
    client.on('notification', ({ payload }) => this.#deliver(payload ?? ''));
    await client.connect();
    await client.query(`listen ${CHANNEL}`);
    this.#waitMs = FIRST_WAIT_MS;
    this.failure = undefined;
    this.#watch.onGap();
  }
}
