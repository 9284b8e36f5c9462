import { UpstreamForbidden, UpstreamInvalid, UpstreamNotFound } from '../../../errors/upstream.ts';
import type { CallContext } from '../../rest/call-context.ts';
import { readDate, readText } from '../../rest/json.ts';
import { withId } from '../asked-for.ts';
import type { WebexClient } from '../client.ts';
import { uuidOf } from '../ids.ts';
import type { Organization } from '../records.ts';

/**
 * An organization. Its name takes the scope spark-admin:organizations_read, which is not among the
 * minimum scopes; without it the organization's UUID stands in for the name.
 */
export async function getOrganization(
  client: WebexClient,
  context: CallContext,
  id: string,
): Promise<Organization> {
  const nameless = { id, displayName: uuidOf(id) ?? id, created: undefined };
  try {
    const { body, call } = await client.get(`/organizations/${encodeURIComponent(id)}`, {}, context);
    const own = readText(body, 'id');
    if (own === undefined) {
      throw new UpstreamInvalid('Webex answered with an organization that has no id.', call);
    }
    return {
      id: withId({ id: own }, id, call).id,
      displayName: readText(body, 'displayName') ?? nameless.displayName,
      created: readDate(body, 'created'),
    };
  } catch (error) {
    if (error instanceof UpstreamForbidden || error instanceof UpstreamNotFound) return nameless;
    throw error;
  }
}
