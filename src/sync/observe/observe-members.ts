import pLimit from 'p-limit';
import { requestsForRest } from '../../datasources/webex/groups/memberships.ts';
import type { Group, GroupMember } from '../../datasources/webex/records.ts';
import type { Membership, WebexScan } from '../../datasources/webex/scan.ts';
import { UpstreamError } from '../../errors/upstream.ts';
import type { Staging, StagingRow } from '../../store/sync/staging.ts';
import type { ListEnd, Tally } from './tally.ts';

/** Groups whose members are read at the same time. Each of them reads its pages side by side. */
const GROUPS_AT_ONCE = 4;
/** Groups that are named if their members are incomplete. */
const EXAMPLES = 3;
/** People in one request of SCIM. */
const PEOPLE_PER_REQUEST = 1_000;
/** Groups that wait with the members that came along. Of further ones these are read again, if it comes to that. */
const MOST_WITH_MEMBERS = 100;

/** Reads the members of groups into `sync_held_members`, in the way that takes the fewest requests. */
export class MembersReading {
  readonly #scan: WebexScan;
  readonly #staging: Staging;
  readonly #tally: Tally;
  readonly #countPeople: (() => Promise<number>) | undefined;
  readonly #limit = pLimit(GROUPS_AT_ONCE);
  readonly #waiting = new Map<string, Group>();
  readonly #incomplete = new Map<string, { readonly name: string; readonly reason: string }>();
  #held = 0;

  /**
   * @param countPeople number of people of the organization, once they are known; undefined: SCIM, which shows the
   * groups of all of them, may not be used
   */
  constructor(
    scan: WebexScan,
    staging: Staging,
    tally: Tally,
    countPeople: (() => Promise<number>) | undefined,
  ) {
    this.#scan = scan;
    this.#staging = staging;
    this.#tally = tally;
    this.#countPeople = countPeople;
  }

  /**
   * Reads the members of groups, except of those that wait for `finish`.
   * @returns ids of the groups of which all members are stored
   */
  async read(groups: readonly Group[]): Promise<Set<string>> {
    const whole = groups.filter(cameWhole);
    await this.#hold(whole.flatMap(({ id, members = [] }) => members.map((member) => held(id, member))));
    const complete = new Set(whole.map(({ id }) => id));
    const large = groups.filter(({ id }) => !complete.has(id));
    if (this.#countPeople === undefined) return union(complete, await this.readEach(large));
    for (const group of large) {
      const kept = this.#waiting.size < MOST_WITH_MEMBERS ? group : { ...group, members: [] };
      this.#waiting.set(group.id, kept);
    }
    return complete;
  }

  /** Whether the members of the group are read by `finish`. */
  isWaiting({ id }: Group): boolean {
    return this.#waiting.has(id);
  }

  /** Reads the members of the groups that wait. Returns ids of those of which all members are stored. */
  async finish(): Promise<ReadonlySet<string>> {
    const groups = [...this.#waiting.values()];
    this.#waiting.clear();
    const requests = groups.reduce((sum, group) => sum + requestsForRest(group), 0);
    if (requests <= 1 || this.#countPeople === undefined) return this.readEach(groups);
    const pages = Math.ceil((await this.#countPeople()) / PEOPLE_PER_REQUEST);
    if (requests <= pages) return this.readEach(groups);
    const complete = await this.#readByPeople(groups);
    const others = groups.filter(({ id }) => !complete.has(id));
    await this.release(others.map(({ id }) => id));
    return union(complete, await this.readEach(others));
  }

  /** Reads the members of each group by itself. Returns ids of those of which all members are stored. */
  async readEach(groups: readonly Group[]): Promise<ReadonlySet<string>> {
    const complete = await Promise.all(groups.map((group) => this.#limit(() => this.#readMembers(group))));
    return new Set(groups.filter((_, at) => complete[at]).map(({ id }) => id));
  }

  /** Forgets the members of groups, and that groups wait. */
  async release(groupIds: readonly string[]): Promise<void> {
    for (const id of groupIds) {
      this.#waiting.delete(id);
      this.#incomplete.delete(id);
    }
    this.#held -= await this.#staging.remove('sync_held_members', groupIds);
    this.#tally.heldMembers = this.#held;
  }

  end(): ListEnd {
    const [first, ...others] = this.#incomplete.values();
    if (first === undefined) return { complete: true, count: this.#held };
    const names = [first, ...others].slice(0, EXAMPLES).map(({ name }) => name);
    const more = others.length >= EXAMPLES ? ', …' : '';
    const reason = `Groups whose members could not be read to the end: ${others.length + 1} (${names.join(', ')}${more}). ${first.reason}`;
    return { complete: false, count: this.#held, reason };
  }

  /** Whether all members could be read. */
  async #readMembers(group: Group): Promise<boolean> {
    const { id, displayName: name = id } = group;
    const sink = {
      take: async (members: readonly GroupMember[]) => {
        const fresh = await this.#hold(members.map((member) => held(id, member)));
        return { fresh, conflicting: 0 };
      },
      restart: () => this.release([id]),
    };
    const end = await this.#scan.members(group, sink, this.#tally.meterOf('members'));
    if (!end.complete) this.#incomplete.set(id, { name, reason: end.reason ?? '' });
    return end.complete;
  }

  /**
   * Reads who is in these groups by way of the people. People from outside the organization do not come, so a group is
   * complete only if as many members came as it has.
   */
  async #readByPeople(groups: readonly Group[]): Promise<Set<string>> {
    const counts = new Map(groups.map(({ id }) => [id, 0]));
    const sink = {
      take: async (people: readonly Membership[]) => {
        const rows = people.flatMap(({ id, groups: ids }) =>
          ids.filter((groupId) => counts.has(groupId)).map((groupId) => held(groupId, { id })),
        );
        for (const { group_id: id } of rows) counts.set(id, (counts.get(id) ?? 0) + 1);
        await this.#hold(rows);
        return { fresh: people.length, conflicting: 0 };
      },
      restart: async () => {
        await this.release([...counts.keys()]);
        for (const id of counts.keys()) counts.set(id, 0);
      },
    };
    const reading = this.#scan.memberships(sink, this.#tally.meterOf('members'));
    const end = await reading.catch(incompleteIfRefused);
    const complete = groups.filter(({ id, memberCount }) => counts.get(id) === memberCount);
    return new Set(end.complete ? complete.map(({ id }) => id) : []);
  }

  async #hold(members: readonly StagingRow<'sync_held_members'>[]): Promise<number> {
    const fresh = await this.#staging.insert('sync_held_members', members);
    this.#held += fresh;
    this.#tally.heldMembers = this.#held;
    return fresh;
  }
}

/** The groups can be read one by one if the people cannot be read with theirs. */
function incompleteIfRefused(error: unknown): ListEnd {
  if (error instanceof UpstreamError) return { complete: false, count: 0 };
  throw error;
}

/** Whether all members came along with the group. */
function cameWhole({ members, memberCount }: Group): boolean {
  return memberCount !== undefined && new Set(members?.map(({ id }) => id)).size >= memberCount;
}

function held(groupId: string, { id }: GroupMember): StagingRow<'sync_held_members'> {
  return { group_id: groupId, webex_id: id };
}

function union(one: ReadonlySet<string>, other: ReadonlySet<string>): Set<string> {
  return new Set([...one, ...other]);
}
