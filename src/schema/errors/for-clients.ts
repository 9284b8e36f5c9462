import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { isForClients, SecretKeyMismatch, StoreUnavailable } from '../../errors/start.ts';
import { describeError } from '../../telemetry/error-facts.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { PlacedError } from '../execution/placed-error.ts';

/**
 * Makes the function that turns an error of an operation into what clients may see. Our own errors have their code and
 * facts. GraphQL's own have a code. Everything else is masked, and logged once for each cause under an `errorId`.
 *
 * Each error says whether the same request may succeed later (`retryable`). Errors of fields have a `cause`, an id that is
 * the same for all fields that failed for the same reason.
 */
export function createErrorTranslator(logger: Logger): (error: unknown) => GraphQLError {
  const ids = new CauseIds();
  return (error) => {
    const graphqlError = error instanceof GraphQLError ? error : undefined;
    const cause = rootOf(error);
    const { path, locations } = graphqlError ?? {};
    const place = { path, locations };
    const { http, code = 'BAD_REQUEST' } = graphqlError?.extensions ?? {};
    const shared = {
      ...(path === undefined ? {} : { cause: ids.of(cause ?? error).id }),
      ...(http === undefined ? {} : { http }),
    };
    if (isForClients(cause)) {
      return new PlacedError(cause.message, {
        ...place,
        extensions: { code: cause.code, retryable: cause.retryable, ...cause.facts(), ...shared },
      });
    }
    if (graphqlError !== undefined && cause === undefined) {
      return new PlacedError(graphqlError.message, {
        ...place,
        extensions: { code, retryable: false, ...shared },
      });
    }
    const { id: errorId, isLogged } = ids.logged(cause ?? error);
    const masked = maskedErrorOf(cause, errorId);
    if (!isLogged) {
      const facts = { errorId, field: path?.join('.'), error: describeError(cause ?? error) };
      logger.error(facts, masked.logged);
    }
    return new PlacedError(masked.message, {
      ...place,
      extensions: { code: masked.code, retryable: masked.retryable, errorId, ...shared },
    });
  };
}

/** What clients and the log see of an error that is masked. */
function maskedErrorOf(cause: unknown, errorId: string) {
  if (cause instanceof StoreUnavailable) {
    return {
      code: cause.code,
      retryable: true,
      message: 'The gateway cannot reach its database. Try again later.',
      logged: 'the database does not answer',
    } as const;
  }
  if (cause instanceof SecretKeyMismatch) {
    return {
      code: 'SECRET_UNREADABLE',
      retryable: false,
      message: `The gateway cannot decrypt a stored secret: a key is missing or wrong. Ask the operator, who finds more in the gateway's log under the id ${errorId}.`,
      logged: 'a stored secret does not open',
    } as const;
  }
  return {
    code: 'INTERNAL',
    retryable: false,
    message: `Something went wrong in the gateway. Its log says more under the id ${errorId}.`,
    logged: 'a bug: masked to the client',
  } as const;
}

/** Ids by the error object that many fields failed with; they are kept as long as the error itself. */
class CauseIds {
  readonly #known = new WeakMap<object, { readonly id: string; isLogged: boolean }>();

  of(cause: unknown): { readonly id: string; isLogged: boolean } {
    const entry = { id: randomUUID(), isLogged: false };
    if (typeof cause !== 'object' || cause === null) return entry;
    const known = this.#known.get(cause) ?? entry;
    this.#known.set(cause, known);
    return known;
  }

  /** The id, and whether it was asked for here before. */
  logged(cause: unknown): { readonly id: string; readonly isLogged: boolean } {
    const entry = this.of(cause);
    const { id, isLogged } = entry;
    entry.isLogged = true;
    return { id, isLogged };
  }
}

/** What was thrown below GraphQL's wrapping; undefined if GraphQL itself complains. */
function rootOf(error: unknown): unknown {
  if (!(error instanceof GraphQLError)) return error;
  return error.originalError === undefined ? undefined : rootOf(error.originalError);
}
