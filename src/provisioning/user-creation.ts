import { setTimeout as sleep } from 'node:timers/promises';
import { isCallingLicense } from '../datasources/webex/catalogues/licenses.ts';
import { isUndecided, wasNotCarriedOut } from '../datasources/webex/failures.ts';
import type { Person } from '../datasources/webex/people/person.ts';
import type { PersonChanges } from '../datasources/webex/people/person-body.ts';
import type { License } from '../datasources/webex/records.ts';
import { EmailTaken, GatewayError, OtherOrganization, OutcomeUnknown, type UpstreamCall } from '../errors.ts';
import type { Exclusively } from '../store/exclusive.ts';
import type { Workplace } from './attempt.ts';
import { personDifferences, personMissing } from './person-fields.ts';
import type { PersonPlan } from './person-rules.ts';
import { type Reply, replyTo, unseen } from './reply.ts';
import { judged, readAgain } from './settle-person.ts';
import type { EarlierAttempt, Notes } from './step.ts';
import { callBehind } from './verdict.ts';

/** How long to wait before each look for somebody who may have been created, in milliseconds: lists lag. */
const LOOKS_MS = [0, 500, 1_500];

/**
 * Creates a user and finds out what came of it. Webex may say 400, or nothing, and have created them: they are
 * looked up by their address, and are ours when they came to be after we had asked. Licenses that Webex left
 * out without a word are asked for once more.
 * @param licenses all of the organization
 * @param earlier somebody who may have sent the same
 * @param exclusively keeps others from changing whom there is now
 * Throws EmailTaken, PartiallyApplied, OutcomeUnknown, or Webex's failure where nobody was created.
 */
export async function createUser(
  place: Workplace,
  plan: PersonPlan,
  licenses: readonly License[],
  notes: Notes,
  earlier: EarlierAttempt | undefined,
  exclusively: Exclusively,
): Promise<Person> {
  const { writes } = place.webex;
  const email = plan.changes.emails?.[0] ?? '';
  const began = earlier?.begunAt ?? performance.now();
  const look = (looks: readonly number[], reply: Reply) =>
    findOwn(place, plan, began, looks, reply.call).catch((error: unknown) => {
      if (error instanceof EmailTaken && !wasNotCarriedOut(reply.failure)) throw error;
      throw unseen(place.connector.id, reply);
    });
  let reply: Reply = { call: undefined };
  let person = earlier === undefined ? undefined : await look(LOOKS_MS, reply);
  if (person === undefined) {
    const sent = await replyTo(() => writes.createPerson(plan.changes, plan.calling), notes);
    reply = sent;
    // It is known where somebody was created, so nobody has to look for them here.
    if (sent.failure instanceof OtherOrganization) throw sent.failure;
    person = sent.answer?.person;
    // A conflict says that there was somebody before: whom an earlier attempt, or request, may have created.
    const isFirst = earlier === undefined && sent.call?.isRepeated !== true;
    if (sent.call?.status === 409 && isFirst) await refuseTaken(place, email, sent.call);
    person ??= await look(wasNotCarriedOut(sent.failure) ? [0] : LOOKS_MS, reply);
  }
  if (person === undefined) {
    const { failure, call } = reply;
    const isUnknown = failure === undefined || isUndecided(failure) || call?.status === 409;
    throw isUnknown ? new OutcomeUnknown(place.connector.id, null, call) : failure;
  }
  notes.targetId = person.id;
  const isWhole = personMissing(null, person, plan.changes).length === 0;
  if (isWhole && person.parts.calling) return person;
  const { id } = person;
  return exclusively(`person ${id}`, async () => {
    let after = await readAgain(place, id, reply);
    const lacking = licenses.filter(
      (license) => plan.changes.licenses?.includes(license.id) && !after.licenseIds.includes(license.id),
    );
    if (lacking.length > 0) {
      reply = await grantAgain(place, after, plan, lacking, notes, reply);
      after = await readAgain(place, id, reply);
    }
    return judged(place, null, after, plan, reply);
  });
}

/** Asks for licenses by themselves: that works where they were only left out, and says why where not. */
async function grantAgain(
  { webex }: Workplace,
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
    const { call } = await webex.writes.changeLicenses(person.id, grants, []);
    notes.called(call);
    return reply.failure === undefined ? { call } : reply;
  } catch (error) {
    notes.called(callBehind(error));
    if (!(error instanceof GatewayError)) throw error;
    return { failure: error, call: callBehind(error) };
  }
}

/**
 * Whoever has the address and came to be since `began`; undefined where nobody has it.
 * @param began as of performance.now()
 * Throws EmailTaken where somebody had it before, and the errors of an upstream.
 */
async function findOwn(
  { connector, webex }: Workplace,
  plan: PersonPlan,
  began: number,
  looks: readonly number[],
  call: UpstreamCall | undefined,
): Promise<Person | undefined> {
  const email = plan.changes.emails?.[0] ?? '';
  for (const wait of looks) {
    if (wait > 0) await sleep(wait);
    const { person, at } = await webex.writes.findPerson(email);
    if (person === undefined) continue;
    if (isOwn(person, plan, (at ?? new Date()).getTime(), began)) return person;
    throw new EmailTaken(connector.id, email, person.id, call);
  }
  return undefined;
}

/** Webex tells its time to the second. */
const SECOND_MS = 1_000;

/**
 * Whether somebody was created by the request that began then. Webex's clock counts. Within the second that it
 * leaves open, whoever has another name is somebody else. Pure, but for the time it takes.
 */
function isOwn(person: Person, { changes }: PersonPlan, webexNow: number, began: number): boolean {
  const earliest = webexNow - (performance.now() - began);
  const created = person.created.getTime();
  if (created < earliest) return false;
  if (created >= earliest + SECOND_MS) return true;
  const { displayName, firstName, lastName, title } = changes;
  const names: PersonChanges = {
    ...(displayName === undefined ? {} : { displayName }),
    ...(firstName === undefined ? {} : { firstName }),
    ...(lastName === undefined ? {} : { lastName }),
    ...(title === undefined ? {} : { title }),
  };
  return personDifferences(person, names).length === 0;
}

/** Throws EmailTaken, with who has the address where that can be seen. */
async function refuseTaken(
  { connector, webex }: Workplace,
  email: string,
  call: UpstreamCall,
): Promise<never> {
  const found = await webex.writes.findPerson(email).catch(() => undefined);
  throw new EmailTaken(connector.id, email, found?.person?.id, call);
}
