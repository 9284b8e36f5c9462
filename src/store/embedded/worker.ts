import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { StoreInUse, StoreUnavailable } from '../../errors/start.ts';
import { Backend } from './backend.ts';
import { START_PARAMS } from './durable-file-system.ts';
import { openEmbeddedDatabase } from './embedded-database.ts';
import { compileProgram, type Program } from './program.ts';
import { RequestReader, WELCOME } from './protocol.ts';
import type { RecoveryMark } from './recovery-mark.ts';
import type { WorkerInput, WorkerNews, WorkerOrder } from './worker-thread.ts';

// The thread that the embedded database has for itself: `worker-thread.ts` starts it.

interface OpenDatabase {
  readonly backend: Backend;
  readonly mark?: RecoveryMark;
  close(): Promise<void>;
}

const input: WorkerInput = workerData;
let current: MessagePort | undefined;

try {
  const program = input.program ?? (await compileProgram());
  const database = await open(input, program);
  parentPort?.on('message', (order: WorkerOrder) => void obey(order, database));
  tell({ state: 'open', recovery: database.mark?.recovery, program });
} catch (error) {
  if (error instanceof StoreInUse) tell({ state: 'in use' });
  else if (error instanceof StoreUnavailable) tell({ state: 'refused', reason: error.message });
  else throw error;
}

function tell(news: WorkerNews): void {
  parentPort?.postMessage(news);
}

async function open({ dataDir, memoryImage }: WorkerInput, program: Program): Promise<OpenDatabase> {
  if (dataDir !== undefined) return openEmbeddedDatabase(dataDir, program);
  const image = memoryImage === undefined ? {} : { loadDataDir: memoryImage };
  const startParams = [...START_PARAMS];
  const pglite = await PGlite.create({ dataDir: 'memory://', startParams, ...program, ...image });
  const backend = new Backend(pglite);
  return { backend, close: () => backend.close() };
}

async function obey(order: WorkerOrder, { backend, mark, close }: OpenDatabase): Promise<void> {
  if (order.do === 'connect') serve(order.port, backend);
  else if (order.do === 'forget recovery') mark?.told();
  else {
    await mark?.close();
    await close();
    // Nothing keeps the thread any more.
    parentPort?.close();
  }
}

/** Speaks PostgreSQL's protocol with a client. Only one client is served: the next one takes its place. */
function serve(port: MessagePort, backend: Backend): void {
  const reader = new RequestReader();
  current = port;
  // The database is broken: its client is told, and the thread ends.
  const fail = (error: unknown) => {
    port.close();
    throw error;
  };
  port.on('message', (bytes: Uint8Array) => {
    for (const request of reader.read(bytes)) {
      if (request.kind === 'terminate') port.close();
      else if (request.kind === 'startup') {
        void backend.reset().then(() => port.postMessage(WELCOME), fail);
      } else if (port === current) {
        void backend.exchange(request.bytes, (part) => port.postMessage(part, [part.buffer])).catch(fail);
      }
    }
  });
}
