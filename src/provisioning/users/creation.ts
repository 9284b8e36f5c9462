import type { OpenOrganization } from '../../connectors/organizations.ts';
import { isCallingLicense } from '../../datasources/webex/catalogues/licenses.ts';
import { isUndecided, isUnreadableSuccess, wasNotCarriedOut } from '../../datasources/webex/failures.ts';
import type { PersonChanges } from '../../datasources/webex/people/body.ts';
import type { Person } from '../../datasources/webex/people/person.ts';
import type { License } from '../../datasources/webex/records.ts';
import { EmailTaken, NoSeatsLeft, OutcomeUnknown } from '../../errors/changes.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { OtherOrganization, type UpstreamCall } from '../../errors/upstream.ts';
import type { Notes } from '../changes/notes.ts';
import { isOwnCreation, lookFor } from '../changes/own-creation.ts';
import type { EarlierAttempt } from '../changes/recorded-change.ts';
import { type Reply, replyTo, unseen } from '../changes/reply.ts';
import { callBehind, decisiveFailure } from '../changes/verdict.ts';
import { personDifferences } from './fields.ts';
import type { PersonPlan } from './rules.ts';
import { isWhole, judged, readAgain } from './settle.ts';

/**
 * Creates a user and finds out what came of it. Webex may say 400, or nothing, and have created them: they are
 * looked up by their address, and are ours when they came to be after we had asked. Licenses that Webex left
 * out without a word are asked for once more.
 * @param licenses all of the organization
 * @param earlier an attempt that may have sent the same
 * @param alone keeps others from changing whom there is now
 * Throws EmailTaken, PartiallyApplied, OutcomeUnknown, or Webex's failure if nobody was created.
 */
export async function createUser(
  organization: OpenOrganization,
  plan: PersonPlan,
  licenses: readonly License[],
  notes: Notes,
  earlier: EarlierAttempt | undefined,
  alone: (personId: string, work: () => Promise<Person>) => Promise<Person>,
): Promise<Person> {
  const { admin } = organization;
  const email = plan.changes.emails?.[0] ?? '';
  const began = earlier?.begunAt ?? performance.now();
  const look = (reply: Reply) =>
    findOwn(organization, plan, began, reply).catch((error: unknown) => {
      if (error instanceof EmailTaken && !wasNotCarriedOut(reply.failure)) throw error;
      throw unseen(organization.connector.id, reply);
    });
  let reply: Reply = { call: undefined };
  let person = earlier === undefined ? undefined : await look(reply);
  if (person === undefined && earlier?.maySend === false)
    throw new OutcomeUnknown(organization.connector.id, null, undefined);
  if (person === undefined) {
    const sent = await replyTo(() => admin.createPerson(plan.changes, plan.calling), notes);
    reply = sent;
    // It is known where the person was created, so there is no need to search here.
    if (sent.failure instanceof OtherOrganization) throw sent.failure;
    person = sent.answer?.person;
    // A conflict says that the person existed before: an earlier attempt, or request, may have created them.
    const isFirst = earlier === undefined && sent.call?.isRepeated !== true;
    if (sent.call?.status === 409 && isFirst) await refuseTaken(organization, email, sent.call);
    person ??= await look(reply);
  }
  if (person === undefined) {
    const { failure, call } = reply;
    // Lists lag, so that it says little that nobody is in one.
    const isSaidDone = failure === undefined || isUnreadableSuccess(failure);
    const isUnknown = isSaidDone || isUndecided(failure) || call?.status === 409;
    throw isUnknown ? new OutcomeUnknown(organization.connector.id, null, call) : failure;
  }
  notes.created = person;
  if (isWhole(null, person, plan) && person.parts.calling) return person;
  const { id } = person;
  return alone(id, async () => {
    let after = await readAgain(organization, id, reply);
    const lacking = licenses.filter(
      (license) => plan.changes.licenses?.includes(license.id) && !after.licenseIds.includes(license.id),
    );
    if (lacking.length > 0) {
      reply = await grantAgain(organization, after, plan, lacking, notes, reply);
      after = await readAgain(organization, id, reply);
    }
    return judged(organization, null, after, plan, reply);
  });
}

/** Asks for licenses by themselves: that works if they were only left out, and says why if not. */
async function grantAgain(
  { admin }: OpenOrganization,
  person: Person,
  { changes }: PersonPlan,
  lacking: readonly License[],
  notes: Notes,
  reply: Reply,
): Promise<Reply> {
  const { locationId, extension, phoneNumbers } = changes;
  const properties = {
    locationId,
    extension: extension ?? undefined,
    phoneNumber: phoneNumbers?.[0],
  };
  const grants = lacking.map((license) => ({
    id: license.id,
    operation: 'add' as const,
    ...(isCallingLicense(license) ? { properties } : {}),
  }));
  try {
    const { call } = await admin.changeLicenses(person.id, grants, []);
    notes.called(call);
    return reply.failure === undefined ? { call } : reply;
  } catch (error) {
    notes.failed(error);
    if (!(error instanceof GatewayError)) throw error;
    const failure = decisiveFailure(reply.failure === undefined ? [error] : [reply.failure, error]) ?? error;
    return { failure, call: callBehind(failure) };
  }
}

/**
 * The person who has the address and was created since `began`, as of performance.now(); undefined if nobody has it.
 * Throws EmailTaken if another person had it before, and the errors of an upstream.
 */
function findOwn(
  { connector, admin }: OpenOrganization,
  { changes }: PersonPlan,
  began: number,
  { failure, call }: Reply,
): Promise<Person | undefined> {
  const email = changes.emails?.[0] ?? '';
  return lookFor(failure, async () => {
    const { person, at } = await admin.findPerson(email);
    if (person === undefined) return undefined;
    const { displayName, firstName, lastName, title } = changes;
    const names: PersonChanges = {
      ...(displayName === undefined ? {} : { displayName }),
      ...(firstName === undefined ? {} : { firstName }),
      ...(lastName === undefined ? {} : { lastName }),
      ...(title === undefined ? {} : { title }),
    };
    const isAlike = () => personDifferences(person, names).length === 0;
    if (person.created === undefined) throw new OutcomeUnknown(connector.id, null, call);
    if (isOwnCreation(person.created, at, began, isAlike)) return person;
    throw new EmailTaken(connector.id, email, person.id, call);
  });
}

/** Throws EmailTaken, with who has the address if that can be seen. */
async function refuseTaken(
  { connector, admin }: OpenOrganization,
  email: string,
  call: UpstreamCall,
): Promise<never> {
  const found = await admin.findPerson(email).catch(() => undefined);
  throw new EmailTaken(connector.id, email, found?.person?.id, call);
}

/**
 * Throws EmailTaken instead of NoSeatsLeft if a person has the address: no free seat would help then. The error
 * itself otherwise.
 */
export async function refuseExisting(
  { connector, admin }: OpenOrganization,
  email: string,
  error: unknown,
): Promise<never> {
  const found =
    error instanceof NoSeatsLeft ? await admin.findPerson(email).catch(() => undefined) : undefined;
  throw found?.person === undefined ? error : new EmailTaken(connector.id, email, found.person.id);
}
