import { DirectiveLocation, GraphQLDirective, GraphQLInt, GraphQLList, GraphQLNonNull } from 'graphql';

/** Marks fields that are null only with an error of their own; see https://specs.apollo.dev/nullability/v0.4. */
export const SEMANTIC_NON_NULL = new GraphQLDirective({
  name: 'semanticNonNull',
  description:
    'The field is null only if it failed: `errors` then has an entry with its path. Clients that give up answers with errors can treat it as non-null, and `GET /schema.strict.graphql` has it so.',
  locations: [DirectiveLocation.FIELD_DEFINITION],
  args: {
    levels: {
      type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(GraphQLInt))),
      default: { value: [0] },
      description: 'What is not null without an error: 0 for the field, 1 for the items of its list.',
    },
  },
});
