import { type ExecutionResult, GraphQLError, type GraphQLResolveInfo } from 'graphql';
import { ErrorsLeftOut } from '../../errors/limits.ts';
import { placedAt } from './placed-error.ts';

/** Maximum number of errors in an answer. The last of them counts those that are left out. */
const MOST_ERRORS = 1_000;

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

  /**
   * The error that a field is to fail with: the one it failed with and its place, or beyond the maximum a stand-in that
   * costs nothing.
   * @param index of the item that failed, if the field is a list
   */
  admit(error: unknown, info: GraphQLResolveInfo, index?: number): unknown {
    this.#errors += 1;
    return this.#errors > MOST_ERRORS ? LEFT_OUT : placedAt(info, error, index);
  }
}

/** The result with at most 1,000 errors, the last of which counts those that were left out. */
export function limitErrors(result: ExecutionResult): ExecutionResult {
  const { errors } = result;
  if (errors === undefined || (errors.length <= MOST_ERRORS && !errors.includes(LEFT_OUT))) return result;
  const shown = errors.filter((error) => error !== LEFT_OUT).slice(0, MOST_ERRORS - 1);
  const rest = new ErrorsLeftOut(errors.length - shown.length, MOST_ERRORS);
  return { ...result, errors: [...shown, new GraphQLError(rest.message, { originalError: rest })] };
}
