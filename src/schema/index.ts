import { builder } from './builder.ts';
import './scalars.ts';
import './query.ts';
import './node.ts';
import './connector.ts';
import './connector-settings.ts';
import './connector-directory.ts';
import './connector-mutations.ts';
import './connect-mutations.ts';
import './connector-test.ts';
import './user.ts';
import './group.ts';
import './license.ts';
import './role.ts';
import './organization.ts';
import './errors.ts';

/** The schema that clients see. Importing this starts nothing and needs no configuration. */
export const schema = builder.toSchema();
