import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { TooManyChanges, TooMuchUnderWay } from '../../errors/limits.ts';
import { InvalidInput } from '../../errors/request.ts';
import type { Context } from '../../schema/base/context.ts';
import { type CostLimits, estimateCost, type QueryCost } from '../../schema/cost/query-cost.ts';
import { assertShortVariables } from '../../schema/execution/text-limits.ts';
import { limitErrors } from '../../schema/execution/workload.ts';
import { statusOf } from '../guards/refusal.ts';
import type { RequestNotes } from '../request-log.ts';
import { reportCost, reportResult } from './cost-report.ts';
import type { MemoryBudget } from './memory-budget.ts';

/** What the plugins here have at hand of a request. */
export interface WithNotes {
  readonly notes: RequestNotes;
}

/** Values of an answer from which on others get their turn while it is made: some ten milliseconds of work. */
const LARGE = 10_000;

/**
 * Refuses operations that may take more than is allowed, and lets the others wait until there is memory for their
 * answer.
 */
export function runOperations(
  limits: CostLimits,
  memory: MemoryBudget,
  changes: ChangeLimit,
): Plugin<Context & WithNotes, WithNotes> {
  return {
    onExecute: async ({ args, executeFn, setExecuteFn }) => {
      const { notes, caller } = args.contextValue;
      const operation = getOperationAST(args.document, args.operationName);
      notes.operationType = operation?.operation;
      notes.operation = operation?.name?.value;
      assertShortTexts(args);
      const cost = estimateCost(args, args.contextValue.live.knownSizes());
      notes.estimate = cost;
      refuseCostly(cost, limits);
      if (cost !== undefined) {
        if (cost.changes > 0) await changes(caller.principal.actor, cost.changes).catch(refusedForNow);
        caller.workload.isLarge = cost.values > LARGE;
        const wait = memory.wait(caller.principal.actor, cost.bytes, caller.signal);
        notes.result = await wait.catch(refusedForNow);
      }
      setExecuteFn(withFewErrors(executeFn));
    },
  };
}

/** Counts what a caller wants to change. Rejects with TooManyChanges. */
type ChangeLimit = (caller: string, changes: number) => Promise<void>;

function refusedForNow(error: unknown): never {
  if (!(error instanceof TooMuchUnderWay || error instanceof TooManyChanges)) throw error;
  const http = { status: statusOf(error), headers: { 'Retry-After': String(error.retryAfter) } };
  throw new GraphQLError(error.message, { originalError: error, extensions: { http } });
}

/** Throws a GraphQLError for an operation that may take more than is allowed. */
export function refuseCostly(cost: QueryCost | undefined, limits: CostLimits): void {
  const refusal = cost?.refusal(limits);
  if (refusal === undefined) return;
  throw new GraphQLError(refusal.message, { originalError: refusal, extensions: { http: REFUSED } });
}

/** Throws a GraphQLError for an operation with a text that is too long. */
export function assertShortTexts(args: ExecutionArgs): void {
  try {
    assertShortVariables(args);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw new GraphQLError(error.message, { originalError: error, extensions: { http: REFUSED } });
  }
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

/**
 * Shows in every answer, under extensions, its cost and its estimate, and with each error whether the same request may
 * succeed later. The log gets the codes of the errors.
 */
export function showCost(): Plugin<WithNotes, WithNotes> {
  return {
    onResultProcess: ({ result, setResult, serverContext: { notes } }) => {
      if (Array.isArray(result) || Symbol.asyncIterator in result) return;
      const { meter, estimate } = notes;
      notes.errorCodes = result.errors?.map((error) => String(error.extensions?.code ?? 'INTERNAL'));
      const cost = {
        webex: reportCost(meter, estimate?.requests),
        ...(estimate === undefined ? {} : { result: reportResult(estimate) }),
      };
      const errors = result.errors?.map(shownError);
      setResult({
        ...result,
        extensions: { ...result.extensions, ...cost },
        ...(errors === undefined
          ? {}
          : { stringify: (answer: ExecutionResult) => JSON.stringify({ ...answer, errors }) }),
      });
    },
  };
}

/** An error as it is sent. Yoga would make a new one of it, and look up its place in the document again. */
function shownError(error: GraphQLError): GraphQLFormattedError {
  const { extensions = {}, ...rest } = error.toJSON();
  const { http: _, ...shown } = extensions;
  return { ...rest, extensions: { ...shown, retryable: shown.retryable ?? false } };
}
