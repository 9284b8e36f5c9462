import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshFolder } from '../databases.ts';
import { freePort, kill, type Running, startProgram } from '../processes.ts';

const PATH = '/graphql?query={connectors{name}}';

interface Sent {
  readonly at: number;
  /** The header Connection of the answer; undefined if there was none. */
  readonly connection: string | undefined;
  readonly failure: string | undefined;
}

/** Sends one request on a kept connection. */
function send(port: string, agent: Agent): Promise<Sent> {
  const at = performance.now();
  return new Promise((resolve) => {
    const request = get({ port, host: '127.0.0.1', path: PATH, agent }, (response) => {
      response.resume();
      response.once('end', () =>
        resolve({ at, connection: response.headers.connection, failure: undefined }),
      );
    });
    request.once('error', (error: NodeJS.ErrnoException) => {
      resolve({ at, connection: undefined, failure: error.code ?? error.message });
    });
  });
}

/** Sends one request after the other on one kept connection, until one fails. */
async function sendOn(port: string, sent: Sent[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (;;) {
    const done = await send(port, agent);
    sent.push(done);
    if (done.failure !== undefined) break;
  }
  agent.destroy();
}

async function open(port: string): Promise<Socket> {
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

describe('a gateway that is told to stop', () => {
  const ends = new AsyncDisposableStack();
  let port: string;
  let server: Running;

  beforeEach(async () => {
    port = await freePort();
    server = startProgram('server.ts', {
      PORT: port,
      DATA_DIR: ends.use(await freshFolder()).dataDir,
      // Longer than a test may take.
      REQUEST_TIMEOUT: '120',
      LOG_LEVEL: 'warn',
    });
    await server.listening;
  });
  afterEach(() => kill(server));
  afterAll(() => ends.disposeAsync());

  it('answers every request that was sent before, on kept and on new connections, and closes them', async () => {
    const sent: Sent[] = [];
    const clients = Array.from({ length: 20 }, () => sendOn(port, sent));
    await expect.poll(() => sent.length, { timeout: 20_000 }).toBeGreaterThan(100);
    // Fifty more connections, of which the process may not have accepted any by the time of the signal.
    const fresh = Array.from({ length: 50 }, () => send(port, new Agent()));
    await sleep(0);
    const signalled = performance.now();
    server.child.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
    await Promise.all(clients);
    const before = [...sent.filter(({ at }) => at <= signalled), ...(await Promise.all(fresh))];
    expect(before.filter(({ failure }) => failure !== undefined)).toEqual([]);
    const closed = sent.filter(({ connection }) => connection === 'close');
    expect(closed.length).toBeGreaterThanOrEqual(clients.length);
  });

  it('waits for no connection that is idle, whether it has sent something or nothing', async () => {
    const silent = await open(port);
    const kept = await open(port);
    kept.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(kept, 'data');
    const closed = [silent, kept].map((socket) => once(socket.resume(), 'close'));
    server.child.kill('SIGTERM');
    await Promise.all(closed);
    expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('has room for the connections of a burst until it comes to accept them', async () => {
    // Linux allows so many; Node asks for 511 by default.
    const allowed = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
    server.child.kill('SIGSTOP');
    // Nobody accepts them now: they are connected because there is room for them in the queue.
    const sockets = await Promise.all(Array.from({ length: Math.min(800, allowed) }, () => open(port)));
    server.child.kill('SIGCONT');
    const answers = sockets.map(async (socket) => {
      socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
      return String((await once(socket, 'data'))[0]).split('\r\n')[0];
    });
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['HTTP/1.1 200 OK']));
    for (const socket of sockets) socket.destroy();
  });
});
