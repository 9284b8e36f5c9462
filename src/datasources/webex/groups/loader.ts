import DataLoader from 'dataloader';
import type { CallContext } from '../../rest/call-context.ts';
import type { PageSizes } from '../../rest/page-size.ts';
import { LARGEST_PAGE, slicesOf } from '../../rest/slices.ts';
import type { Catalogues, OrganizationSize } from '../catalogues/catalogues.ts';
import type { WebexClient } from '../client.ts';
import { isOfThisCallOnly } from '../failures.ts';
import type { Group } from '../records.ts';
import type { GroupCatalogueReader } from './catalogue.ts';
import { GROUPS_WITH_MEMBERS, getGroup, listGroups } from './groups.ts';

interface GroupKey {
  readonly id: string;
  readonly members: boolean;
}

/** From how many groups on a list is taken to be cheaper than single reads, while their number is unknown. */
const LIST_FROM = 5;

/** Loads groups by id for one GraphQL request, in batches, in the way that takes the fewest requests. */
export class GroupLoader {
  readonly #client: WebexClient;
  readonly #catalogue: GroupCatalogueReader;
  readonly #organization: OrganizationSize;
  readonly #pageSizes: PageSizes;
  readonly #context: CallContext;
  readonly #loader: DataLoader<GroupKey, Group | null, string>;

  /** @param schedule when what was asked for is read: called with what reads it */
  constructor(
    client: WebexClient,
    catalogue: GroupCatalogueReader,
    { size, pageSizes }: Catalogues,
    context: CallContext,
    schedule: (dispatch: () => void) => void,
  ) {
    this.#client = client;
    this.#catalogue = catalogue;
    this.#organization = size;
    this.#pageSizes = pageSizes;
    this.#context = context;
    this.#loader = new DataLoader((keys) => this.#loadBatch(keys), {
      cacheKeyFn: ({ id, members }) => `${+members} ${id}`,
      batchScheduleFn: schedule,
    });
  }

  /** The group, with its first members where asked for; null when Webex does not know the id. */
  load(id: string, members: boolean): Promise<Group | null> {
    return this.#loader.load({ id, members });
  }

  async #loadBatch(keys: readonly GroupKey[]): Promise<(Group | null | Error)[]> {
    const wanted = new Map<string, boolean>();
    for (const { id, members } of keys) wanted.set(id, members || wanted.get(id) === true);
    const found = await this.#readTogether(wanted).catch(alone);
    const outcomes = new Map<string, Group | null | Error>();
    // What a list does not hold may just be newer than the list.
    await Promise.all(
      [...wanted].map(async ([id, members]) => {
        const outcome = found.get(id) ?? getGroup(this.#client, this.#context, id, members);
        outcomes.set(id, await Promise.resolve(outcome).catch((error: Error) => error));
      }),
    );
    return keys.map(({ id }) => outcomes.get(id) ?? null);
  }

  /** What can be had of these groups in fewer requests than one for each. */
  async #readTogether(wanted: ReadonlyMap<string, boolean>): Promise<ReadonlyMap<string, Group>> {
    if (wanted.size === 1) return new Map();
    // Another load may fail; what is wanted here is there without it.
    const kept = await this.#catalogue.join()?.catch(() => undefined);
    if (kept !== undefined) {
      // Who wants memberships hears of it when they fail; what is wanted here is there without them.
      const index = await kept.memberships
        .join({ ...this.#context, meter: undefined })
        ?.catch(() => undefined);
      return index?.groups ?? kept.groups;
    }
    const members = [...wanted.values()].includes(true);
    const all = this.#organization.groups;
    const pays =
      all === undefined
        ? wanted.size >= LIST_FROM
        : Math.ceil(all / (members ? GROUPS_WITH_MEMBERS : LARGEST_PAGE)) < wanted.size;
    if (!pays) return new Map();
    return members ? (await this.#catalogue.groups()).groups : this.#findInList(new Set(wanted.keys()));
  }

  /** Reads through the list of groups, without their members, while fewer pages are left than groups missing. */
  async #findInList(missing: Set<string>): Promise<ReadonlyMap<string, Group>> {
    const size = this.#pageSizes.of('groups', false, LARGEST_PAGE);
    const found = new Map<string, Group>();
    let seen = 0;
    const slices = slicesOf(
      (from, max) =>
        size.read(max, (count) => listGroups(this.#client, this.#context, {}, false, from, count)),
      undefined,
      LARGEST_PAGE,
    );
    for await (const { records, total } of slices) {
      seen += records.length;
      for (const group of records) if (missing.delete(group.id)) found.set(group.id, group);
      this.#organization.groups = total ?? this.#organization.groups;
      const pagesLeft = total === undefined ? 1 : Math.ceil((total - seen) / Math.max(1, records.length));
      if (missing.size <= pagesLeft) break;
    }
    return found;
  }
}

/** A list is a short cut; if it fails for itself, each group can still be read alone. */
function alone(error: unknown): ReadonlyMap<string, Group> {
  if (isOfThisCallOnly(error)) return new Map();
  throw error;
}
