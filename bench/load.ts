import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/**
 * Sends the same request over and over, on so many connections, one at a time on each. It counts bytes and
 * parses nothing, so that the machine is left to the server. Throws when an answer has another length.
 * @returns answers a second
 */
export async function requestsPerSecond(
  port: number,
  body: string,
  options: { readonly connections: number; readonly ms: number },
): Promise<number> {
  const request = [
    'POST /graphql HTTP/1.1',
    `Host: localhost:${port}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
  const length = await lengthOfAnswer(port, request);
  let answers = 0;
  let ends = false;
  const began = performance.now();
  const load = async () => {
    const socket = await open(port);
    let bytes = 0;
    const done = Promise.withResolvers<void>();
    socket.on('error', done.reject);
    socket.on('data', (data) => {
      bytes += data.length;
      if (bytes > length) done.reject(new Error(`An answer is longer than ${length} bytes.`));
      if (bytes !== length) return;
      bytes = 0;
      answers += 1;
      if (ends) done.resolve();
      else socket.write(request);
    });
    socket.write(request);
    await done.promise;
    socket.destroy();
  };
  const timer = setTimeout(() => {
    ends = true;
  }, options.ms);
  try {
    await Promise.all(Array.from({ length: options.connections }, load));
  } finally {
    clearTimeout(timer);
  }
  return (answers * 1_000) / (performance.now() - began);
}

/** How many bytes come for one request; the connection stays open, so their end is a moment of silence. */
async function lengthOfAnswer(port: number, request: string): Promise<number> {
  const socket = await open(port);
  socket.write(request);
  let bytes = 0;
  socket.on('data', (data) => {
    bytes += data.length;
  });
  for (let before = -1; before !== bytes || bytes === 0; ) {
    before = bytes;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  socket.destroy();
  return bytes;
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket.setNoDelay();
}
