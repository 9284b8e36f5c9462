import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import RelayPlugin from '@pothos/plugin-relay';
import '../execution/plugin.ts';
import type { Context } from './context.ts';
import type { Moment } from './moments.ts';

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
  // The first is the outermost wrapper of a resolver.
  plugins: ['execution', ErrorsPlugin, RelayPlugin],
  defaultFieldNullability: false,
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
