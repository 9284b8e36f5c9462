import { type ExecutionArgs, type ExecutionResult, execute, GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { estimateCost } from '../schema/cost/query-cost.ts';
import { KEEPS_PARTIAL } from '../schema/index.ts';
import { limitErrors } from '../schema/workload.ts';
import { reportCost } from './cost-report.ts';
import type { RequestNotes } from './request-log.ts';

/** What the plugins here have at hand of a request. */
export interface WithNotes {
  readonly notes: RequestNotes;
}

/**
 * Refuses operations that may take more than so many requests to Webex. Those with the directive that keeps
 * partial answers are run by graphql-js, which knows it; the others by Yoga's executor, which is quicker.
 */
export function runOperations(costLimit: number): Plugin<WithNotes, WithNotes> {
  return {
    onExecute: ({ args, executeFn, setExecuteFn }) => {
      const { notes } = args.contextValue;
      const operation = getOperationAST(args.document, args.operationName);
      notes.operationType = operation?.operation;
      notes.operation = operation?.name?.value;
      const cost = estimateCost(args);
      notes.estimate = cost?.requests;
      const refusal = cost?.refusal(costLimit);
      if (refusal !== undefined) {
        throw new GraphQLError(refusal.message, { originalError: refusal, extensions: { http: REFUSED } });
      }
      const isPartial = operation?.directives?.some(({ name }) => name.value === KEEPS_PARTIAL);
      setExecuteFn(withFewErrors(isPartial ? execute : executeFn));
    },
  };
}

/** Runs operations with as few errors as one answer may hold, before anybody words them for clients. */
function withFewErrors(executeFn: (args: ExecutionArgs) => unknown) {
  return async (args: ExecutionArgs) => {
    const result = await executeFn(args);
    return isResult(result) ? limitErrors(result) : result;
  };
}

function isResult(result: unknown): result is ExecutionResult {
  return typeof result === 'object' && result !== null && !(Symbol.asyncIterator in result);
}

/** As a query that is not valid is answered: by the status too, unless the client takes plain JSON. */
const REFUSED = { status: 400, spec: true };

/** Tells in every answer, under extensions.webex, what it took; and the codes of its errors to the log. */
export function showCost(): Plugin<WithNotes, WithNotes> {
  return {
    onResultProcess: ({ result, setResult, serverContext: { notes } }) => {
      if (Array.isArray(result) || Symbol.asyncIterator in result) return;
      notes.errorCodes = result.errors?.map((error) => String(error.extensions?.code ?? 'INTERNAL'));
      const webex = reportCost(notes.meter, notes.estimate);
      setResult({ ...result, extensions: { ...result.extensions, webex } });
    },
  };
}
