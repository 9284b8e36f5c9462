import type { GraphQLField } from 'graphql';

/** What a field costs in requests to Webex, for each object that has it. */
export type Complexity<Values> =
  | Price
  | ((values: Values, basis: object, field: GraphQLField<unknown, unknown>) => Price);

/** A number is for the field alone. */
export type Price =
  | number
  | {
      /** Requests for the field itself. Default: 0. */
      readonly field?: number;
      /** How often what is selected below it comes. Default: 1. */
      readonly multiplier?: number;
    };
