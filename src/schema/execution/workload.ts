import { type ExecutionResult, GraphQLError } from 'graphql';
import { ErrorsLeftOut } from '../../errors/limits.ts';

/** How many errors an answer holds at most; the last of them counts the others. */
const MOST_ERRORS = 100;

/**
 * Stands for every error beyond the most. It looks like an error that GraphQL has located already, so that neither
 * its place in the document is worked out nor an object made for each of thousands.
 */
const LEFT_OUT = new GraphQLError('This error is counted and not shown.', { path: [] });

/** What one operation makes the gateway do, as far as that is bounded while it runs. */
export class Workload {
  /** Whether the answer is so large that others have to get their turn while it is built. */
  isLarge = false;
  #errors = 0;

  /** The error that a field is to fail with: the one it failed with, or beyond the most a stand-in that costs nothing. */
  admit(error: unknown): unknown {
    this.#errors += 1;
    return this.#errors > MOST_ERRORS ? LEFT_OUT : error;
  }
}

/** The result with at most 100 errors, the last of which counts those that were left out. */
export function limitErrors(result: ExecutionResult): ExecutionResult {
  const { errors } = result;
  if (errors === undefined || (errors.length <= MOST_ERRORS && !errors.includes(LEFT_OUT))) return result;
  const shown = errors.filter((error) => error !== LEFT_OUT).slice(0, MOST_ERRORS - 1);
  const rest = new ErrorsLeftOut(errors.length - shown.length, MOST_ERRORS);
  return { ...result, errors: [...shown, new GraphQLError(rest.message, { originalError: rest })] };
}
