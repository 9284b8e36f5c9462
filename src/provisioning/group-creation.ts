import { isUndecided, wasNotCarriedOut, wasNotSent } from '../datasources/webex/failures.ts';
import type { NewGroup } from '../datasources/webex/groups/group-writes.ts';
import type { Group } from '../datasources/webex/records.ts';
import { GatewayError, NameTaken, OtherOrganization, OutcomeUnknown, type UpstreamCall } from '../errors.ts';
import type { Workplace } from './attempt.ts';
import { type Reply, unseen } from './reply.ts';
import type { EarlierAttempt, Notes } from './step.ts';
import { callBehind } from './verdict.ts';

/**
 * The group that Webex has created, or that an earlier attempt has.
 * Throws NameTaken, OutcomeUnknown, or Webex's failure where there is none.
 */
export async function createdGroup(
  place: Workplace,
  input: NewGroup,
  notes: Notes,
  earlier: EarlierAttempt | undefined,
): Promise<Group> {
  const { webex, connector } = place;
  const began = earlier?.begunAt ?? performance.now();
  const look = (reply: Reply) =>
    findOwn(place, input, began, reply.call).catch((error: unknown) => {
      throw error instanceof NameTaken && !wasNotCarriedOut(reply.failure)
        ? error
        : unseen(connector.id, reply);
    });
  const before = earlier === undefined ? undefined : await look({ call: undefined });
  if (before !== undefined) return before;
  try {
    const { group, call } = await webex.writes.createGroup(input);
    notes.called(call);
    return group;
  } catch (error) {
    const call = callBehind(error);
    notes.called(call);
    if (!(error instanceof GatewayError) || wasNotSent(error)) throw error;
    // It is known where the group was created, so nobody has to look for it here.
    if (error instanceof OtherOrganization) throw error;
    // A conflict says that there was one before: which an earlier attempt, or request, may have created.
    const isFirst = earlier === undefined && call?.isRepeated !== true;
    if (call?.status === 409 && isFirst) throw new NameTaken('group', input.displayName, call);
    const own = await look({ failure: error, call });
    if (own !== undefined) return own;
    const isUnknown = isUndecided(error) || call?.status === 409;
    throw isUnknown ? new OutcomeUnknown(connector.id, null, call) : error;
  }
}

/** Webex tells its time to the second. */
const SECOND_MS = 1_000;

/**
 * The group of this name that came to be since `began`, as of performance.now(), by Webex's clock. Within the
 * second that this leaves open, a group with another description is another group.
 * Throws NameTaken for one that was there before.
 */
async function findOwn(
  { webex }: Workplace,
  input: NewGroup,
  began: number,
  call: UpstreamCall | undefined,
): Promise<Group | undefined> {
  const { groups, at } = await webex.writes.findGroups(input.displayName);
  const [found] = groups;
  if (found === undefined) return undefined;
  const earliest = (at ?? new Date()).getTime() - (performance.now() - began);
  const created = found.created?.getTime() ?? 0;
  const isAlike = found.description === input.description;
  if (created >= earliest + SECOND_MS || (created >= earliest && isAlike)) return found;
  throw new NameTaken('group', input.displayName, call);
}

/** Whether a name that Webex did not take belongs to another group. */
export async function hasTakenName(
  { webex }: Workplace,
  failure: GatewayError,
  displayName: string | null | undefined,
  ownId: string,
): Promise<boolean> {
  if (displayName == null) return false;
  if (callBehind(failure)?.status === 409) return true;
  const found = await webex.writes.findGroups(displayName).catch(() => undefined);
  return found?.groups.some(({ id }) => id !== ownId) ?? false;
}
