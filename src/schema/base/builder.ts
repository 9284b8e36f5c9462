import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import ErrorsPlugin from '@pothos/plugin-errors';
import RelayPlugin from '@pothos/plugin-relay';
import type { PersonParts } from '../../datasources/webex/records.ts';
import type { Context } from './context.ts';
import type { Moment } from './moments.ts';

declare module 'graphql' {
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    reads?: FieldReads;
    /** Of a mutation: how many changes it makes, by its arguments; one if this is absent. */
    changes?: (values: Readonly<Record<string, unknown>>) => number;
  }
}

/** What a field takes of Webex; found in the schema by whoever plans a read for a selection. */
export interface FieldReads {
  /** Of a user. */
  readonly personParts?: PersonParts;
  /** What is read whole and joined here. */
  readonly catalogue?: 'licenses' | 'roles' | 'memberships';
  /** Of a group: its members, or more than its name. */
  readonly groupMembers?: true;
  readonly groupDetails?: true;
}

export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Moment; Output: Date };
    URL: { Input: string; Output: string };
    EmailAddress: { Input: string; Output: string };
    JSON: { Input: unknown; Output: unknown };
  };
}>({
  plugins: [ErrorsPlugin, RelayPlugin, ComplexityPlugin],
  defaultFieldNullability: false,
  // Fields that reach Webex say what they cost; query-cost.ts adds it up before anything is resolved.
  complexity: { disabled: true, defaultComplexity: 0, defaultListMultiplier: 1 },
  errors: {
    directResult: true,
    defaultUnionOptions: {
      name: ({ fieldName }) => `${fieldName.charAt(0).toUpperCase()}${fieldName.slice(1)}Result`,
      description: 'What was asked for, or why it could not be done.',
    },
  },
  relay: {
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    edgesFieldOptions: { nullable: false, description: 'The page’s entries, each with its own cursor.' },
    nodeFieldOptions: { nullable: false, description: 'The entry itself.' },
    nodesOnConnection: { description: 'The page’s entries, without their cursors.' },
    cursorFieldOptions: {
      description: 'Where this entry stands in the list. Give it as after to read on behind it.',
    },
    idFieldOptions: {
      description:
        'Names this object among all objects of the gateway. Opaque: keep it, do not take it apart.',
    },
    nodeTypeOptions: { description: 'Anything that has an id and can be read again by it.' },
    pageInfoFieldOptions: { description: 'Where this page stands in the list.' },
    pageInfoTypeOptions: { description: 'Where a page stands in its list.' },
    hasNextPageFieldOptions: { description: 'Whether there is more behind this page.' },
    hasPreviousPageFieldOptions: { description: 'Always false: lists are read forward only.' },
    startCursorFieldOptions: { description: 'The cursor of the first entry. Null on an empty page.' },
    endCursorFieldOptions: {
      description: 'The cursor of the last entry: give it as after for the next page.',
    },
  },
});
