import DataLoader from 'dataloader';
import type { Catalogues } from './catalogues.ts';
import type { CallContext, WebexClient } from './client.ts';
import { getGroup } from './groups.ts';
import { groupIdOf, uuidOf } from './ids.ts';
import { type MembershipIndex, readMembershipIndex } from './memberships.ts';
import type { Group, GroupReference } from './records.ts';
import { PEOPLE_PER_SEARCH, type ScimGroup, searchGroupsOfPeople } from './scim.ts';

/** From how many groups on reading all of them at once is cheaper than one by one. */
const INDEX_FROM = 5;

/** The scope that opens SCIM, where the groups of a few people cost one request. */
const SCIM_SCOPES = ['identity:people_read', 'identity:people_rw'];

/** Exists on the SCIM side only; shown to nobody, so that answers do not depend on the way they took. */
const HIDDEN_GROUP = 'All Org Users';

/** Loads groups by id, and the groups of people, for one GraphQL request. */
export class GroupLoader {
  readonly #client: WebexClient;
  readonly #catalogues: Catalogues;
  readonly #organizationId: string;
  readonly #scim: boolean;
  readonly #context: CallContext;
  readonly #groups: DataLoader<{ id: string; members: boolean }, Group | null, string>;
  readonly #memberships: DataLoader<{ personId: string; whole: boolean }, readonly GroupReference[], string>;

  constructor(
    client: WebexClient,
    catalogues: Catalogues,
    access: { readonly organizationId: string; readonly scopes: readonly string[] },
    context: CallContext,
  ) {
    this.#client = client;
    this.#catalogues = catalogues;
    this.#organizationId = access.organizationId;
    this.#scim = access.scopes.some((scope) => SCIM_SCOPES.includes(scope));
    this.#context = context;
    this.#groups = new DataLoader((keys) => this.#loadGroups(keys), {
      cacheKeyFn: ({ id, members }) => `${+members} ${id}`,
    });
    this.#memberships = new DataLoader((keys) => this.#loadMemberships(keys), {
      cacheKeyFn: ({ personId, whole }) => `${+whole} ${personId}`,
    });
  }

  /** The group, with its first members where asked for; null when Webex does not know the id. */
  load(id: string, members: boolean): Promise<Group | null> {
    return this.#groups.load({ id, members });
  }

  /**
   * The groups a person is in, by name.
   * @param whole whether more than id and name of them is needed
   */
  ofPerson(personId: string, whole: boolean): Promise<readonly GroupReference[]> {
    return this.#memberships.load({ personId, whole });
  }

  /** Who is in which group, kept for a short time for everyone. */
  index(): Promise<MembershipIndex> {
    // The load serves everyone who waits, so it must not end with the one who happened to ask first.
    const context = { meter: this.#context.meter };
    return this.#catalogues.memberships.get(() => readMembershipIndex(this.#client, context));
  }

  async #loadGroups(keys: readonly { id: string; members: boolean }[]): Promise<(Group | null | Error)[]> {
    if (keys.length < INDEX_FROM) {
      return Promise.all(
        keys.map(({ id, members }) =>
          getGroup(this.#client, this.#context, id, members).catch((error: Error) => error),
        ),
      );
    }
    const { groups } = await this.index();
    return keys.map(({ id }) => groups.get(id) ?? null);
  }

  async #loadMemberships(
    keys: readonly { personId: string; whole: boolean }[],
  ): Promise<(readonly GroupReference[])[]> {
    const oneSearch = keys.length <= PEOPLE_PER_SEARCH && keys.every(({ whole }) => !whole);
    if (this.#scim && oneSearch && !this.#catalogues.memberships.warm) {
      const found = await this.#searchGroups(keys.map(({ personId }) => personId));
      if (found !== undefined) return found;
    }
    const { groups, groupIdsByPerson } = await this.index();
    return keys.map(({ personId }) =>
      (groupIdsByPerson.get(personId) ?? []).flatMap((id) => groups.get(id) ?? []).sort(byDisplayName),
    );
  }

  /** Undefined where an id is not of the kind that SCIM can be asked about. */
  async #searchGroups(personIds: readonly string[]): Promise<(readonly GroupReference[])[] | undefined> {
    const organization = uuidOf(this.#organizationId);
    const people = personIds.map(uuidOf).filter((uuid) => uuid !== undefined);
    if (organization === undefined || people.length < personIds.length) return undefined;
    const found = await searchGroupsOfPeople(this.#client, this.#context, organization, people);
    return people.map((uuid) =>
      (found.get(uuid) ?? [])
        .filter((group) => group.displayName !== HIDDEN_GROUP)
        .flatMap((group) => this.#asReference(group))
        .sort(byDisplayName),
    );
  }

  #asReference(group: ScimGroup): GroupReference[] {
    const id = groupIdOf(group.uuid, this.#organizationId);
    return id === undefined ? [] : [{ id, displayName: group.displayName }];
  }
}

function byDisplayName(one: GroupReference, other: GroupReference): number {
  return one.displayName.localeCompare(other.displayName, 'en') || (one.id < other.id ? -1 : 1);
}
