import DataLoader from 'dataloader';
import type { CallContext } from '../../rest/call-context.ts';
import type { OrganizationSize } from '../catalogues/catalogues.ts';
import type { WebexClient } from '../client.ts';
import { isOfThisCallOnly } from '../failures.ts';
import { groupIdOf, uuidOf } from '../ids.ts';
import { mayUseScim, PEOPLE_PER_SEARCH, type ScimGroup, searchGroupsOfPeople } from '../people/scim.ts';
import type { GroupReference } from '../records.ts';
import type { GroupCatalogueReader } from './catalogue.ts';

interface MembershipKey {
  readonly personId: string;
  readonly whole: boolean;
}

/** Exists in SCIM only. It is never shown, so that answers do not depend on the API that was used. */
const HIDDEN_GROUP = 'All Org Users';

/** Loads the groups of people for one GraphQL request: by a search for them, or from the index of all. */
export class MembershipLoader {
  readonly #client: WebexClient;
  readonly #catalogue: GroupCatalogueReader;
  readonly #organization: OrganizationSize;
  readonly #organizationId: string;
  readonly #scim: boolean;
  readonly #context: CallContext;
  readonly #loader: DataLoader<MembershipKey, readonly GroupReference[], string>;
  #asked = 0;

  /** @param schedule when what was asked for is read: called with what reads it */
  constructor(
    client: WebexClient,
    catalogue: GroupCatalogueReader,
    organization: OrganizationSize,
    access: { readonly organizationId: string; readonly scopes: readonly string[] },
    context: CallContext,
    schedule: (dispatch: () => void) => void,
  ) {
    this.#client = client;
    this.#catalogue = catalogue;
    this.#organization = organization;
    this.#organizationId = access.organizationId;
    this.#scim = mayUseScim(access.scopes);
    this.#context = context;
    this.#loader = new DataLoader((keys) => this.#loadBatch(keys), {
      cacheKeyFn: ({ personId, whole }) => `${+whole} ${personId}`,
      batchScheduleFn: schedule,
    });
  }

  /**
   * Begins to read what tells the groups of people, if that does not hang on who they are.
   * @param whole whether more than id and name of the groups is needed
   */
  start(whole: boolean): void {
    if (this.#scim && !whole) return;
    // A failure is reported to those who ask for a person's groups.
    this.#catalogue.memberships().catch(() => undefined);
  }

  /**
   * The groups a person is in, by name; up to thirty seconds old if they come from the index.
   * @param whole whether more than id and name of them is needed
   */
  ofPerson(personId: string, whole: boolean): Promise<readonly GroupReference[]> {
    return this.#loader.load({ personId, whole });
  }

  async #loadBatch(keys: readonly MembershipKey[]): Promise<(readonly GroupReference[])[]> {
    this.#asked += keys.length;
    if (this.#scim && keys.every(({ whole }) => !whole) && (await this.#searchPays())) {
      const found = await this.#search(keys.map(({ personId }) => personId)).catch(byIndex);
      if (found !== undefined) return found;
    }
    const { groups, groupIdsByPerson } = await this.#catalogue.memberships();
    return keys.map(({ personId }) =>
      (groupIdsByPerson.get(personId) ?? []).flatMap((id) => groups.get(id) ?? []).sort(byDisplayName),
    );
  }

  /**
   * Whether searching for everybody this request has asked for takes no more requests than the index, or is one
   * request and the index would have to be waited for.
   */
  async #searchPays(): Promise<boolean> {
    const searches = Math.ceil(this.#asked / PEOPLE_PER_SEARCH);
    // To wait for an index that others are reading costs nothing but time: one search is over long before.
    const isOne = searches === 1 && !this.#catalogue.isWanted;
    const kept = isOne ? this.#catalogue.kept : await this.#catalogue.join()?.catch(() => undefined);
    if (kept !== undefined) {
      const { memberships, requestsLeft } = kept;
      const isTold = isOne ? memberships.loaded !== undefined : memberships.isOnHand;
      return !isTold && searches <= requestsLeft;
    }
    return searches <= (this.#organization.membershipRequests ?? 1);
  }

  /** Undefined if an id is not of the kind that SCIM can be asked about. */
  async #search(personIds: readonly string[]): Promise<(readonly GroupReference[])[] | undefined> {
    const organization = uuidOf(this.#organizationId);
    const people = personIds.map(uuidOf).filter((uuid) => uuid !== undefined);
    if (organization === undefined || people.length < personIds.length) return undefined;
    const chunks: string[][] = [];
    for (let start = 0; start < people.length; start += PEOPLE_PER_SEARCH)
      chunks.push(people.slice(start, start + PEOPLE_PER_SEARCH));
    const { meter } = this.#context;
    if (meter !== undefined && people.length > 1) meter.batchedKeys += people.length;
    const answers = await Promise.all(
      chunks.map((chunk) => searchGroupsOfPeople(this.#client, this.#context, organization, chunk)),
    );
    const found = new Map(answers.flatMap((answer) => [...answer]));
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

/** A search is a short cut; if it fails for itself, the index tells the same. */
function byIndex(error: unknown): undefined {
  if (!isOfThisCallOnly(error)) throw error;
}

function byDisplayName(one: GroupReference, other: GroupReference): number {
  const [name, otherName] = [one.displayName ?? '', other.displayName ?? ''];
  return name.localeCompare(otherName, 'en') || (one.id < other.id ? -1 : 1);
}
