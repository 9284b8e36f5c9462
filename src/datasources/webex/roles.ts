import { UpstreamInvalid } from '../../errors.ts';
import type { CallContext, WebexClient } from './client.ts';
import type { Role } from './records.ts';
import { readObjects, readText } from './wire.ts';

/** All roles an administrator can be given; Webex sends them in one answer. */
export async function listRoles(client: WebexClient, context: CallContext): Promise<Role[]> {
  const { body, call } = await client.get('/roles', {}, context);
  if (!Array.isArray(body.items)) {
    throw new UpstreamInvalid('Webex answered with a list of roles that has no items.', call);
  }
  return readObjects(body, 'items').map((wire) => {
    const id = readText(wire, 'id');
    if (id === undefined) throw new UpstreamInvalid('Webex answered with a role that has no id.', call);
    return { id, name: readText(wire, 'name') ?? 'Unnamed role' };
  });
}
