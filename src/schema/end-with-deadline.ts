import {
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getNullableType,
  isIntrospectionType,
  isListType,
  isObjectType,
} from 'graphql';
import type { Context } from './context.ts';

/**
 * Makes every field of the schema end with the operation's deadline, also where what it waits for does not
 * listen to a signal: a read shared with others, a batch that waits for company, the database. Fields of
 * the mutation type are finished first.
 */
export function endWithDeadline(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    // Introspection waits for nothing, and its types are shared by all schemas of the process.
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.resolve === undefined) continue;
      if (type === schema.getMutationType()) field.resolve = finished(field.resolve);
      else field.resolve = raced(field.resolve, isListType(getNullableType(field.type)));
    }
  }
  return schema;
}

type Resolve = GraphQLFieldResolver<unknown, Context>;

function finished(resolve: Resolve): Resolve {
  return (parent, values, context, info) =>
    context.caller.deadline.finish(() => resolve(parent, values, context, info));
}

/** @param isList whether there may be promises in what is resolved */
function raced(resolve: Resolve, isList: boolean): Resolve {
  return (parent, values, context, info) => {
    const { deadline } = context.caller;
    const value = resolve(parent, values, context, info);
    if (isPromise(value)) return deadline.race(value);
    if (!isList || !Array.isArray(value) || !value.some(isPromise)) return value;
    return value.map((item: unknown) => (isPromise(item) ? deadline.race(item) : item));
  };
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}
