import { GatewayError } from '../errors/gateway-error.ts';

/** What a log line says of an error. */
export interface ErrorFacts {
  readonly name: string;
  readonly code?: string | undefined;
  /** Of our own errors only. */
  readonly message?: string | undefined;
  /** Where it was thrown: files and lines, without the message. */
  readonly stack?: string | undefined;
}

/**
 * What may be logged of a thrown value. Our own errors have sentences that are made for being read; what a library
 * or the database says in its own may hold values, addresses and passwords, so of those only name, code and place.
 */
export function describeError(error: unknown): ErrorFacts {
  if (!(error instanceof Error)) return { name: 'NotAnError' };
  const stack = placesOf(error);
  if (error instanceof GatewayError) {
    return { name: error.name, code: error.code, message: error.message, stack };
  }
  return { name: plain(error.name) ?? 'Error', code: codeOf(error), stack };
}

/** The lines of a stack that name places; the message before them is cut out, as it may look like some. */
function placesOf({ stack = '', message }: Error): string | undefined {
  const begins = message === '' ? -1 : stack.indexOf(message);
  const places = (begins === -1 ? stack : stack.slice(begins + message.length))
    .split('\n')
    .filter((line) => /^ {4}at /.test(line));
  return places.length === 0 ? undefined : places.join('\n');
}

/** As Node.js, undici and PostgreSQL give them; of whatever wraps an error, the one inside. */
function codeOf(error: Error): string | undefined {
  const code = 'code' in error ? plain(error.code) : undefined;
  return code ?? (error.cause instanceof Error ? codeOf(error.cause) : undefined);
}

function plain(text: unknown): string | undefined {
  return typeof text === 'string' && /^[\w.-]{1,60}$/.test(text) ? text : undefined;
}
