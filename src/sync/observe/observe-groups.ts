import pLimit from 'p-limit';
import { canonicalName } from '../../datasources/webex/canonical.ts';
import type { Group, GroupMember } from '../../datasources/webex/records.ts';
import type { WebexScan } from '../../datasources/webex/scan.ts';
import { UpstreamError } from '../../errors/upstream.ts';
import type { Staging, StagingRow } from '../../store/sync/staging.ts';
import type { ListEnd, Tally } from './tally.ts';

/** Groups whose members are read at the same time. Each of them reads its pages side by side. */
const GROUPS_AT_ONCE = 4;
/** Longer names would not fit into an index. */
const LONGEST_NAME = 320;
/** Groups that are named if their members are incomplete. */
const EXAMPLES = 3;

/** Webex has sent groups that were not asked for, so it may also have left some out. */
class FilterIgnored extends Error {
  override readonly name = 'FilterIgnored';
}

/** Reads groups into `sync_target_groups` and the members that are needed into `sync_held_members`. */
export class GroupsReading {
  readonly #scan: WebexScan;
  readonly #needsMembers: (nameKey: string) => boolean;
  readonly #staging: Staging;
  readonly #tally: Tally;
  readonly #limit = pLimit(GROUPS_AT_ONCE);
  /** What is stored of each group, by id. */
  readonly #seen = new Map<string, string>();
  #incomplete: readonly Incomplete[] = [];
  #held = 0;

  constructor(scan: WebexScan, needsMembers: (nameKey: string) => boolean, staging: Staging, tally: Tally) {
    this.#scan = scan;
    this.#needsMembers = needsMembers;
    this.#staging = staging;
    this.#tally = tally;
  }

  async read(groups: 'ALL' | readonly string[]): Promise<void> {
    try {
      await this.#readAll(groups === 'ALL' ? [undefined] : groups);
    } catch (error) {
      if (!(error instanceof FilterIgnored)) throw error;
      await this.#staging.clear('sync_target_groups');
      await this.#staging.clear('sync_held_members');
      this.#seen.clear();
      this.#incomplete = [];
      this.#held = 0;
      await this.#readAll([undefined]);
    }
  }

  /** Reads groups again, one by one, and stores them as they are now. */
  async again(ids: readonly string[]): Promise<void> {
    let unreadable = 0;
    for (const id of ids) {
      const group = await this.#readOne(id);
      if (group === undefined) unreadable += 1;
      else await this.#replace(id, group);
    }
    this.#tally.ended('members', this.#endOfMembers());
    if (unreadable > 0) {
      this.#tally.note(
        'groups',
        `Groups that were changed meanwhile could not be read again: ${unreadable}.`,
      );
    }
  }

  /** Undefined: Webex could not say. */
  async #readOne(id: string): Promise<Group | null | undefined> {
    try {
      return await this.#scan.group(id, this.#tally.meterOf('groups'));
    } catch (error) {
      if (error instanceof UpstreamError) return undefined;
      throw error;
    }
  }

  async #replace(id: string, group: Group | null): Promise<void> {
    // A group that was not asked for is not stored, whatever it is called now.
    if (!this.#seen.has(id) && group !== null && !this.#needsMembers(keyOf(group))) return;
    await this.#staging.remove('sync_target_groups', [id]);
    await this.#release([id]);
    this.#seen.delete(id);
    this.#incomplete = this.#incomplete.filter((each) => each.id !== id);
    if (group !== null) this.#seen.set(id, contentOf(group));
    await this.#store(group === null ? [] : [group]);
  }

  async #readAll(prefixes: readonly (string | undefined)[]): Promise<void> {
    const scans = prefixes.map((prefix) => this.#readPrefix(prefix));
    // Those that go on would write to the staging tables.
    await Promise.all(scans).catch(async (error: unknown) => {
      await Promise.allSettled(scans);
      throw error;
    });
    const ends = await Promise.all(scans);
    const reason = ends.find((end) => !end.complete)?.reason;
    this.#tally.ended('groups', {
      ...{ complete: ends.every(({ complete }) => complete), count: this.#seen.size },
      ...(reason === undefined ? {} : { reason }),
    });
    this.#tally.ended('members', this.#endOfMembers());
  }

  #readPrefix(prefix: string | undefined): Promise<ListEnd> {
    const ids = new Set<string>();
    return this.#scan.groups(
      prefix,
      {
        take: async (groups) => {
          if (groups.some((group) => !keyOf(group).startsWith(prefix ?? ''))) throw new FilterIgnored();
          const rows = groups.map(contentOf);
          const fresh = groups.filter(({ id }) => !this.#seen.has(id));
          const conflicting = groups.filter(({ id }, at) => (this.#seen.get(id) ?? rows[at]) !== rows[at]);
          groups.forEach(({ id }, at) => {
            ids.add(id);
            this.#seen.set(id, rows[at] ?? '');
          });
          await this.#store(fresh);
          return { fresh: fresh.length, conflicting: conflicting.length };
        },
        restart: async () => {
          await this.#staging.remove('sync_target_groups', [...ids]);
          await this.#release([...ids]);
          for (const id of ids) this.#seen.delete(id);
          ids.clear();
        },
      },
      this.#tally.meterOf('groups'),
    );
  }

  async #store(groups: readonly Group[]): Promise<void> {
    const needed = groups.filter((group) => this.#needsMembers(keyOf(group)));
    const whole = needed.filter(cameWhole);
    const complete = new Set(whole.map(({ id }) => id));
    await this.#hold(whole.flatMap(({ id, members = [] }) => members.map((member) => held(id, member))));
    const large = needed.filter(({ id }) => !complete.has(id));
    await Promise.all(
      large.map((group) =>
        this.#limit(async () => {
          if (await this.#readMembers(group)) complete.add(group.id);
        }),
      ),
    );
    await this.#staging.insert(
      'sync_target_groups',
      groups.map((group) => ({
        ...{ webex_id: group.id, name: group.displayName ?? group.id, name_key: keyOf(group) },
        ...{ description: group.description ?? null, complete: complete.has(group.id) },
      })),
    );
    this.#tally.groups = this.#seen.size;
    this.#tally.heldMembers = this.#held;
    this.#tally.tell();
  }

  /** Whether all members could be read. */
  async #readMembers(group: Group): Promise<boolean> {
    const sink = {
      take: async (members: readonly GroupMember[]) => {
        const fresh = await this.#hold(members.map((member) => held(group.id, member)));
        return { fresh, conflicting: 0 };
      },
      restart: () => this.#release([group.id]),
    };
    const end = await this.#scan.members(group, sink, this.#tally.meterOf('members'));
    if (end.complete) return true;
    const { id, displayName: name = id } = group;
    this.#incomplete = [...this.#incomplete, { id, name, reason: end.reason ?? '' }];
    return false;
  }

  async #hold(members: readonly StagingRow<'sync_held_members'>[]): Promise<number> {
    const fresh = await this.#staging.insert('sync_held_members', members);
    this.#held += fresh;
    return fresh;
  }

  async #release(groupIds: readonly string[]): Promise<void> {
    this.#held -= await this.#staging.remove('sync_held_members', groupIds);
  }

  #endOfMembers(): ListEnd {
    const [first] = this.#incomplete;
    if (first === undefined) return { complete: true, count: this.#held };
    const names = this.#incomplete.slice(0, EXAMPLES).map(({ name }) => name);
    const more = this.#incomplete.length > EXAMPLES ? ', …' : '';
    const reason = `The members of ${this.#incomplete.length} groups could not be read to the end (${names.join(', ')}${more}). ${first.reason}`;
    return { complete: false, count: this.#held, reason };
  }
}

interface Incomplete {
  readonly id: string;
  readonly name: string;
  readonly reason: string;
}

/** What must not differ if the group comes twice. */
function contentOf({ displayName, description }: Group): string {
  return JSON.stringify([displayName, description]);
}

/** Whether all members came along with the group. */
function cameWhole({ members, memberCount }: Group): boolean {
  return memberCount !== undefined && new Set(members?.map(({ id }) => id)).size >= memberCount;
}

function held(groupId: string, { id }: GroupMember): StagingRow<'sync_held_members'> {
  return { group_id: groupId, webex_id: id };
}

function keyOf({ displayName, id }: Group): string {
  return canonicalName((displayName ?? id).slice(0, LONGEST_NAME));
}
