import type { OpenOrganization } from '../../connectors/organizations.ts';
import { wasNotCarriedOut, wasNotSent } from '../../datasources/webex/failures.ts';
import { MEMBERS_PER_WRITE } from '../../datasources/webex/groups/writes.ts';
import { canonicalId } from '../../datasources/webex/ids.ts';
import type { Group } from '../../datasources/webex/records.ts';
import { OutcomeUnknown } from '../../errors/changes.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { NotFound } from '../../errors/request.ts';
import { UpstreamNotFound, UpstreamRejected } from '../../errors/upstream.ts';
import type { ChangeReport } from '../changes/change-report.ts';
import { namesById, withNames } from '../changes/names.ts';
import type { Notes } from '../changes/notes.ts';
import type { FieldChange, Json } from '../changes/outcome.ts';
import { callBehind, decisiveFailure, judge, partsOf } from '../changes/verdict.ts';
import type { Standing } from '../changes/visible-state.ts';
import { groupStanding } from './fields.ts';

/** One person to add to a group or to take out. */
export interface MemberChange {
  readonly id: string;
  readonly operation: 'add' | 'delete';
  /** How the caller wrote the person; undefined if nobody has to be told. */
  readonly given?: string | undefined;
  /** What the person is called, if the caller said so. */
  readonly name?: string | undefined;
}

/** A group with everybody in it. */
export interface WholeGroup {
  readonly group: Group;
  readonly memberIds: ReadonlySet<string>;
}

/** A group and all its members, read again; null if the group does not exist. */
export async function readWholeGroup({ admin }: OpenOrganization, id: string): Promise<WholeGroup | null> {
  const group = await admin.readGroup(id);
  if (group === null) return null;
  const inline = group.members ?? [];
  const isWhole = group.memberCount !== undefined && inline.length >= group.memberCount;
  const members = isWhole ? inline : await admin.readMembers(id);
  return { group, memberIds: new Set(members.map((member) => member.id)) };
}

/**
 * Adds people to a group and takes others out, in as few requests as there may be people in one. A request that
 * fails costs nobody else: what was done stays, the rest goes on, and if Webex refuses a request because of
 * people it does not know, it is sent again without them.
 * Throws PartiallyApplied, NotApplied, OutcomeUnknown, or Webex's failure if nothing was done.
 * @param done names of what was done before, as far as it counts in the same answer
 */
export async function settleMembers(
  organization: OpenOrganization,
  groupId: string,
  changes: readonly MemberChange[],
  notes: Notes,
  done: readonly string[] = [],
): Promise<Group> {
  const { connector, admin } = organization;
  const failures: GatewayError[] = [];
  const reasons = new Map<string, GatewayError>();
  let last: Group | undefined;
  for (let start = 0; start < changes.length; start += MEMBERS_PER_WRITE) {
    const chunk = changes.slice(start, start + MEMBERS_PER_WRITE);
    try {
      last = await sendChunk(organization, groupId, chunk, notes, reasons);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      failures.push(error);
      for (const { id } of chunk) if (!reasons.has(id)) reasons.set(id, error);
      // What Webex does not let in now, it does not let in for the next chunk.
      if (wasNotCarriedOut(error)) break;
    }
  }
  const isOneChunk = changes.length <= MEMBERS_PER_WRITE;
  if (failures.length === 0 && last !== undefined && isOneChunk && shows(last, changes)) return last;
  const failure = decisiveFailure(failures);
  const isNothing = last === undefined && done.length === 0;
  if (failure !== undefined && isNothing && failures.every(wasNotSent)) throw failure;
  const call = callBehind(failure);
  const after = await readWholeGroup(organization, groupId).catch(() => undefined);
  if (after === undefined) {
    const isRefused = isNothing && failures.every(wasNotCarriedOut);
    throw failure !== undefined && isRefused ? failure : new OutcomeUnknown(connector.id, null, call);
  }
  if (after === null) throw failure ?? new OutcomeUnknown(connector.id, null, call);
  const { missing } = membersStanding(after, changes);
  const error = judge({
    connectorId: connector.id,
    record: after.group,
    parts: partsOf([...done, ...changes.map(nameOf)], missing),
    moved: false,
    failure,
    call,
  });
  if (error !== undefined) {
    const names = new Set(missing);
    notes.failedMembers = changes
      .filter((change) => names.has(nameOf(change)))
      .map(({ id, operation, given }) => ({
        ...{ id, given, error: reasons.get(id) ?? error },
        action: operation === 'add' ? 'ADD' : 'REMOVE',
        outcome: error instanceof OutcomeUnknown ? 'UNKNOWN' : 'NOT_APPLIED',
      }));
    throw error;
  }
  return admin.readGroup(groupId).then((group) => group ?? after.group);
}

/**
 * Checks for a dry run that Webex knows the people to add. Those who were found by their addresses are known.
 * Throws NotFound for the first who is not; the report has all of them.
 */
export async function assertKnown(
  { admin }: OpenOrganization,
  changes: readonly MemberChange[],
  report: ChangeReport,
): Promise<void> {
  const doubtful = changes.filter(({ operation, name }) => operation === 'add' && name === undefined);
  const found = await admin.knownPeople(doubtful.map(({ id }) => id));
  const known = new Set([...found].map(canonicalId));
  report.failedMembers = doubtful
    .filter(({ id }) => !known.has(canonicalId(id)))
    .map(({ id, given }) => ({
      ...{ id, given, error: new NotFound('user', id) },
      action: 'ADD',
      outcome: 'NOT_APPLIED',
    }));
  const [first] = report.failedMembers;
  if (first !== undefined) throw first.error;
}

/** @param reasons is given why people could not be added or removed */
async function sendChunk(
  organization: OpenOrganization,
  groupId: string,
  members: readonly MemberChange[],
  notes: Notes,
  reasons: Map<string, GatewayError>,
): Promise<Group> {
  const { admin } = organization;
  try {
    const { group, call } = await admin.changeGroup(groupId, { members: members.map(asSent) });
    notes.called(call);
    return group;
  } catch (error) {
    notes.failed(error);
    // Which status an unknown person brings is not documented: 400 or 404.
    const isRefused = error instanceof UpstreamRejected || error instanceof UpstreamNotFound;
    if (!isRefused || members.length < 2) throw error;
    const known = await admin.knownPeople(members.map(({ id }) => id)).catch(() => undefined);
    const rest = members.filter(({ id }) => known?.has(id));
    for (const { id } of members) if (known?.has(id) === false) reasons.set(id, new NotFound('user', id));
    if (rest.length === 0 || rest.length === members.length) throw error;
    try {
      const { group, call } = await admin.changeGroup(groupId, { members: rest.map(asSent) });
      notes.called(call);
      return group;
    } catch (second) {
      notes.failed(second);
      const failures = [error, second].filter((each) => each instanceof GatewayError);
      // What the first refusal has done counts as well. Anything but a GatewayError is a bug.
      throw failures.length === 2 ? decisiveFailure(failures) : second;
    }
  }
}

function asSent({ id, operation }: MemberChange): Pick<MemberChange, 'id' | 'operation'> {
  return { id, operation };
}

/** Whether an answer shows that all is as asked for, which it can only if it shows every member. */
function shows({ members = [], memberCount }: Group, changes: readonly MemberChange[]): boolean {
  if (memberCount === undefined || members.length < memberCount) return false;
  const ids = new Set(members.map(({ id }) => id));
  return changes.every(({ id, operation }) => ids.has(id) === (operation === 'add'));
}

/** How much of a change of members is visible in a group. Pure. */
function membersStanding({ memberIds }: WholeGroup, changes: readonly MemberChange[]): Standing {
  const isSo = ({ id, operation }: MemberChange) => memberIds.has(id) === (operation === 'add');
  return {
    applied: changes.filter(isSo).map(nameOf),
    missing: changes.filter((change) => !isSo(change)).map(nameOf),
    // A person is in a group or is not.
    hasMoved: false,
    isForeign: false,
  };
}

/** How much of an earlier change is visible in a group; its members are read if the change was about them. Throws NotFound. */
export async function standingOfGroup(
  organization: OpenOrganization,
  group: Group,
  changes: readonly FieldChange[],
): Promise<Standing> {
  const fields = groupStanding(group, changes);
  const members = membersChanged(changes);
  if (members.length === 0) return fields;
  const whole = await readWholeGroup(organization, group.id);
  if (whole === null) throw new NotFound('group', group.id);
  const { applied, missing } = membersStanding(whole, members);
  return {
    applied: [...fields.applied, ...applied],
    missing: [...fields.missing, ...missing],
    hasMoved: fields.hasMoved,
    isForeign: fields.isForeign,
  };
}

/** The field of an audit event that tells of a change of members: who goes, and who comes. */
export function membersField(changes: readonly MemberChange[]): FieldChange {
  const idsOf = (operation: MemberChange['operation']) =>
    changes.filter((change) => change.operation === operation).map(({ id }) => id);
  const names = namesById(
    changes.flatMap(({ id, name }) => (name === undefined ? [] : [[id, name] as const])),
  );
  const field = { field: 'members', before: idsOf('delete'), after: idsOf('add') };
  return withNames([field], names)[0] ?? field;
}

/** The change of members that an audit event tells of. */
function membersChanged(changes: readonly FieldChange[]): MemberChange[] {
  const { before = [], after = [] } = changes.find(({ field }) => field === 'members') ?? {};
  const read = (ids: Json, operation: MemberChange['operation']) =>
    Array.isArray(ids) ? ids.map((id) => ({ id: String(id), operation })) : [];
  return [...read(after, 'add'), ...read(before, 'delete')];
}

function nameOf({ id, operation }: MemberChange): string {
  return `${operation === 'add' ? 'add' : 'remove'} ${id}`;
}
