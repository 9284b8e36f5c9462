import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as endOfRound, setTimeout as sleep } from 'node:timers/promises';

/** New connections and requests are taken until none has come for so many milliseconds. */
const QUIET_MS = 250;
/** How long they are taken at most, in milliseconds: a load balancer may send more all the time. */
const STILL_TAKEN_MS = 2_000;
/** How long a new connection may take to send the first byte, in milliseconds. */
const FIRST_BYTE_MS = 500;
/** How often connections that have become idle are closed, in milliseconds. */
const SWEEP_MS = 50;

/**
 * Prepares a server to end without a request lost that was sent before.
 * @returns drains the server: from then on every answer closes its connection; new connections and requests are
 *   still taken until they stop to come, or for two seconds; then idle connections are closed, and the others when their answer is out, or after
 *   `longestMs` milliseconds. Resolves when no connection is left.
 */
export function drainable(server: Server): (longestMs: number) => Promise<void> {
  /** When each was accepted, in milliseconds. */
  const sockets = new Map<Socket, number>();
  let lastCameAt = 0;
  const open = new Set<ServerResponse>();
  let isDraining = false;
  server.on('connection', (socket) => {
    lastCameAt = performance.now();
    sockets.set(socket, lastCameAt);
    socket.once('close', () => sockets.delete(socket));
  });
  server.prependListener('request', (_request, response) => {
    lastCameAt = performance.now();
    if (isDraining) response.shouldKeepAlive = false;
    open.add(response);
    response.once('close', () => open.delete(response));
  });
  const closeIdle = () => {
    server.closeIdleConnections();
    // Browsers connect ahead of time. Node does not count a connection without a single byte as idle.
    const before = performance.now() - FIRST_BYTE_MS;
    for (const [socket, at] of sockets) if (socket.bytesRead === 0 && at < before) socket.destroy();
  };
  return async (longestMs) => {
    isDraining = true;
    for (const response of open) if (!response.headersSent) response.shouldKeepAlive = false;
    const began = performance.now();
    do {
      await sleep(SWEEP_MS);
      // In one round of the event loop connections are accepted, in another their requests are read.
      for (let round = 0; round < 3; round += 1) await endOfRound();
    } while (
      performance.now() - Math.max(began, lastCameAt) < QUIET_MS &&
      performance.now() - began < STILL_TAKEN_MS
    );
    const closed = once(server, 'close');
    server.close();
    closeIdle();
    // Connections whose answer had begun before, and promised to stay open.
    const sweep = setInterval(closeIdle, SWEEP_MS);
    const cut = setTimeout(
      () => server.closeAllConnections(),
      Math.max(0, longestMs - (performance.now() - began)),
    );
    await closed;
    clearInterval(sweep);
    clearTimeout(cut);
  };
}
