import type { Principal, PrincipalKind } from '../../access/principal.ts';
import type { Grant, Scope } from '../../access/scopes.ts';
import { builder } from '../base/builder.ts';
import { ConnectorRef } from '../base/refs.ts';

const SCOPE_VALUES = {
  READ: {
    value: 'read',
    description: 'Read users, groups, licenses and roles.',
  },
  PROVISION: {
    value: 'provision',
    description: 'Change users, groups, licenses and roles; includes READ.',
  },
  CONFIGURE: {
    value: 'configure',
    description: 'Make, change, connect, test and delete connectors. Does not include READ.',
  },
  OBSERVE: {
    value: 'observe',
    description: 'Read the metrics, where it is for all connectors. Shows no connector and nothing in it.',
  },
  ADMIN: {
    value: 'admin',
    description: 'Everything, and look after API keys and read the audit trail.',
  },
} as const satisfies Readonly<Record<string, { value: Scope; description: string }>>;

/** The scopes in the spelling of GraphQL. */
export const AccessScopeEnum = builder.enumType('AccessScope', {
  description: 'What a caller of the gateway may do. Not to be mistaken for the OAuth scopes of Webex.',
  values: SCOPE_VALUES,
});

/** What an API key or a token allows. */
export const AccessGrantRef = builder.objectRef<Grant>('AccessGrant').implement({
  description: 'One thing that a caller may do, and with which connectors.',
  fields: (t) => ({
    scope: t.expose('scope', { type: AccessScopeEnum, description: 'What they may do.' }),
    connectors: t.field({
      type: [ConnectorRef],
      nullable: true,
      description:
        'With which connectors. Null for all, those made later included. One that is gone is left out.',
      resolve: async ({ connectors }, _arguments, context) => {
        if (connectors === null) return null;
        const visible = await context.connectors.list();
        return visible.filter(({ id, name }) => connectors.includes(id) || connectors.includes(name));
      },
    }),
  }),
});

const KIND_VALUES = {
  API_KEY: { description: 'An API key of the gateway.' },
  TOKEN: { description: 'A token of the identity provider that the gateway trusts.' },
  OPEN: { description: 'Nothing: access control is off, and everybody may do everything.' },
} satisfies Readonly<Record<PrincipalKind, { description: string }>>;

const ViewerKindEnum = builder.enumType('ViewerKind', {
  description: 'How a caller has shown who they are.',
  values: KIND_VALUES,
});

const ViewerRef = builder.objectRef<Principal>('Viewer').implement({
  description: 'Whoever asks, and what they may do.',
  fields: (t) => ({
    name: t.exposeString('actor', { description: 'As the audit trail names them.' }),
    kind: t.expose('kind', { type: ViewerKindEnum, description: 'How they have shown who they are.' }),
    grants: t.field({
      type: [AccessGrantRef],
      description: 'What they may do.',
      resolve: ({ grants }) => [...grants],
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When their key or token is good no longer. Null for never.',
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerRef,
    description: 'Who is calling and what they may do.',
    resolve: (_root, _arguments, context) => context.caller.principal,
  }),
);
