import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { InvalidConfiguration } from '../errors/start.ts';

/** What connected clients may take. */
export interface ClientLimits {
  /** How many clients may be connected at once. More are disconnected. */
  readonly maxConnections: number;
  /** Seconds that a client has to send the head of its request, and as many for the body. */
  readonly requestTimeout: number;
  /** Seconds after which a client that reads nothing of its answer is disconnected. */
  readonly responseTimeout: number;
}

/**
 * A server that does not listen yet. A client that sends its request too slowly is answered 408 and disconnected.
 * @param uploadPath where PUT takes long bodies. How long one may take is up to what answers there
 */
export function createHttpServer(
  answer: Parameters<typeof getRequestListener>[0],
  { maxConnections, requestTimeout, responseTimeout }: ClientLimits,
  uploadPath?: string,
): Server {
  const ms = Math.ceil(requestTimeout * 1_000);
  const server = createServer(
    // Node's own requestTimeout is one for all requests.
    { requestTimeout: 0, headersTimeout: ms, connectionsCheckingInterval: Math.min(ms, 1_000) },
    getRequestListener(answer),
  );
  server.maxConnections = maxConnections;
  cutOffSenders(server, ms, uploadPath);
  cutOffReaders(server, responseTimeout);
  return server;
}

/** Answers 408 to a client whose body is not complete after so many milliseconds, and disconnects it. */
function cutOffSenders(server: Server, ms: number, uploadPath: string | undefined): void {
  server.prependListener('request', (request, response) => {
    const hasBody =
      request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length']) > 0;
    if (!hasBody || isUpload(request, uploadPath)) return;
    const timer = setTimeout(() => {
      const { socket } = request;
      if (request.complete || socket.destroyed) return;
      if (!response.headersSent) socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
      socket.destroySoon();
    }, ms);
    request.once('close', () => clearTimeout(timer));
  });
}

function isUpload({ method, url }: IncomingMessage, uploadPath: string | undefined): boolean {
  return uploadPath !== undefined && method === 'PUT' && url?.split('?', 1)[0] === uploadPath;
}

/** Disconnects a client that has read nothing of what waits for it for so many seconds. */
function cutOffReaders(server: Server, seconds: number): void {
  const ms = Math.ceil(seconds * 1_000);
  const answers = new WeakMap<Socket, ServerResponse>();
  server.on('request', (request, response) => answers.set(request.socket, response));
  server.setTimeout(ms, (socket) => {
    const isUnread = socket.writableLength > 0;
    const isIdle = answers.get(socket)?.writableFinished === true;
    // Else the client waits for us, or we for its request; how long that may take is bounded elsewhere.
    if (isUnread || isIdle) socket.destroy();
    else socket.setTimeout(ms);
  });
}

/**
 * Begins to listen. As many connections as the server takes may wait to be accepted: Node's default of 511 loses
 * connections of a burst. Linux allows `net.core.somaxconn` at most.
 * @param variables which variables of the configuration to name if that fails
 * Throws InvalidConfiguration.
 */
export async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  variables: string,
): Promise<void> {
  server.listen({ host, port, backlog: server.maxConnections });
  try {
    await once(server, 'listening');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new InvalidConfiguration(variables, `cannot be listened on: ${host}:${port} (${reason}).`);
  }
}
