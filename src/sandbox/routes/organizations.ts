import { offsetTimestamp } from '../clock.ts';
import { hasScope } from '../http/authorize-call.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { Refusal } from '../http/errors.ts';
import { type AuthorizedCall, json } from '../http/exchange.ts';
import { decodeId } from '../ids.ts';
import type { World } from '../world.ts';

const ACCESS = { scopes: [], rights: 'read' } as const;

/** Organizations: an ordinary administrator sees one. Whether that takes a scope is a setting. */
export const organizationEndpoints: readonly Endpoint[] = [
  {
    route: 'GET /organizations',
    access: ACCESS,
    handle: (call, world) => {
      assertScope(call, world);
      return json(200, { items: [organizationView(world)] });
    },
  },
  {
    route: 'GET /organizations/:id',
    access: ACCESS,
    handle: (call, world) => {
      assertScope(call, world);
      const id = call.params.id ?? '';
      if (id === world.tenant.organization.id) return json(200, organizationView(world));
      if (decodeId('ORGANIZATION', id) === undefined) {
        throw new Refusal(400, 'The id is not the id of an organization.');
      }
      throw new Refusal(404, 'There is no organization with this id.');
    },
  },
];

function assertScope(call: AuthorizedCall, world: World): void {
  if (!world.settings.organizationsNeedScope || hasScope(call.caller, 'spark-admin:organizations_read'))
    return;
  throw new Refusal(403, 'The access token lacks the scope spark-admin:organizations_read.');
}

function organizationView(world: World) {
  const { id, displayName, created } = world.tenant.organization;
  return { id, displayName, created: offsetTimestamp(created) };
}
