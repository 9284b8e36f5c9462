import { canonicalName } from '../../datasources/webex/canonical.ts';
import type { Group } from '../../datasources/webex/records.ts';
import type { WebexScan } from '../../datasources/webex/scan.ts';
import { UpstreamError } from '../../errors/upstream.ts';
import type { Staging } from '../../store/sync/staging.ts';
import type { MembersReading } from './observe-members.ts';
import type { ListEnd, Tally } from './tally.ts';

/** Longer names would not fit into an index. */
const LONGEST_NAME = 320;
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
  readonly #members: MembersReading;
  /** Groups that are stored once their members are read. */
  readonly #waiting = new Map<string, Group>();
  /** What is stored of each group, by id. */
  readonly #seen = new Map<string, string>();

  /** @param needsMembers whether the members of a group of this canonical name are needed */
  constructor(
    scan: WebexScan,
    needsMembers: (nameKey: string) => boolean,
    members: MembersReading,
    staging: Staging,
    tally: Tally,
  ) {
    this.#members = members;
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
      await this.#forget([...this.#seen.keys()]);
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
    await this.#finish();
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
    await this.#forget([id]);
    if (group !== null) this.#seen.set(id, contentOf(group));
    await this.#store(group === null ? [] : [group]);
  }

  async #forget(ids: readonly string[]): Promise<void> {
    await this.#staging.remove('sync_target_groups', ids);
    await this.#members.release(ids);
    for (const id of ids) {
      this.#seen.delete(id);
      this.#waiting.delete(id);
    }
    this.#tally.groups = this.#seen.size;
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
    await this.#finish();
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
          await this.#forget([...ids]);
          ids.clear();
        },
      },
      this.#tally.meterOf('groups'),
    );
  }

  async #store(groups: readonly Group[]): Promise<void> {
    const complete = await this.#members.read(groups.filter((group) => this.#needsMembers(keyOf(group))));
    await this.#insert(
      groups.filter((group) => !this.#members.isWaiting(group)),
      complete,
    );
    for (const group of groups) {
      if (this.#members.isWaiting(group)) this.#waiting.set(group.id, { ...group, members: undefined });
    }
  }

  async #insert(groups: readonly Group[], complete: ReadonlySet<string>): Promise<void> {
    await this.#staging.insert(
      'sync_target_groups',
      groups.map((group) => ({
        ...{ webex_id: group.id, name: group.displayName ?? group.id, name_key: keyOf(group) },
        ...{ description: group.description ?? null, complete: complete.has(group.id) },
      })),
    );
    this.#tally.groups = this.#seen.size;
    this.#tally.tell();
  }

  async #finish(): Promise<void> {
    const complete = await this.#members.finish();
    await this.#insert([...this.#waiting.values()], complete);
    this.#waiting.clear();
    this.#tally.ended('members', this.#members.end());
  }
}

/** What must not differ if the group comes twice. */
function contentOf({ displayName, description }: Group): string {
  return JSON.stringify([displayName, description]);
}

function keyOf({ displayName, id }: Group): string {
  return canonicalName((displayName ?? id).slice(0, LONGEST_NAME));
}
