import type { Context, MiddlewareHandler } from 'hono';
import { TooMuchUnderWay } from '../../errors/limits.ts';
import type { MemoryBudget, Reservation } from '../graphql/memory-budget.ts';
import type { AppEnvironment } from '../request-log.ts';
import { refuse, refuseForNow } from './refusal.ts';

/** A body is in memory as bytes, as text, and as what is read of it. */
const COPIES = 3;
/** Bytes of memory for each chunk beside what it holds: clients choose how small their chunks are. */
const CHUNK_OVERHEAD = 150;

/** What becomes of bodies that are not read. */
export interface BodyLimits {
  /** Bytes of the largest body that is read. */
  readonly largest: number;
  /** The memory that bodies may take. */
  readonly budget: MemoryBudget;
  /** Who sends a body. */
  readonly callerId: (c: Context<AppEnvironment>) => string;
  /** Answers for a body that ended before it was whole. */
  readonly broken: () => Response;
}

/**
 * Refuses bodies that are too large, or for which there is no memory just now: before anything is read if the length is
 * told beforehand, else as it comes. The former is not opened here: as a stream it costs more than all the rest of the way
 * to GraphQL, and the server reads no more of it than was told.
 */
export function limitBody(limits: BodyLimits): MiddlewareHandler<AppEnvironment> {
  const { largest, budget, callerId, broken } = limits;
  const tooLarge = (c: Context<AppEnvironment>) =>
    refuse(c, 413, 'BODY_TOO_LARGE', `The request is larger than ${largest} bytes.`);
  return async (c, next) => {
    if (c.req.method === 'GET') return next();
    using reserved = new Reservations((bytes) => budget.take(callerId(c), COPIES * bytes));
    try {
      const length = c.req.header('content-length');
      if (length === undefined || c.req.header('transfer-encoding') !== undefined) {
        const body = await readChunks(c.req.raw, largest, reserved);
        if (body === 'too large') return tooLarge(c);
        if (body === 'broken') return broken();
        c.req.raw = new Request(c.req.raw, { body });
      } else if (Number(length) > largest) return tooLarge(c);
      else reserved.add(Number(length));
    } catch (error) {
      if (error instanceof TooMuchUnderWay) return refuseForNow(c, error);
      throw error;
    }
    return await next();
  };
}

/** What is reserved for one body, part by part. */
class Reservations implements Disposable {
  readonly #take: (bytes: number) => Reservation;
  readonly #all: Reservation[] = [];

  constructor(take: (bytes: number) => Reservation) {
    this.#take = take;
  }

  /** Throws TooMuchUnderWay. */
  add(bytes: number): void {
    this.#all.push(this.#take(bytes));
  }

  [Symbol.dispose](): void {
    for (const reservation of this.#all) reservation.release();
  }
}

/** The body of a request whose length is not known beforehand. Throws TooMuchUnderWay. */
async function readChunks(
  { body }: Request,
  largest: number,
  reserved: Reservations,
): Promise<Buffer<ArrayBuffer> | null | 'too large' | 'broken'> {
  if (body === null) return null;
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const read = await reader.read().catch(() => undefined);
    if (read === undefined) return 'broken';
    if (read.done) return Buffer.concat(chunks);
    bytes += read.value.length;
    if (bytes > largest) return 'too large';
    reserved.add(read.value.length + CHUNK_OVERHEAD);
    chunks.push(read.value);
  }
}
