import { UpstreamInvalid } from '../../../errors.ts';
import type { CallContext } from '../call.ts';
import type { WebexClient } from '../client.ts';
import type { Role } from '../records.ts';
import { readRecords, readText } from '../wire.ts';

/** All roles an administrator can be given; Webex sends them in one answer. */
export async function listRoles(client: WebexClient, context: CallContext): Promise<Role[]> {
  const { body, call } = await client.get('/roles', {}, context);
  return readRecords(body, 'items', 'roles', call).map((wire) => {
    const id = readText(wire, 'id');
    if (id === undefined) throw new UpstreamInvalid('Webex answered with a role that has no id.', call);
    return { id, name: readText(wire, 'name') ?? 'Unnamed role' };
  });
}
