import type { GraphQLFieldResolver } from 'graphql';
import { contextOf } from './context-of.ts';
import { takeTurn } from './turns.ts';

type Resolve = GraphQLFieldResolver<unknown, object, object>;

/** Entries of a list that are completed in one turn of the event loop, in a large answer. */
const ENTRIES_A_TURN = 100;

/**
 * Makes a field keep the limits of its operation. It ends with the deadline, even if what it waits for does not listen to
 * a signal: a read shared with others, a batch that waits for company, the database. Its errors are counted. Before a large
 * answer is built on, others get their turn. A change is finished first.
 * @param kind what the field returns: of a list, the items may be promises
 */
export function withinLimits(resolve: Resolve, kind: 'value' | 'list' | 'change'): Resolve {
  return kind === 'change' ? finished(resolve) : limited(resolve, kind === 'list');
}

function finished(resolve: Resolve): Resolve {
  return (parent, values, context, info) =>
    contextOf(context).caller.deadline.finish(() => resolve(parent, values, context, info));
}

/** @param isList whether there may be promises in what is resolved */
function limited(resolve: Resolve, isList: boolean): Resolve {
  return (parent, values, context, info) => {
    const { deadline, workload } = contextOf(context).caller;
    let value: unknown;
    try {
      value = resolve(parent, values, context, info);
    } catch (error) {
      throw workload.admit(error, info);
    }
    if (isPromise(value)) {
      return deadline.race(value).then(workload.isLarge ? inTurn : undefined, (error: unknown) => {
        throw workload.admit(error, info);
      });
    }
    if (!isList || !Array.isArray(value)) return value;
    const list = value.some(isPromise) ? value.map(inTime) : value;
    return workload.isLarge && list.length > ENTRIES_A_TURN ? inSlices(list) : list;

    function inTime(item: unknown, index: number) {
      if (!isPromise(item)) return item;
      return deadline.race(item).catch((error: unknown) => {
        throw workload.admit(error, info, index);
      });
    }
  };
}

/** The value, when it is the turn of the answer that is built with it. */
function inTurn(value: unknown): unknown {
  const turn = takeTurn();
  return turn === undefined ? value : turn.then(() => value);
}

/** The entries of a list, as many as one turn bears at once; the others come in turns of their own. */
function inSlices(list: readonly unknown[]): readonly unknown[] {
  let turn: Promise<void> | undefined;
  return list.map((item, index) => {
    if (index < ENTRIES_A_TURN) return item;
    if (index % ENTRIES_A_TURN === 0) turn = takeTurn(true);
    return turn === undefined ? item : turn.then(() => item);
  });
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}
