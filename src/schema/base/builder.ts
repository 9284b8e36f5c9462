import SchemaBuilder from '@pothos/core';
import RelayPlugin from '@pothos/plugin-relay';
import '../execution/plugin.ts';
import type { Json } from '../../provisioning/changes/outcome.ts';
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
    JSON: { Input: Json; Output: unknown };
  };
}>({
  // The first is the outermost wrapper of a resolver.
  plugins: ['execution', RelayPlugin],
  defaultFieldNullability: false,
  relay: {
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    edgesFieldOptions: { nullable: false, description: 'The items of the page, each with its cursor.' },
    nodeFieldOptions: { nullable: false, plain: true, description: 'The item at this position.' },
    nodesOnConnection: { description: 'The items of the page.' },
    cursorFieldOptions: {
      description: 'The position of the item in the list. Give it as after to read what follows.',
    },
    idFieldOptions: { description: 'The global ID of this object. Opaque. `node` reads the object by it.' },
    nodeTypeOptions: { description: 'An object with a global ID, by which it can be read again.' },
    pageInfoFieldOptions: { plain: true, description: 'Which page of the list this is.' },
    pageInfoTypeOptions: { description: 'Which page of a list this is, for reading the next one.' },
    hasNextPageFieldOptions: { description: 'Whether the list has more items after this page.' },
    hasPreviousPageFieldOptions: {
      description: 'Always false. Lists are read forward only, because Webex cannot read backward.',
    },
    startCursorFieldOptions: { description: 'The cursor of the first item. Null if the page is empty.' },
    endCursorFieldOptions: {
      description:
        'The cursor of the last item. Give it as after to read the next page. Null if the page is empty.',
    },
  },
});
