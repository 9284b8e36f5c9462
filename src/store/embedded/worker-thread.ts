import type { Duplex } from 'node:stream';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { StoreInUse, StoreUnavailable } from '../../errors/start.ts';
import { reasonOf } from '../database-failures.ts';
import { PortStream } from './port-stream.ts';
import type { Program } from './program.ts';
import type { Recovery } from './recovery-mark.ts';

/** What the thread of an embedded database is started with. */
export interface WorkerInput {
  /** Its data folder; undefined for a database in memory. */
  readonly dataDir?: string | undefined;
  /** Only in memory: an initialised data folder as PGlite dumps it. */
  readonly memoryImage?: Blob | undefined;
  /** PostgreSQL as an earlier thread of this process has compiled it. */
  readonly program?: Program | undefined;
}

/** What the thread is told to do. */
export type WorkerOrder =
  | { readonly do: 'connect'; readonly port: MessagePort }
  | { readonly do: 'forget recovery' | 'close' };

/** What came of opening the database. */
export type WorkerNews =
  | { readonly state: 'open'; readonly recovery: Recovery | undefined; readonly program: Program }
  | { readonly state: 'in use' }
  | { readonly state: 'refused'; readonly reason: string };

/** An embedded database that is open in a thread of its own. */
export interface EmbeddedThread {
  /** How far its recovery came if its last process did not end well and this was not reported yet. */
  readonly recovery: Recovery | undefined;
  /** Marks the recovery as reported. */
  forgetRecovery(): void;
  /** A connection for the pg library, not open yet. One is served at a time. */
  connect(): Duplex;
  /** Resolves with the reason if the thread ends though it was not closed, after all connections are broken. */
  readonly lost: Promise<StoreUnavailable>;
  /** Closes the database, then lets the next process in. Idempotent. */
  close(): Promise<void>;
}

/** So that a process that opens one database after the other compiles PostgreSQL once. */
let compiled: Program | undefined;

/** Names an embedded database at the beginning of a sentence. */
export function locationOf({ dataDir }: WorkerInput): string {
  return `The database (embedded, in ${dataDir === undefined ? 'memory' : `the folder ${dataDir}`})`;
}

/** Says that the thread of a database has ended. */
function sayLost(input: WorkerInput, reason: string): string {
  return `${locationOf(input)} is lost: its thread has ended (${reason}). Start the gateway again.`;
}

/**
 * Opens an embedded database in a thread of its own, so that nobody else waits while it works.
 * Throws StoreInUse, or StoreUnavailable when the database is damaged or the folder cannot be used.
 */
export async function startThread(input: WorkerInput): Promise<EmbeddedThread> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    name: 'database',
    workerData: { ...input, program: compiled },
  });
  const streams = new Set<Duplex>();
  let failure: string | undefined;
  let isClosing = false;
  let hasEnded = false;
  const lost = Promise.withResolvers<string>();
  // A failure comes before the end.
  worker.on('error', (error) => {
    failure = reasonOf(error);
  });
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      hasEnded = true;
      for (const stream of streams) stream.destroy();
      if (!isClosing) lost.resolve(failure ?? `exit code ${code}`);
      resolve();
    });
  });
  const opened = new Promise<WorkerNews>((resolve) => worker.once('message', resolve));
  const news = await Promise.race([opened, lost.promise]);
  if (typeof news === 'string') throw new StoreUnavailable(sayLost(input, news));
  if (news.state !== 'open') {
    isClosing = true;
    await ended;
    throw news.state === 'in use' ? new StoreInUse(input.dataDir ?? '') : new StoreUnavailable(news.reason);
  }
  compiled = news.program;
  const tell = (order: WorkerOrder, transfer: MessagePort[] = []) => worker.postMessage(order, transfer);
  return {
    recovery: news.recovery,
    forgetRecovery: () => tell({ do: 'forget recovery' }),
    connect() {
      const stream = new PortStream(() => {
        if (hasEnded) return undefined;
        const { port1, port2 } = new MessageChannel();
        tell({ do: 'connect', port: port2 }, [port2]);
        return port1;
      });
      streams.add(stream);
      stream.once('close', () => streams.delete(stream));
      return stream;
    },
    lost: lost.promise.then((reason) => new StoreUnavailable(sayLost(input, reason))),
    async close() {
      if (!isClosing) tell({ do: 'close' });
      isClosing = true;
      await ended;
    },
  };
}
