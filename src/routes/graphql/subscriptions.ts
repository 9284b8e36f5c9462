import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  executeSubscriptionEvent,
  GraphQLError,
  getOperationAST,
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { TooMuchUnderWay } from '../../errors/limits.ts';
import { Abandoned } from '../../errors/upstream.ts';
import type { Context } from '../../schema/base/context.ts';
import { type CostLimits, estimateCost } from '../../schema/cost/query-cost.ts';
import { limitErrors } from '../../schema/execution/workload.ts';
import type { EventStream } from './event-streams.ts';
import type { MemoryBudget, Reservation } from './memory-budget.ts';
import { assertShortTexts, refuseCostly, type WithNotes } from './operations.ts';

/** How a request that is a subscription is answered. */
export interface Subscribing {
  readonly open: () => EventStream;
  /** What finds out what to watch, with the stream's end. */
  readonly begin: (stream: EventStream) => Context;
  /** What one event is answered with: its own time, and nothing remembered of earlier ones. */
  readonly event: (stream: EventStream) => Disposable & { readonly context: Context };
}

export interface WithSubscribing extends WithNotes {
  readonly subscribing: Subscribing;
}

/** Answers subscriptions, each event within the limits of one operation. */
export function runSubscriptions(
  limits: CostLimits,
  memory: MemoryBudget,
): Plugin<Context & WithSubscribing, WithSubscribing> {
  return {
    onSubscribe: ({ args, setSubscribeFn }) => {
      const { notes, live, subscribing } = args.contextValue;
      notes.operationType = 'subscription';
      notes.operation = getOperationAST(args.document, args.operationName)?.name?.value;
      assertShortTexts(args);
      const cost = estimateCost(args, live.knownSizes());
      notes.estimate = cost;
      refuseCostly(cost, limits);
      setSubscribeFn(async (begun: ExecutionArgs) => {
        const stream = subscribing.open();
        const answer = await begin(begun, stream, subscribing, memory, cost?.bytes ?? 0);
        if (Symbol.asyncIterator in answer) notes.settled = stream.closed;
        else stream[Symbol.dispose]();
        return answer;
      });
    },
  };
}

async function begin(
  args: ExecutionArgs,
  stream: EventStream,
  subscribing: Subscribing,
  memory: MemoryBudget,
  bytes: number,
): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
  const validated = validateSubscriptionArgs({ ...args, contextValue: subscribing.begin(stream) });
  if (!('schema' in validated)) return { errors: validated };
  const source = await createSourceEventStream(validated);
  if (!(Symbol.asyncIterator in source)) return source;
  const answers = answersTo(source, async (event) => {
    const reserved = await reserve(memory, stream, bytes);
    using own = subscribing.event(stream);
    return { reserved, result: await answerEvent(validated, event, own.context) };
  });
  return abandonable(answers, stream);
}

interface AnsweredEvent {
  readonly reserved: Reservation;
  readonly result: ExecutionResult;
}

/** An answer for each event. What ends the source is the last answer, unless nobody reads it. */
async function* answersTo(
  source: AsyncIterable<unknown>,
  answer: (event: unknown) => Promise<AnsweredEvent>,
): AsyncGenerator<ExecutionResult, void, void> {
  try {
    for await (const event of source) {
      const { reserved, result } = await answer(event);
      try {
        yield result;
      } finally {
        reserved.release();
      }
    }
  } catch (error) {
    if (error instanceof Abandoned) return;
    const cause = error instanceof Error ? error : new Error('The stream broke.', { cause: error });
    yield { errors: [new GraphQLError(cause.message, { originalError: cause })] };
  }
}

async function answerEvent(
  validated: ValidatedSubscriptionArgs,
  rootValue: unknown,
  contextValue: Context,
): Promise<ExecutionResult> {
  return limitErrors(await executeSubscriptionEvent({ ...validated, rootValue, contextValue }));
}

/** Memory for the answer to one event. An event is never left out, so this waits as long as the client stays. */
async function reserve(memory: MemoryBudget, stream: EventStream, bytes: number): Promise<Reservation> {
  for (;;) {
    try {
      return await memory.wait(stream.principal.actor, bytes, stream.client);
    } catch (error) {
      if (!(error instanceof TooMuchUnderWay)) throw error;
    }
  }
}

/** The same answers, whose stream ends at once when nobody wants the next one. */
function abandonable(
  answers: AsyncGenerator<ExecutionResult, void, void>,
  stream: EventStream,
): AsyncIterableIterator<ExecutionResult> {
  const close = async (ended: Promise<IteratorResult<ExecutionResult, void>>) => {
    try {
      const next = await ended;
      if (next.done === true) stream[Symbol.dispose]();
      return next;
    } catch (error) {
      stream[Symbol.dispose]();
      throw error;
    }
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => close(answers.next()),
    return: () => {
      stream.abandon();
      return close(answers.return());
    },
  };
}
