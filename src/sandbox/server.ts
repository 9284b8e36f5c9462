import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { mount, mountNotFound, type Passage } from './http/mount.ts';

/** A server that listens, and how to stop it. */
export interface Listening {
  readonly port: number;
  /** Ends every connection, running requests included. */
  close(): Promise<void>;
}

/**
 * Serves a system at a port of this machine; 0 is any free one.
 * Rejects when the port is taken.
 */
export async function listen(passage: Passage, port: number, host: string): Promise<Listening> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  for (const route of passage.service.routes) mount(app, route, passage);
  mountNotFound(app, passage);
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    overrideGlobalObjects: false,
  });
  // A client that reuses a connection just as it closes sees a reset: 65 seconds is longer than clients wait.
  const server = createServer({ keepAliveTimeout: 65_000 }, listener);
  server.on('connection', (socket) => passage.recorder.connected(socket));
  const actualPort = await start(server, port, host);
  return { port: actualPort, close: () => stop(server) };
}

function start(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(portOf(server.address())));
  });
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('The server has no port.');
  return address.port;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
