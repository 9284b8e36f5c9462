import { Duplex } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';

/** A port to a thread that looks like a socket to the pg library. */
export class PortStream extends Duplex {
  readonly #open: () => MessagePort | undefined;
  #port: MessagePort | undefined;

  /** @param open makes the port when the library connects; undefined if the thread has ended */
  constructor(open: () => MessagePort | undefined) {
    super();
    this.#open = open;
  }

  /** Called by the pg library, which gives host and port: there are none. */
  connect(): this {
    const port = this.#open();
    if (port === undefined) return this.destroy(new Error('Connection terminated: the database has ended'));
    this.#port = port;
    port.on('message', (bytes: Uint8Array<ArrayBuffer>) => this.push(Buffer.from(bytes.buffer)));
    port.on('close', () => this.destroy());
    process.nextTick(() => this.emit('connect'));
    return this;
  }

  /** What sockets have beside and a port needs none of. */
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    this.#port?.ref();
    return this;
  }
  unref(): this {
    this.#port?.unref();
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#send([chunk]);
    done();
  }
  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    this.#send(chunks.map(({ chunk }) => chunk));
    done();
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#port?.close();
    done(error);
  }

  /** In one message, whose memory is handed over: that of Node's pool cannot be. */
  #send(chunks: readonly Buffer[]): void {
    const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    this.#port?.postMessage(bytes, [bytes.buffer]);
  }
}
