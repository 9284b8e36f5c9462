import { OrderedSet } from './ordered-set.ts';
import type { GroupRecord } from './records.ts';

/** The groups and who is in them; members are people's UUIDs. */
export class Groups {
  readonly #byUuid = new Map<string, GroupRecord>();
  readonly #byName = new Map<string, GroupRecord>();
  readonly #members = new Map<GroupRecord, OrderedSet<string>>();
  readonly #groupsOf = new Map<string, Set<GroupRecord>>();
  readonly #sorted = new Map<string, readonly GroupRecord[]>();

  byUuid(uuid: string): GroupRecord | undefined {
    return this.#byUuid.get(uuid.toLowerCase());
  }

  /** Names are compared without regard to case. */
  byName(displayName: string): GroupRecord | undefined {
    return this.#byName.get(displayName.toLowerCase());
  }

  /** All groups, as created or by id or name; sorted once after each change. */
  sortedBy(key: 'created' | 'id' | 'displayName'): readonly GroupRecord[] {
    const known = this.#sorted.get(key);
    if (known !== undefined) return known;
    const list = [...this.#byUuid.values()];
    if (key !== 'created') list.sort((one, other) => (one[key] < other[key] ? -1 : 1));
    this.#sorted.set(key, list);
    return list;
  }

  add(group: GroupRecord, members: Iterable<string> = []): void {
    this.#byUuid.set(group.uuid, group);
    this.#byName.set(group.displayName.toLowerCase(), group);
    const uuids = new OrderedSet(members);
    this.#members.set(group, uuids);
    for (const uuid of uuids.list) this.#note(uuid, group);
    this.#sorted.clear();
  }

  rename(group: GroupRecord, displayName: string): void {
    this.#byName.delete(group.displayName.toLowerCase());
    group.displayName = displayName;
    this.#byName.set(displayName.toLowerCase(), group);
    this.#sorted.clear();
  }

  remove(group: GroupRecord): void {
    for (const uuid of this.membersOf(group)) this.#groupsOf.get(uuid)?.delete(group);
    this.#byUuid.delete(group.uuid);
    this.#byName.delete(group.displayName.toLowerCase());
    this.#members.delete(group);
    this.#sorted.clear();
  }

  /** In the order in which they joined. */
  membersOf(group: GroupRecord): readonly string[] {
    return this.#members.get(group)?.list ?? [];
  }

  hasMember(group: GroupRecord, uuid: string): boolean {
    return this.#members.get(group)?.has(uuid) ?? false;
  }

  groupsOf(uuid: string): readonly GroupRecord[] {
    return [...(this.#groupsOf.get(uuid) ?? [])];
  }

  join(group: GroupRecord, uuid: string): void {
    this.#members.get(group)?.add(uuid);
    this.#note(uuid, group);
  }

  leave(group: GroupRecord, uuid: string): void {
    this.#members.get(group)?.delete(uuid);
    this.#groupsOf.get(uuid)?.delete(group);
  }

  #note(uuid: string, group: GroupRecord): void {
    const groups = this.#groupsOf.get(uuid);
    if (groups === undefined) this.#groupsOf.set(uuid, new Set([group]));
    else groups.add(group);
  }
}
