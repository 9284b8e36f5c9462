import { UploadTimeout } from '../errors/source.ts';

/** How long an upload may take, in milliseconds. */
export interface UploadTimes {
  /** Without a byte. */
  readonly silent: number;
  /** From the first byte to the last. */
  readonly total: number;
}

/** The client closed the connection before the body was complete. Nobody reads an answer. */
export class UploadBrokenOff extends Error {}

/**
 * Reads a body as long as bytes arrive in time. Time in which nobody asks for the next bytes does not count as silence.
 * Throws UploadTimeout, and UploadBrokenOff if the client is gone.
 */
export async function* readInTime(
  body: ReadableStream<Uint8Array>,
  { silent, total }: UploadTimes,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  const end = performance.now() + total;
  for (;;) {
    const left = end - performance.now();
    const timeout =
      left < silent ? new UploadTimeout('total', total / 1_000) : new UploadTimeout('silent', silent / 1_000);
    const next = await unlessLate(reader.read().catch(brokenOff), Math.min(left, silent), timeout);
    if (next.done) return;
    yield next.value;
  }
}

function brokenOff(error: unknown): never {
  throw new UploadBrokenOff('The client closed the connection.', { cause: error });
}

async function unlessLate<T>(work: Promise<T>, milliseconds: number, late: Error): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late), milliseconds);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
