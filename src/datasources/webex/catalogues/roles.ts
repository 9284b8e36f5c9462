import type { CallContext } from '../call.ts';
import type { WebexClient } from '../client.ts';
import type { Role } from '../records.ts';
import { readRecords, readText } from '../wire.ts';

/** All roles an administrator can be given; Webex sends them in one answer. */
export async function listRoles(client: WebexClient, context: CallContext): Promise<Role[]> {
  const answer = await client.get('/roles', {}, context);
  return readRecords(answer, 'items', 'roles', context.meter).map((wire) => ({
    id: wire.id,
    name: readText(wire, 'name') ?? 'Unnamed role',
  }));
}
