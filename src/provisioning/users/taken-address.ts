import type { OpenOrganization } from '../../connectors/organizations.ts';
import { canonicalEmail } from '../../datasources/webex/canonical.ts';
import type { PersonChanges } from '../../datasources/webex/people/body.ts';
import type { Person } from '../../datasources/webex/people/person.ts';
import { EmailTaken } from '../../errors/changes.ts';
import { UpstreamRejected } from '../../errors/upstream.ts';

/**
 * Throws EmailTaken if another user of the organization has an address that a user is to get. One request, and none if
 * the user gets no new address. Throws the errors of an upstream.
 */
export async function assertNotTaken(
  organization: OpenOrganization,
  before: Person,
  changes: PersonChanges,
): Promise<void> {
  const taken = await findTaken(organization, before, changes);
  if (taken !== undefined) throw taken;
}

/**
 * Throws EmailTaken for a change that Webex refused as a conflict (409) if another user has the address; the error
 * itself otherwise.
 */
export async function refuseConflict(
  organization: OpenOrganization,
  before: Person,
  changes: PersonChanges,
  error: unknown,
): Promise<never> {
  if (!(error instanceof UpstreamRejected) || error.call.status !== 409) throw error;
  const taken = await findTaken(organization, before, changes).catch(() => undefined);
  if (taken === undefined) throw error;
  throw new EmailTaken(taken.connectorId, taken.email, taken.userId, error.call);
}

async function findTaken(
  { connector, admin }: OpenOrganization,
  before: Person,
  { emails = [] }: PersonChanges,
): Promise<EmailTaken | undefined> {
  const had = new Set(before.emails.map(canonicalEmail));
  const email = emails.find((each) => !had.has(canonicalEmail(each)));
  if (email === undefined) return undefined;
  const { person } = await admin.findPerson(email);
  const isFree = person === undefined || person.id === before.id;
  return isFree ? undefined : new EmailTaken(connector.id, email, person.id);
}
