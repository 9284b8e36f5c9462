import SchemaBuilder, {
  BasePlugin,
  type FieldNullability,
  type InputFieldMap,
  type InputShapeFromFields,
  type PothosOutputFieldConfig,
  type PothosTypeConfig,
  type SchemaTypes,
  type TypeParam,
} from '@pothos/core';
import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import type { Context } from '../base/context.ts';
import type { Complexity } from '../cost/complexity.ts';
import { contextOf } from './context-of.ts';
import type { FieldReads } from './reads.ts';
import { assertRulesFit, describeField, describeType, guard, guardSubscribe } from './rules.ts';
import { withinLimits } from './within-limits.ts';

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      execution: ExecutionPlugin<Types>;
    }
    export interface FieldOptions<
      Types extends SchemaTypes = SchemaTypes,
      ParentShape = unknown,
      Type extends TypeParam<Types> = TypeParam<Types>,
      Nullable extends FieldNullability<Type> = FieldNullability<Type>,
      Args extends InputFieldMap = InputFieldMap,
      ResolveShape = unknown,
      ResolveReturnShape = unknown,
    > {
      /**
       * The field needs Webex or the database. It is null if it fails, and only then: nullable in the schema and marked
       * `@semanticNonNull`. Its resolver returns what the field's type says without this.
       */
      fallible?: true;
      /**
       * The resolver answers at once, from what its object holds already, and does not fail: it is called without the
       * limits of the operation, so that it costs nothing. Fields made by `t.expose…` are plain without this.
       */
      plain?: true;
      /** What the field costs in requests to Webex. Default: nothing. */
      complexity?: Complexity<InputShapeFromFields<Args>>;
      /** What the field reads from Webex. */
      reads?: FieldReads;
      /** Of a mutation: how many changes it makes, by its arguments. Default: 1. */
      changes?: (values: Readonly<Record<string, unknown>>) => number;
      /**
       * What the field answers with if its rule or its resolver throws, so that the failure is data: of a mutation, the
       * payload with its error. Throws what is an error of the whole field all the same.
       */
      onFailure?: (error: unknown, context: Context) => unknown;
    }
  }
}

declare module 'graphql' {
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    complexity?: Complexity<Record<string, unknown>>;
    reads?: FieldReads;
    changes?: (values: Readonly<Record<string, unknown>>) => number;
    /** Directives that stand behind the field in the printed schema. */
    directives?: { readonly semanticNonNull?: { readonly levels?: readonly number[] } };
  }
}

/**
 * What holds for every field, put into the schema while Pothos builds it: who may use it, the limits of its operation,
 * what it costs, and that a failure stays where it happened.
 */
class ExecutionPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onTypeConfig(config: PothosTypeConfig): PothosTypeConfig {
    return { ...config, description: describeType(config.name, config.description) };
  }

  override onOutputFieldConfig(config: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    const { fallible, complexity, reads, changes } = config.pothosOptions;
    return {
      ...config,
      description: describeField(config.parentType, config.name, config.description),
      type: fallible === true ? { ...config.type, nullable: true } : config.type,
      extensions: {
        ...config.extensions,
        ...(complexity === undefined ? {} : { complexity }),
        ...(reads === undefined ? {} : { reads }),
        ...(changes === undefined ? {} : { changes }),
        ...(fallible === true ? { directives: { semanticNonNull: {} } } : {}),
      },
    };
  }

  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types['Context'], object>,
    config: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    const isExposed = config.extensions?.pothosExposedField !== undefined;
    const isList = config.type.kind === 'List';
    const { plain, onFailure } = config.pothosOptions;
    const guarded = guard(config.parentType, config.name, resolve);
    if (guarded === resolve && !isList && (isExposed || plain === true)) return resolve;
    const answering = onFailure === undefined ? guarded : answeredWith(guarded, onFailure);
    return withinLimits(answering, config.kind === 'Mutation' ? 'change' : isList ? 'list' : 'value');
  }

  override wrapSubscribe(
    subscribe: GraphQLFieldResolver<unknown, Types['Context'], object> | undefined,
    config: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> | undefined {
    return subscribe && guardSubscribe(config.name, subscribe);
  }

  override afterBuild(schema: GraphQLSchema): GraphQLSchema {
    assertRulesFit(schema);
    return schema;
  }
}

type Resolve = GraphQLFieldResolver<unknown, object, object>;

function answeredWith(resolve: Resolve, onFailure: (error: unknown, context: Context) => unknown): Resolve {
  return async (parent, values, context, info) => {
    try {
      return await resolve(parent, values, context, info);
    } catch (error) {
      return onFailure(error, contextOf(context));
    }
  };
}

SchemaBuilder.registerPlugin('execution', ExecutionPlugin);
