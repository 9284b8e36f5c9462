import { Refusal } from '../../../http/errors.ts';
import type { AuthorizedCall } from '../../http/endpoint.ts';
import type { World } from '../../world.ts';

/** The world as seen from the organization that a SCIM path names. Throws a 404 Refusal for an unknown one. */
export function inScimOrganization(call: AuthorizedCall, world: World): World {
  const named = call.params.orgId ?? '';
  const takesPublicId = world.settings.scimTakesPublicOrgId;
  const tenant = call.caller.reach.find(
    ({ organization: { id, uuid } }) => named.toLowerCase() === uuid || (takesPublicId && named === id),
  );
  if (tenant === undefined) throw new Refusal(404, 'There is no organization with this id.');
  return { ...world, tenant };
}
