import type { CallContext } from '../../rest/call-context.ts';
import { readText } from '../../rest/json.ts';
import type { WebexClient } from '../client.ts';
import type { Role } from '../records.ts';
import { readCatalogue } from './read-catalogue.ts';

/** All roles an administrator can be given. */
export async function listRoles(client: WebexClient, context: CallContext): Promise<Role[]> {
  const wires = await readCatalogue(client, '/roles', 'roles', context);
  return wires.map((wire) => ({
    id: wire.id,
    name: readText(wire, 'name') ?? 'Unnamed role',
  }));
}
