import { offsetTimestamp } from '../../clock.ts';
import { Refusal } from '../../http/errors.ts';
import { type Answer, json, NO_CONTENT } from '../../http/exchange.ts';
import type { Access, AuthorizedCall, Endpoint } from '../http/endpoint.ts';
import { encodeId } from '../ids.ts';
import type { Integration } from '../oauth/integrations.ts';
import type { IssuedToken } from '../oauth/records.ts';
import type { World } from '../world.ts';
import { findPerson } from './people.ts';

/** The tokens that people gave to integrations: listing and revoking them, and when the caller's own ends. */
export function authorizationEndpoints(integrations: ReadonlyMap<string, Integration>): Endpoint[] {
  // Read-only administrators are refused here, unlike elsewhere.
  const read = { scopes: ['identity:tokens_read'], rights: 'write' } as const;
  const anyToken: Access = { scopes: [] };
  const write = { scopes: ['identity:tokens_write'], rights: 'write' } as const;
  return [
    {
      route: 'GET /authorizations/tokenExpiry',
      access: anyToken,
      handle: (call) => json(200, { exp: call.caller.expiresAt }),
    },
    { route: 'GET /authorizations', access: read, handle: (call, world) => list(call, world, integrations) },
    {
      route: 'DELETE /authorizations/:id',
      access: write,
      handle: (call, world) => {
        if (world.grants.revokeAuthorization(call.params.id ?? '')) return NO_CONTENT;
        throw new Refusal(404, 'There is no authorization with this id.');
      },
    },
    {
      route: 'DELETE /authorizations',
      access: write,
      handle: (call, world) => {
        const clientId = call.query.get('clientId');
        if (clientId === null) throw new Refusal(400, 'The parameter clientId is needed.');
        for (const token of world.grants.live(
          (grant) => grant.clientId === clientId && grant.home === world.tenant,
        )) {
          world.grants.revokeGrant(token.grant);
        }
        return NO_CONTENT;
      },
    },
  ];
}

function list(call: AuthorizedCall, world: World, integrations: ReadonlyMap<string, Integration>): Answer {
  const personId = call.query.get('personId');
  const email = call.query.get('personEmail');
  if ((personId === null) === (email === null)) {
    throw new Refusal(400, 'Exactly one of personId and personEmail is needed.');
  }
  const home = call.caller.reach.find((tenant) =>
    personId === null ? tenant.people.byEmail(email ?? '') : tenant.has(personId),
  );
  const tenant = home ?? world.tenant;
  const person =
    personId === null
      ? tenant.people.byEmail(email ?? '')
      : findPerson(personId, { ...world, tenant }, false);
  if (person === undefined) throw new Refusal(404, 'There is no person with this email address.');
  const tokens = world.grants.live((grant) => grant.person === person);
  return json(200, { items: tokens.map((token) => authorizationView(token, integrations)) });
}

function authorizationView(token: IssuedToken, integrations: ReadonlyMap<string, Integration>) {
  const { clientId, person } = token.grant;
  return {
    id: token.id,
    applicationId: encodeId('APPLICATION', clientId),
    applicationName: integrations.get(clientId)?.name ?? clientId,
    personId: person?.id,
    clientId,
    created: offsetTimestamp(token.created),
    type: token.type,
  };
}
