import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { AppEnvironment } from './request-log.ts';

type Refuse = (c: Context<AppEnvironment>) => Response;

/**
 * Refuses bodies that are larger than so many bytes. One whose length is told beforehand is not opened for that:
 * as a stream it costs more than all the rest of the way to GraphQL, and the server reads no more of it than was told.
 * @param tooLarge answers for one that is
 * @param broken answers for one that ended before it was whole
 */
export function limitBody(
  bytes: number,
  tooLarge: Refuse,
  broken: Refuse,
): MiddlewareHandler<AppEnvironment> {
  const readChunks = bodyLimit({ maxSize: bytes, onError: (c) => tooLarge(c) });
  return async (c, next) => {
    const length = c.req.header('content-length');
    if (length === undefined || c.req.header('transfer-encoding') !== undefined) {
      // What fails later does not reach it: so here the client broke off.
      return readChunks(c, next).catch(() => broken(c));
    }
    if (Number(length) > bytes) return tooLarge(c);
    return next();
  };
}
