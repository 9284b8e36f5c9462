import { DirectiveLocation, GraphQLDirective, specifiedDirectives } from 'graphql';
import { guard } from './access.ts';
import { builder } from './builder.ts';
import { keepWithinLimits } from './within-limits.ts';
import './scalars.ts';
import './query.ts';
import './node.ts';
import './connector.ts';
import './connector-settings.ts';
import './connector-directory.ts';
import './connector-mutations.ts';
import './connect-mutations.ts';
import './connector-test.ts';
import './user-mutations.ts';
import './users-mutations.ts';
import './group-mutations.ts';
import './audit-events.ts';
import './viewer.ts';
import './api-keys.ts';
import './user.ts';
import './group.ts';
import './license.ts';
import './role.ts';
import './organization.ts';
import './errors.ts';

/** The directive that keeps what could be read; graphql-js knows its name, and does what it says. */
export const KEEPS_PARTIAL = 'experimental_disableErrorPropagation';

/** The schema that clients see. Importing this starts nothing and needs no configuration. */
export const schema = keepWithinLimits(
  guard(
    builder.toSchema({
      directives: [
        ...specifiedDirectives,
        new GraphQLDirective({
          name: KEEPS_PARTIAL,
          locations: [DirectiveLocation.QUERY, DirectiveLocation.MUTATION],
          description:
            'Keeps what could be read: a field that fails is null where it stands, whatever its type says, and its error tells the path. Without it the failure of a field that is never null takes its parents with it, up to the next that may be null. Put it behind the name of the operation: query Name @experimental_disableErrorPropagation { … }.',
        }),
      ],
    }),
  ),
);
