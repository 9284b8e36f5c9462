import type { OpenOrganization } from '../../connectors/organizations.ts';
import {
  isUndecided,
  isUnreadableSuccess,
  wasNotCarriedOut,
  wasNotSent,
} from '../../datasources/webex/failures.ts';
import { MEMBERS_PER_WRITE, type NewGroup } from '../../datasources/webex/groups/writes.ts';
import type { Group } from '../../datasources/webex/records.ts';
import { OutcomeUnknown, PartiallyApplied } from '../../errors/changes.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { NameTaken } from '../../errors/request.ts';
import { OtherOrganization } from '../../errors/upstream.ts';
import type { Notes } from '../changes/notes.ts';
import type { FieldChange } from '../changes/outcome.ts';
import { isOwnCreation, lookFor } from '../changes/own-creation.ts';
import type { EarlierAttempt } from '../changes/recorded-change.ts';
import type { Reference } from '../changes/references.ts';
import { type Reply, unseen } from '../changes/reply.ts';
import { callBehind, partsOf } from '../changes/verdict.ts';
import { groupDifferences, groupStanding } from './fields.ts';
import { type MemberChange, readWholeGroup, settleMembers } from './members.ts';

/** A new group. */
export interface GroupInput {
  readonly displayName: string;
  readonly description?: string | null | undefined;
  readonly members: readonly Reference[];
}

/** A new group, field by field and member by member. */
interface NewGroupChanges {
  readonly differences: readonly FieldChange[];
  readonly additions: readonly MemberChange[];
}

/**
 * Creates a group with any number of members: Webex takes 500 of them at first, the others follow.
 * @param earlier an attempt that may have sent the same
 * Throws NameTaken, PartiallyApplied, OutcomeUnknown, or Webex's failure if no group was created.
 */
export async function createGroup(
  organization: OpenOrganization,
  input: NewGroup,
  { differences, additions }: NewGroupChanges,
  notes: Notes,
  earlier: EarlierAttempt | undefined,
): Promise<Group> {
  const { connector, admin } = organization;
  const { memberIds } = input;
  const first = { ...input, memberIds: memberIds.slice(0, MEMBERS_PER_WRITE) };
  const group = await createdGroup(organization, first, notes, earlier);
  notes.created = group;
  const whole = group.members === undefined ? await readWholeGroup(organization, group.id) : undefined;
  const there = whole?.memberIds ?? new Set(group.members?.map(({ id }) => id));
  const rest = additions.filter(({ id }) => !there.has(id));
  const made =
    rest.length === 0 ? group : await settleMembers(organization, group.id, rest, notes, ['displayName']);
  if (groupStanding(made, differences).missing.length === 0) return made;
  const after = await admin.readGroup(group.id).catch(() => null);
  if (after === null) throw new OutcomeUnknown(connector.id, made, undefined);
  const { applied, missing } = groupStanding(after, differences);
  if (missing.length === 0) return after;
  const done = [...applied, ...(memberIds.length === 0 ? [] : ['members'])];
  throw new PartiallyApplied(connector.id, after, partsOf(done, missing), undefined, undefined);
}

/**
 * The group that Webex has created, or that an earlier attempt has.
 * Throws NameTaken, OutcomeUnknown, or Webex's failure if no group was created.
 */
async function createdGroup(
  organization: OpenOrganization,
  input: NewGroup,
  notes: Notes,
  earlier: EarlierAttempt | undefined,
): Promise<Group> {
  const { admin, connector } = organization;
  const began = earlier?.begunAt ?? performance.now();
  const look = (reply: Reply) =>
    findOwn(organization, input, began, reply).catch((error: unknown) => {
      throw error instanceof NameTaken && !wasNotCarriedOut(reply.failure)
        ? error
        : unseen(connector.id, reply);
    });
  const before = earlier === undefined ? undefined : await look({ call: undefined });
  if (before !== undefined) return before;
  if (earlier?.maySend === false) throw new OutcomeUnknown(connector.id, null, undefined);
  try {
    const { group, call } = await admin.createGroup(input);
    notes.called(call);
    return group;
  } catch (error) {
    const call = callBehind(error);
    notes.failed(error);
    if (!(error instanceof GatewayError) || wasNotSent(error)) throw error;
    // It is known where the group was created, so nobody has to look for it here.
    if (error instanceof OtherOrganization) throw error;
    // A conflict says that there was one before: which an earlier attempt, or request, may have created.
    const isFirst = earlier === undefined && call?.isRepeated !== true;
    if (call?.status === 409 && isFirst) throw new NameTaken('group', input.displayName, call);
    const own = await look({ failure: error, call });
    if (own !== undefined) return own;
    // Lists lag, so a list without the group proves little.
    const isUnknown = isUnreadableSuccess(error) || isUndecided(error) || call?.status === 409;
    throw isUnknown ? new OutcomeUnknown(connector.id, null, call) : error;
  }
}

/**
 * The group of this name that came to be since `began`, as of performance.now().
 * Throws NameTaken for one that was there before.
 */
function findOwn(
  { admin, connector }: OpenOrganization,
  input: NewGroup,
  began: number,
  { failure, call }: Reply,
): Promise<Group | undefined> {
  return lookFor(failure, async () => {
    const { groups, at } = await admin.findGroups(input.displayName);
    const [found] = groups;
    if (found === undefined) return undefined;
    const { description = '' } = input;
    const isAlike = () => groupDifferences(found, { description }).length === 0;
    if (found.created === undefined) throw new OutcomeUnknown(connector.id, null, call);
    if (isOwnCreation(found.created, at, began, isAlike)) return found;
    throw new NameTaken('group', input.displayName, call);
  });
}

/** Whether a name that Webex did not take belongs to another group. */
export async function hasTakenName(
  { admin }: OpenOrganization,
  failure: GatewayError,
  displayName: string | null | undefined,
  ownId: string,
): Promise<boolean> {
  if (displayName == null) return false;
  if (callBehind(failure)?.status === 409) return true;
  const found = await admin.findGroups(displayName).catch(() => undefined);
  return found?.groups.some(({ id }) => id !== ownId) ?? false;
}
