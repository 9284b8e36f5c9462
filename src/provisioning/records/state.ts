import type { OpenOrganization } from '../../connectors/organizations.ts';
import type { Person } from '../../datasources/webex/people/person.ts';
import type { AuditEvent } from '../../store/audit-events.ts';
import type { TargetRecord } from '../../store/undecided-writes.ts';
import type { FieldChange, Json } from '../changes/outcome.ts';
import { groupDifferences } from '../groups/fields.ts';
import { readWholeGroup, type WholeGroup } from '../groups/members.ts';
import { personSnapshot, personStanding } from '../users/fields.ts';

/** A user or a group as it stands, field by field as the audit trail names them. */
export interface RecordState {
  /** What a field holds. */
  value(field: string): Json;
  /** Whether a field means the same as this. */
  isAs(field: string, value: Json): boolean;
  /** Whether a field is what a change asked for, or what Webex makes of that. */
  shows(change: FieldChange): boolean;
}

/** A record as it is in Webex at this moment; null if it does not exist. Throws the errors of an upstream. */
export async function readState(
  organization: OpenOrganization,
  { type, id }: TargetRecord,
): Promise<RecordState | null> {
  if (type === 'User') {
    const person = await organization.admin.readPerson(id);
    return person === null ? null : personState(person);
  }
  const whole = await readWholeGroup(organization, id);
  return whole === null ? null : groupState(whole);
}

function personState(person: Person): RecordState {
  const snapshot = personSnapshot(person);
  const value = (field: string) => snapshot.find((each) => each.field === field)?.before ?? null;
  const shows = (change: FieldChange) => personStanding(person, [change]).missing.length === 0;
  // What differs from what is there now is nothing that Webex has made of it.
  return { value, shows, isAs: (field, other) => shows({ field, before: value(field), after: other }) };
}

function groupState({ group, memberIds }: WholeGroup): RecordState {
  const texts: Readonly<Record<string, string | undefined>> = {
    displayName: group.displayName,
    description: group.description,
  };
  const isAs = (field: string, value: Json) => {
    if (field === 'members') {
      const ids = new Set(textsOf(value));
      return ids.size === memberIds.size && [...ids].every((id) => memberIds.has(id));
    }
    const text = typeof value === 'string' ? value : '';
    return groupDifferences(group, { [field]: text }).length === 0;
  };
  return {
    value: (field) => (field === 'members' ? [...memberIds] : (texts[field] ?? null)),
    isAs,
    shows: ({ field, after }) => isAs(field, after),
  };
}

/** Lists of which a change adds some entries and takes others out, whatever else is in them. */
const LISTS = new Set(['licenses', 'roles', 'siteUrls', 'phoneNumbers', 'members']);

/** What a change makes of a list. */
function entriesOf({ before, after }: FieldChange): ReadonlyMap<string, boolean> {
  const [was, is] = [textsOf(before), textsOf(after)];
  return new Map([
    ...was.filter((entry) => !is.includes(entry)).map((entry) => [entry, false] as const),
    ...is.filter((entry) => !was.includes(entry)).map((entry) => [entry, true] as const),
  ]);
}

function textsOf(value: Json): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function holds(state: RecordState, field: string, entry: string): boolean {
  return state.isAs(field, [...textsOf(state.value(field)), entry]);
}

/** A change as the audit trail has it. */
type Written = Pick<AuditEvent, 'operation' | 'changes'>;

/** Whether a change is to be seen in a record, all of it. Pure. */
export function isToBeSeen({ operation, changes }: Written, state: RecordState | null): boolean {
  if (state === null || isDeletion(operation)) return state === null && isDeletion(operation);
  return changes.every((change) => {
    if (!LISTS.has(change.field)) return state.shows(change);
    return [...entriesOf(change)].every(([entry, isIn]) => holds(state, change.field, entry) === isIn);
  });
}

/** A change that was acknowledged, and what of it is no longer so: as it was acknowledged, and as it stands. */
export interface Undone<Event extends Written> {
  readonly event: Event;
  readonly changes: readonly FieldChange[];
}

/**
 * Which of the changes that were acknowledged are undone: fields that hold again what they held before, or what
 * a write holds that was made late. A value that others have set since is left alone, as is the value
 * of a later change. Pure.
 * @param acknowledged in the order in which they were made
 * @param late the writes that were, or may have been, made after them
 */
export function findUndone<Event extends Written>(
  acknowledged: readonly Event[],
  late: readonly Written[],
  state: RecordState | null,
): Undone<Event>[] {
  const last = acknowledged.at(-1);
  if (last === undefined || isDeletion(last.operation)) return [];
  if (state === null && !late.some(({ operation }) => isDeletion(operation))) return [];
  const undone = new Map<Event, FieldChange[]>();
  const tell = (event: Event, change: FieldChange) =>
    undone.set(event, [...(undone.get(event) ?? []), change]);
  const earlier = new Map<string, Json[]>();
  for (const { changes } of late) {
    for (const { field, after } of changes) earlier.set(field, [...(earlier.get(field) ?? []), after]);
  }
  const fields = new Map<string, Event>();
  const entries = new Map<string, Map<string, readonly [Event, boolean]>>();
  for (const event of acknowledged) {
    for (const change of event.changes) {
      const { field, before } = change;
      if (LISTS.has(field)) {
        const known = entries.get(field) ?? new Map<string, readonly [Event, boolean]>();
        for (const [entry, isIn] of entriesOf(change)) known.set(entry, [event, isIn]);
        entries.set(field, known);
      } else {
        fields.set(field, event);
        earlier.set(field, [...(earlier.get(field) ?? []), before]);
      }
    }
  }
  for (const [field, event] of fields) {
    const change = event.changes.find((each) => each.field === field);
    if (change === undefined) continue;
    const wanted = change.after;
    const isLost =
      state === null ||
      (!state.shows(change) && (earlier.get(field) ?? []).some((value) => state.isAs(field, value)));
    if (isLost) tell(event, { field, before: wanted, after: state?.value(field) ?? null });
  }
  for (const [field, known] of entries) {
    for (const event of acknowledged) {
      const lost = [...known].filter(
        ([entry, [by, isIn]]) => by === event && (state !== null && holds(state, field, entry)) !== isIn,
      );
      if (lost.length === 0) continue;
      const [gone, back] = [true, false].map((isIn) =>
        lost.filter(([, [, wasIn]]) => wasIn === isIn).map(([entry]) => entry),
      );
      tell(event, { field, before: gone ?? [], after: back ?? [] });
    }
  }
  return [...undone].map(([event, changes]) => ({ event, changes }));
}

function isDeletion(operation: string): boolean {
  return operation.startsWith('delete');
}
