import type { OpenOrganization } from '../../connectors/organizations.ts';
import type { Person } from '../../datasources/webex/people/person.ts';
import type { WrittenPerson } from '../../datasources/webex/people/writes.ts';
import { NotFound } from '../../errors/request.ts';
import { UpstreamNotFound } from '../../errors/upstream.ts';
import type { Notes } from '../changes/notes.ts';
import { type Reply, replyTo, unseen } from '../changes/reply.ts';
import { judge, partsOf } from '../changes/verdict.ts';
import { personChanges, personDifferences, personStanding } from './fields.ts';
import type { PersonPlan } from './rules.ts';

/**
 * Sends a change of a person and finds out what came of it. Webex's answer counts if it shows all that was
 * asked for; after anything else the person is read again, because a failure may have done a part, and a
 * success may have left a part out.
 * Throws PartiallyApplied, NotApplied, OutcomeUnknown, NotFound, or Webex's failure if nothing was done.
 */
export async function settlePerson(
  organization: OpenOrganization,
  before: Person,
  plan: PersonPlan,
  notes: Notes,
  send: () => Promise<WrittenPerson>,
): Promise<Person> {
  const reply = await replyTo(send, notes);
  const person = reply.answer?.person;
  if (person !== undefined && isWhole(before, person, plan)) return person;
  const after = await readAgain(organization, before.id, reply);
  return judged(organization, before, after, plan, reply);
}

/** Whether a person is as asked for. Pure. */
export function isWhole(before: Person | null, after: Person, { changes }: PersonPlan): boolean {
  return personStanding(after, personChanges(before, changes)).missing.length === 0;
}

/**
 * The person as they stand after a change. Throws what `unseen` makes of a person who cannot be read, and NotFound if
 * Webex has answered the change in the same way: one absence alone may be a copy of Webex's data that is behind.
 */
export async function readAgain(
  { connector, admin }: OpenOrganization,
  id: string,
  reply: Reply,
): Promise<Person> {
  const after = await admin.readPerson(id).catch(() => undefined);
  if (after === null && reply.failure instanceof UpstreamNotFound) throw new NotFound('user', id);
  if (after == null) throw unseen(connector.id, reply);
  return after;
}

/**
 * The person, if all is as asked for. Throws what `judge` makes of anything else.
 * @param before null if the person is new
 */
export function judged(
  { connector }: OpenOrganization,
  before: Person | null,
  after: Person,
  plan: PersonPlan,
  { failure, call }: Reply,
): Person {
  const { missing, hasMoved } = personStanding(after, personChanges(before, plan.changes));
  const error = judge({
    connectorId: connector.id,
    record: after,
    parts: partsOf(
      personDifferences(before, plan.changes).map(({ field }) => field),
      missing,
    ),
    moved: hasMoved,
    failure,
    call,
  });
  if (error !== undefined) throw error;
  return after;
}
