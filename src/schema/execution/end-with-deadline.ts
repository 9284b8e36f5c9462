import {
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getNullableType,
  isIntrospectionType,
  isListType,
  isObjectType,
} from 'graphql';
import type { Context } from '../base/context.ts';
import { takeTurn } from './turns.ts';

/**
 * Makes every field of the schema keep the limits of its operation. It ends with the deadline, also if what it waits for
 * does not listen to a signal: a read shared with others, a batch that waits for company, the database. Its errors are
 * counted. Before a large answer is built on, others get their turn. Fields of the mutation type are finished first.
 */
export function keepWithinLimits(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    // Introspection waits for nothing, and its types are shared by all schemas of the process.
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.resolve === undefined) continue;
      if (type === schema.getMutationType()) field.resolve = finished(field.resolve);
      else field.resolve = limited(field.resolve, isListType(getNullableType(field.type)));
    }
  }
  return schema;
}

type Resolve = GraphQLFieldResolver<unknown, Context>;

/** Entries of a list that are completed in one turn of the event loop, in a large answer. */
const ENTRIES_A_TURN = 100;

function finished(resolve: Resolve): Resolve {
  return (parent, values, context, info) =>
    context.caller.deadline.finish(() => resolve(parent, values, context, info));
}

/** @param isList whether there may be promises in what is resolved */
function limited(resolve: Resolve, isList: boolean): Resolve {
  return (parent, values, context, info) => {
    const { deadline, workload } = context.caller;
    let value: unknown;
    try {
      value = resolve(parent, values, context, info);
    } catch (error) {
      throw workload.admit(error);
    }
    if (isPromise(value)) {
      return deadline.race(value).then(workload.isLarge ? inTurn : undefined, (error: unknown) => {
        throw workload.admit(error);
      });
    }
    if (!isList || !Array.isArray(value)) return value;
    const list = value.some(isPromise) ? value.map(inTime) : value;
    return workload.isLarge && list.length > ENTRIES_A_TURN ? inSlices(list) : list;

    function inTime(item: unknown) {
      if (!isPromise(item)) return item;
      return deadline.race(item).catch((error: unknown) => {
        throw workload.admit(error);
      });
    }
  };
}

/** The value, once it is the turn of whoever builds an answer with it. */
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
