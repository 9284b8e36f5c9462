import { Refusal } from '../../http/errors.ts';
import { json } from '../../http/exchange.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { decodeId } from '../ids.ts';
import type { RoleRecord } from '../state/records.ts';

const READ = { scopes: ['spark-admin:roles_read'], rights: 'read' } as const;

/** The administrator roles, unpaged. */
export const roleEndpoints: readonly Endpoint[] = [
  {
    route: 'GET /roles',
    access: READ,
    handle: (_call, world) => json(200, { items: world.tenant.roles.all.map(roleView) }),
  },
  {
    route: 'GET /roles/:id',
    access: READ,
    handle: (call, world) => {
      const id = call.params.id ?? '';
      const role = world.tenant.roles.byId(id);
      if (role !== undefined) return json(200, roleView(role));
      if (decodeId('ROLE', id) === undefined) throw new Refusal(400, 'The id is not the id of a role.');
      throw new Refusal(404, 'There is no role with this id.');
    },
  },
];

function roleView({ id, name }: RoleRecord) {
  return { id, name };
}
