import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { isForClients, SecretKeyMismatch, StoreUnavailable } from '../../errors/start.ts';
import { describeError } from '../../telemetry/error-facts.ts';
import type { Logger } from '../../telemetry/logger.ts';

/**
 * Makes of an error that ended a field what a client may see: our own errors with their code and facts,
 * GraphQL's own with a code, everything else masked, logged, and found again by its `errorId`.
 */
export function createErrorTranslator(logger: Logger): (error: unknown) => GraphQLError {
  return (error) => {
    const graphqlError = error instanceof GraphQLError ? error : undefined;
    const cause = rootOf(error);
    const position = graphqlError === undefined ? {} : { nodes: graphqlError.nodes, path: graphqlError.path };
    const { http, code = 'BAD_REQUEST' } = graphqlError?.extensions ?? {};
    const answeredWith = http === undefined ? {} : { http };
    if (isForClients(cause)) {
      return new GraphQLError(cause.message, {
        ...position,
        extensions: { code: cause.code, ...cause.facts(), ...answeredWith },
      });
    }
    if (graphqlError !== undefined && cause === undefined) {
      return new GraphQLError(graphqlError.message, {
        ...position,
        source: graphqlError.source,
        positions: graphqlError.positions,
        extensions: { code, ...answeredWith },
      });
    }
    const errorId = randomUUID();
    if (cause instanceof StoreUnavailable) {
      logger.error({ errorId, error: describeError(cause) }, 'the database does not answer');
      return new GraphQLError('The gateway cannot reach its database just now. Try again later.', {
        ...position,
        extensions: { code: cause.code, retryable: true, errorId },
      });
    }
    const field = graphqlError?.path?.join('.');
    if (cause instanceof SecretKeyMismatch) {
      logger.error({ errorId, field, error: describeError(cause) }, 'a stored secret does not open');
      return new GraphQLError(
        `The gateway cannot open a secret that it has stored: a key is missing or wrong. Ask the operator. The gateway's log says more under the id ${errorId}.`,
        { ...position, extensions: { code: 'SECRET_UNREADABLE', errorId } },
      );
    }
    logger.error({ errorId, field, error: describeError(cause ?? error) }, 'a bug: masked to the client');
    return new GraphQLError(
      `Something went wrong in the gateway. Its log says more under the id ${errorId}.`,
      {
        ...position,
        extensions: { code: 'INTERNAL', errorId },
      },
    );
  };
}

/** What was thrown below GraphQL's wrapping; undefined where GraphQL itself complains. */
function rootOf(error: unknown): unknown {
  if (!(error instanceof GraphQLError)) return error;
  return error.originalError === undefined ? undefined : rootOf(error.originalError);
}
