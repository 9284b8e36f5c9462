import type { Principal, PrincipalKind } from '../../access/principal.ts';
import type { Grant } from '../../access/scopes.ts';
import { AccessScopeEnum } from '../base/access-scopes.ts';
import { builder } from '../base/builder.ts';
import { ConnectorRef } from '../base/refs.ts';

/** What an API key or a token allows. */
export const AccessGrantRef = builder.objectRef<Grant>('AccessGrant').implement({
  description: 'A scope, and the connectors that it is granted for.',
  fields: (t) => ({
    scope: t.expose('scope', { type: AccessScopeEnum, description: 'What the caller may do.' }),
    allConnectors: t.boolean({
      description: 'Whether it is granted for all connectors, including those created later.',
      resolve: ({ connectors }) => connectors === null,
    }),
    connectors: t.field({
      type: [ConnectorRef],
      fallible: true,
      description:
        'The connectors it is granted for, as far as you can see them. With `allConnectors`, all that there are now.',
      resolve: async ({ connectors }, _arguments, context) => {
        const visible = await context.connectors.list();
        if (connectors === null) return visible;
        return visible.filter(({ id, name }) => connectors.includes(id) || connectors.includes(name));
      },
    }),
  }),
});

const KIND_VALUES = {
  API_KEY: { description: 'An API key of the gateway.' },
  TOKEN: { description: 'A token of the identity provider that the gateway trusts.' },
  OPEN: { description: 'None: access control is off, and every caller may do everything.' },
} satisfies Readonly<Record<PrincipalKind, { description: string }>>;

const ViewerKindEnum = builder.enumType('ViewerKind', {
  description: 'How a caller is authenticated.',
  values: KIND_VALUES,
});

const ViewerRef = builder.objectRef<Principal>('Viewer').implement({
  description: 'The caller, and what they may do.',
  fields: (t) => ({
    name: t.exposeString('actor', {
      description: 'The name of the caller, as the actor in the audit trail.',
    }),
    kind: t.expose('kind', { type: ViewerKindEnum, description: 'How the caller is authenticated.' }),
    grants: t.field({
      type: [AccessGrantRef],
      description: 'What the caller may do.',
      resolve: ({ grants }) => [...grants],
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the API key or token of the caller expires. Null if it never expires.',
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerRef,
    description: 'The caller, and what they may do.',
    resolve: (_root, _arguments, context) => context.caller.principal,
  }),
);
