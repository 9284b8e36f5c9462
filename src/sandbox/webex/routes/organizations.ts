import { offsetTimestamp } from '../../clock.ts';
import { Refusal } from '../../http/errors.ts';
import { json } from '../../http/exchange.ts';
import { hasScope } from '../http/authorize-call.ts';
import type { AuthorizedCall, Endpoint } from '../http/endpoint.ts';
import { decodeId } from '../ids.ts';
import type { Organization } from '../state/records.ts';
import type { World } from '../world.ts';

const ACCESS = { scopes: [], rights: 'read' } as const;

/** Organizations: an ordinary administrator sees one, a partner's those of its customers, too. Whether that takes a scope is a setting. */
export const organizationEndpoints: readonly Endpoint[] = [
  {
    route: 'GET /organizations',
    access: ACCESS,
    handle: (call, world) => {
      assertScope(call, world);
      return json(200, {
        items: call.caller.reach.map(({ organization }) => organizationView(organization)),
      });
    },
  },
  {
    route: 'GET /organizations/:id',
    access: ACCESS,
    handle: (call, world) => {
      assertScope(call, world);
      const id = call.params.id ?? '';
      const found = call.caller.reach.find(({ organization }) => organization.id === id);
      if (found !== undefined) return json(200, organizationView(found.organization));
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

function organizationView({ id, displayName, created }: Organization) {
  return { id, displayName, created: offsetTimestamp(created) };
}
