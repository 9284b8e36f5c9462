import type { Scope } from '../../access/scopes.ts';
import { builder } from './builder.ts';

const SCOPE_VALUES = {
  READ: {
    value: 'read',
    description: 'May read users, groups, licenses and roles.',
  },
  PROVISION: {
    value: 'provision',
    description: 'May change users, groups, licenses and roles. Includes READ.',
  },
  CONFIGURE: {
    value: 'configure',
    description: 'May create, change, connect, test and delete connectors. Does not include READ.',
  },
  OBSERVE: {
    value: 'observe',
    description: 'May read the metrics, if granted for all connectors. Shows no connector.',
  },
  ADMIN: {
    value: 'admin',
    description: 'May do everything. Includes managing API keys and reading the audit trail.',
  },
} as const satisfies Readonly<Record<string, { value: Scope; description: string }>>;

/** The scopes in the spelling of GraphQL. */
export const AccessScopeEnum = builder.enumType('AccessScope', {
  description: 'What a caller of the gateway may do. These are not the OAuth scopes of Webex.',
  values: SCOPE_VALUES,
});
