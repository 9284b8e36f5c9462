import { type Edge, type End, otherEnd, referenceOf } from './edges.ts';
import type { Json, JsonObject } from './json.ts';
import type { Collection, Stored, Tenant } from './tenant.ts';

/**
 * The computed arrays of a user: roles, groups, applications and assignments, given directly or through a role. They may
 * lag behind the relationships that they come from.
 */
export function effectiveValues(tenant: Tenant, collection: Collection, { id }: Stored): JsonObject {
  const moment = tenant.clock.now() - tenant.settings.effectiveLagMs;
  const edgesOf = (name: string, object: string, property: string) => {
    const end = { collection: name, id: object, property };
    return tenant.edges.asOf(end, moment).map((edge) => ({ edge, end }));
  };
  const of = (property: string) => edgesOf(collection.name, id, property);
  const roles = of('roles');
  const throughRoles = (property: string) =>
    roles.flatMap((role) => {
      const { collection: name, id: roleId } = otherEnd(role.edge, role.end);
      return edgesOf(name, roleId, property);
    });
  return {
    effectiveRoles: roles.map(reference),
    effectiveGroups: of('groups').map(reference),
    effectiveAssignments: objectsOf(tenant, [...of('assignments'), ...throughRoles('assignments')]),
    effectiveApplications: objectsOf(tenant, [...of('applications'), ...throughRoles('applications')]),
    memberOfOrgIDs: of('memberOfOrg').map(({ edge, end }) => otherEnd(edge, end).id),
    assignedDashboard: [],
  };
}

interface Held {
  readonly edge: Edge;
  readonly end: End;
}

function reference({ edge, end }: Held): JsonObject {
  const { _refProperties: _, ...rest } = referenceOf(edge, end);
  return rest;
}

/** The objects at the other ends, each once, with their own values. */
function objectsOf(tenant: Tenant, held: readonly Held[]): Json[] {
  const found = new Map<string, Json>();
  for (const { edge, end } of held) {
    const other = otherEnd(edge, end);
    const stored = tenant.collections.get(other.collection)?.objects.get(other.id);
    if (stored !== undefined)
      found.set(other.id, { _id: stored.id, _rev: stored.revision, ...stored.values });
  }
  return [...found.values()];
}
