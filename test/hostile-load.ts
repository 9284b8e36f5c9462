import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { hashKey, newKey } from '../src/access/key-format.ts';
import { freshFolder } from './databases.ts';
import {
  askPort,
  connectPort,
  createConnectorAt,
  freePort,
  INTEGRATION,
  kill,
  startProgram,
  startSandboxFor,
} from './processes.ts';

/** A gateway with little memory, and a caller who may read and nothing else. */
export interface SmallGateway extends AsyncDisposable {
  /** Sends queries for many pages of users at once. Resolves with the codes of each answer; none for a whole answer. */
  askMuch(queries: number, aliases: number): Promise<readonly (readonly string[])[]>;
  /** Sends so many bodies of 1 MiB but for their last byte. Resolves when as many were answered as are refused at once. */
  sendUnfinished(bodies: number): Promise<Unfinished>;
  /** Bytes of memory that the process has. */
  memory(): Promise<number>;
  /** Whether the process lives. */
  lives(): boolean;
  /** Probes `/health` until it is stopped, which tells the longest time that one took, in milliseconds. */
  probe(): { stop(): Promise<number> };
}

interface Unfinished extends Disposable {
  /** The status lines that came back. */
  readonly statuses: () => readonly string[];
}

const BODY = 1024 * 1024;

/** Starts a gateway as a process, connected to an organization of a thousand users. */
export async function startSmallGateway(heapMegabytes: number): Promise<SmallGateway> {
  const resources = new AsyncDisposableStack();
  const [port, metricsPort] = await Promise.all([freePort(), freePort()]);
  const webex = resources.use(await startSandboxFor([port], { latencyMs: 20 }, 1_000));
  const folder = resources.use(await freshFolder());
  const key = newKey();
  const administrator = { authorization: `Bearer ${key}` };
  const server = startProgram('server.ts', {
    ...{ PORT: port, PUBLIC_URL: `http://localhost:${port}`, METRICS_PORT: metricsPort },
    ...{ DATA_DIR: folder.dataDir, ACCESS_CONTROL: 'on', ADMIN_KEY_HASH: hashKey(key) },
    ...{ LOG_LEVEL: 'warn', NODE_OPTIONS: `--max-old-space-size=${heapMegabytes}` },
  });
  resources.defer(() => kill(server));
  await server.listening;
  const settings = { name: 'acme', ...INTEGRATION };
  const connectorId = await createConnectorAt(port, webex.url, settings, administrator);
  await connectPort(port, connectorId, administrator);
  const { data } = await askPort<{ createApiKey: { key: string } }>(
    port,
    'mutation { createApiKey(input: { name: "reader", grants: [{ scope: READ }] }) { key } }',
    {},
    administrator,
  );
  const reader = { authorization: `Bearer ${data.createApiKey.key}` };

  return {
    async askMuch(queries, aliases) {
      // Each alias asks for a page of its own, so that none is shared.
      const pages = Array.from(
        { length: aliases },
        (_, index) => `a${index}: users(first: ${1_000 - index}) { nodes { id displayName emails } }`,
      );
      const query = `{ connector { ${pages.join(' ')} } }`;
      return Promise.all(
        Array.from({ length: queries }, async () => {
          const { errors = [] } = await askPort(port, query, {}, { ...reader, 'Webex-Deadline': '120' });
          return errors.map(({ extensions }) => extensions.code);
        }),
      );
    },
    async sendUnfinished(bodies) {
      const answers: string[] = [];
      const sockets: Socket[] = [];
      const head = `POST /graphql HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: ${reader.authorization}\r\nContent-Type: application/json\r\nContent-Length: ${BODY}\r\n\r\n`;
      for (let index = 0; index < bodies; index += 1) {
        const socket = connect(Number(port), '127.0.0.1');
        socket.on('error', () => undefined);
        socket.on('data', (chunk) => answers.push(chunk.toString('latin1').split('\r\n')[0] ?? ''));
        await once(socket, 'connect');
        socket.write(head);
        socket.write(Buffer.alloc(BODY - 1, ' '));
        sockets.push(socket);
      }
      return {
        statuses: () => answers,
        [Symbol.dispose]: () => {
          for (const socket of sockets) socket.destroy();
        },
      };
    },
    async memory() {
      const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
    },
    lives: () => server.child.exitCode === null && server.child.signalCode === null,
    probe() {
      const worker = new Worker(new URL('./probe.ts', import.meta.url), { workerData: { port } });
      return {
        async stop() {
          worker.postMessage('stop');
          const [longest]: unknown[] = await once(worker, 'message');
          return Number(longest);
        },
      };
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
