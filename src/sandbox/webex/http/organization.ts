import { Refusal } from '../../http/errors.ts';
import type { Call } from '../../http/exchange.ts';
import type { Caller } from '../oauth/grants.ts';
import type { Settings } from '../settings.ts';
import type { Tenant } from '../state/tenant.ts';
import type { World } from '../world.ts';

/**
 * The organization that a request is about: the one that its `orgId` names, or the one that has the record of its
 * path, or else the caller's own. Throws a 403 Refusal for one that the caller does not manage.
 */
export function organizationOf(call: Call, caller: Caller, settings: Settings): Tenant {
  const orgId = settings.ignoresOrgId ? null : call.query.get('orgId');
  if (orgId !== null) return managedOrganization(orgId, caller);
  const { id } = call.params;
  const holder = id === undefined ? undefined : caller.reach.find((tenant) => tenant.has(id));
  return holder ?? caller.home;
}

/** The world as seen from the organization that a request's body names; unchanged if it names none. */
export function inNamedOrganization(world: World, caller: Caller, orgId: string | undefined): World {
  if (orgId === undefined || world.settings.ignoresOrgId) return world;
  return { ...world, tenant: managedOrganization(orgId, caller) };
}

function managedOrganization(orgId: string, caller: Caller): Tenant {
  const tenant = caller.reach.find(({ organization }) => organization.id === orgId);
  if (tenant !== undefined) return tenant;
  throw new Refusal(403, 'The owner of the token does not manage the organization that orgId names.');
}
