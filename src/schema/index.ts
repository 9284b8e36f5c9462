import { DirectiveLocation, GraphQLDirective, specifiedDirectives } from 'graphql';
import { builder } from './base/builder.ts';
import { keepWithinLimits } from './execution/end-with-deadline.ts';
import { guard } from './execution/rules.ts';
import './base/scalars.ts';
import './connectors/query.ts';
import './directory/node.ts';
import './connectors/connector.ts';
import './connectors/settings.ts';
import './directory/lookups.ts';
import './connectors/mutations.ts';
import './connectors/connect.ts';
import './connectors/checks.ts';
import './changes/users.ts';
import './changes/users-in-bulk.ts';
import './changes/groups.ts';
import './audit/events.ts';
import './callers/viewer.ts';
import './callers/api-keys.ts';
import './directory/user.ts';
import './directory/group.ts';
import './directory/license.ts';
import './directory/role.ts';
import './directory/organization.ts';
import './errors/error.ts';

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
