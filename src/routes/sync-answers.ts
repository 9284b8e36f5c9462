import type { Context } from 'hono';
import { GatewayError } from '../errors/gateway-error.ts';
import { TooMuchUnderWay } from '../errors/limits.ts';
import { describeError } from '../telemetry/error-facts.ts';
import type { Logger } from '../telemetry/logger.ts';
import { refuseCaller } from './guards/authentication.ts';
import { refuse, refuseForNow } from './guards/refusal.ts';
import type { AppEnvironment } from './request-log.ts';
import { UploadBrokenOff } from './upload-clock.ts';

const STATUSES: ReadonlyMap<string, Parameters<typeof refuse>[1]> = new Map([
  ['INVALID_INPUT', 400],
  ['NOT_FOUND', 404],
  ['PLAN_NOT_APPLICABLE', 409],
  ['UPLOAD_TIMEOUT', 408],
  ['FILE_TOO_LARGE', 413],
  ['FILE_INCOMPLETE', 422],
  ['UNREADABLE_FILE', 422],
]);

/** Answers for a request that failed. Throws what is not for clients. */
export function refusal(c: Context<AppEnvironment>, error: unknown): Response {
  if (error instanceof UploadBrokenOff || c.req.raw.signal.aborted)
    return new Response(null, { status: 499 });
  if (error instanceof TooMuchUnderWay) return refuseForNow(c, error);
  const status = error instanceof GatewayError ? STATUSES.get(error.code) : undefined;
  if (!(error instanceof GatewayError) || status === undefined) return refuseCaller(c, error);
  return refuse(c, status, error.code, error.message, error.facts());
}

/** Sends what comes, as it is taken. A failure breaks the answer off, so that nobody takes a part for the whole. */
export function streamOf(content: AsyncIterator<Uint8Array>, logger: Logger): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await content.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        logger.error({ error: describeError(error) }, 'a download of synchronization broke off');
        // What it is given here, the HTTP server prints and sends.
        controller.error(new Error('The download broke off.'));
      }
    },
    async cancel() {
      await content.return?.();
    },
  });
}
