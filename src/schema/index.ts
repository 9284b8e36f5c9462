import { GraphQLSchema, specifiedDirectives } from 'graphql';
import { builder } from './base/builder.ts';
import { SEMANTIC_NON_NULL } from './execution/semantic-non-null.ts';
import './base/scalars.ts';
import './connectors/query.ts';
import './node.ts';
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
import './sync/file.ts';
import './sync/connector-lists.ts';
import './sync/plan.ts';
import './sync/item.ts';
import './sync/run.ts';
import './sync/plan-mutations.ts';
import './sync/run-mutations.ts';
import './sync/subscription.ts';
import './directory/user.ts';
import './directory/group.ts';
import './directory/license.ts';
import './directory/role.ts';
import './directory/organization.ts';
import './sync/mapping.ts';
import './sync/mapping-mutations.ts';
import './sync/preview.ts';
import './sync/schedule.ts';
import './sync/schedule-mutations.ts';
import './errors/error.ts';

const DESCRIPTION = `Users, groups, licenses and roles of Webex organizations, each reached through a connector.

A failure is local. A field that needs Webex or the database is null if it fails, everything else is answered, and \`errors\` has an entry for each such null: \`extensions.code\` says what is wrong, \`extensions.retryable\` whether the same request may succeed later, \`extensions.retryAfter\` after how many seconds (if known). Errors with the same \`extensions.cause\` have one cause. Fields that are null for no other reason are marked \`@semanticNonNull\`; other nullable fields are also null if Webex has no value.

Lists that can be long are read forward, page by page: give the \`endCursor\` of a page as \`after\` to read the next. Webex has no way back.

Subscriptions are streams of server-sent events: send them with \`Accept: text/event-stream\`.`;

const built = builder.toSchema({ directives: [...specifiedDirectives, SEMANTIC_NON_NULL] });

/** The schema that clients see. Importing this starts nothing and needs no configuration. */
export const schema = new GraphQLSchema({ ...built.toConfig(), description: DESCRIPTION });
