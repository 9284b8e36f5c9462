import { isUndecided, wasNotCarriedOut, wasNotSent } from '../datasources/webex/failures.ts';
import { MEMBERS_PER_WRITE } from '../datasources/webex/groups/group-writes.ts';
import type { Group } from '../datasources/webex/records.ts';
import { GatewayError, OutcomeUnknown, UpstreamNotFound, UpstreamRejected } from '../errors.ts';
import type { Workplace } from './attempt.ts';
import type { Notes } from './step.ts';
import { callBehind, judge } from './verdict.ts';

/** One person to add to a group or to take out. */
export interface MemberChange {
  readonly id: string;
  readonly operation: 'add' | 'delete';
}

/** A group with everybody in it. */
export interface WholeGroup {
  readonly group: Group;
  readonly memberIds: ReadonlySet<string>;
}

/** A group and all its members, read anew; null where there is none. */
export async function readWholeGroup({ webex }: Workplace, id: string): Promise<WholeGroup | null> {
  const group = await webex.writes.readGroup(id);
  if (group === null) return null;
  const inline = group.members ?? [];
  const members = inline.length >= group.memberCount ? inline : await webex.writes.readMembers(id);
  return { group, memberIds: new Set(members.map((member) => member.id)) };
}

/**
 * Adds people to a group and takes others out, in as few requests as there may be people in one. A request that
 * fails costs nobody else: what was done stays, the rest goes on, and where Webex refuses a request because of
 * somebody it does not know, it is sent again without them.
 * Throws PartiallyApplied, NotApplied, OutcomeUnknown, or Webex's failure where nothing was done.
 * @param done names of what was done before, as far as it counts in the same answer
 */
export async function settleMembers(
  place: Workplace,
  groupId: string,
  changes: readonly MemberChange[],
  notes: Notes,
  done: readonly string[] = [],
): Promise<Group> {
  const { connector, webex } = place;
  const failures: GatewayError[] = [];
  let last: Group | undefined;
  for (let start = 0; start < changes.length; start += MEMBERS_PER_WRITE) {
    const chunk = changes.slice(start, start + MEMBERS_PER_WRITE);
    try {
      last = await sendChunk(place, groupId, chunk, notes);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      failures.push(error);
      // What Webex does not let in now, it does not let in for the next chunk.
      if (wasNotCarriedOut(error)) break;
    }
  }
  const isOneChunk = changes.length <= MEMBERS_PER_WRITE;
  if (failures.length === 0 && last !== undefined && isOneChunk && shows(last, changes)) return last;
  // What nobody has answered decides what can be said of the whole.
  const failure =
    failures.find(isUndecided) ?? failures.find((each) => !wasNotCarriedOut(each)) ?? failures[0];
  const isNothing = last === undefined && done.length === 0;
  if (failure !== undefined && isNothing && failures.every(wasNotSent)) throw failure;
  const call = callBehind(failure);
  const after = await readWholeGroup(place, groupId).catch(() => undefined);
  if (after === undefined) {
    const isRefused = isNothing && failures.every(wasNotCarriedOut);
    throw failure !== undefined && isRefused ? failure : new OutcomeUnknown(connector.id, null, call);
  }
  if (after === null) throw failure ?? new OutcomeUnknown(connector.id, null, call);
  const missing = changes.filter(({ id, operation }) => after.memberIds.has(id) !== (operation === 'add'));
  const error = judge({
    connectorId: connector.id,
    record: after.group,
    asked: [...done, ...changes.map(nameOf)],
    missing: missing.map(nameOf),
    moved: false,
    failure,
    call,
  });
  if (error !== undefined) throw error;
  return webex.writes.readGroup(groupId).then((group) => group ?? after.group);
}

async function sendChunk(
  place: Workplace,
  groupId: string,
  members: readonly MemberChange[],
  notes: Notes,
): Promise<Group> {
  const { writes } = place.webex;
  try {
    const { group, call } = await writes.changeGroup(groupId, { members });
    notes.called(call);
    return group;
  } catch (error) {
    notes.called(callBehind(error));
    // Which status somebody unknown brings is not documented: 400 or 404.
    const isRefused = error instanceof UpstreamRejected || error instanceof UpstreamNotFound;
    if (!isRefused || members.length < 2) throw error;
    const known = await writes.knownPeople(members.map(({ id }) => id)).catch(() => undefined);
    const rest = members.filter(({ id }) => known?.has(id));
    if (rest.length === 0 || rest.length === members.length) throw error;
    const { group, call } = await writes.changeGroup(groupId, { members: rest }).catch(() => {
      // What the first refusal has done counts as well.
      throw error;
    });
    notes.called(call);
    return group;
  }
}

/** Whether an answer shows that all is as asked for, which it can only where it shows every member. */
function shows({ members = [], memberCount }: Group, changes: readonly MemberChange[]): boolean {
  if (members.length < memberCount) return false;
  const ids = new Set(members.map(({ id }) => id));
  return changes.every(({ id, operation }) => ids.has(id) === (operation === 'add'));
}

function nameOf({ id, operation }: MemberChange): string {
  return `${operation === 'add' ? 'add' : 'remove'} ${id}`;
}
