import type { WebexAdmin } from '../../datasources/webex/admin.ts';
import { canonicalEmail } from '../../datasources/webex/canonical.ts';
import type { RunWorkRepository } from '../../store/sync/run-work.ts';
import type { SyncItemRow } from '../../store/sync/tables.ts';
import type { FieldChange, ItemState, Json } from '../../store/sync/words.ts';
import { isAddress } from './item-input.ts';
import { type ItemVerdict, skipped } from './item-outcome.ts';

type Needed = Pick<SyncItemRow, 'seq' | 'kind' | 'action' | 'state' | 'target_id' | 'changes' | 'name'>;

const MADE: ReadonlySet<ItemState> = new Set(['APPLIED', 'ALREADY', 'PARTIALLY_APPLIED']);

/** The items that one item relies on, with what became of them. */
export class NeededItems {
  readonly #items: readonly Needed[];

  constructor(items: readonly Needed[]) {
    this.#items = items;
  }

  /** Reads the items that an item relies on. Throws StoreUnavailable. */
  static async read(work: Pick<RunWorkRepository, 'needed'>, item: SyncItemRow): Promise<NeededItems> {
    const { plan_id: planId, needs } = item;
    return new NeededItems(needs === null || needs.length === 0 ? [] : await work.needed(planId, needs));
  }

  /** Webex's id of the group that the plan creates for this item; undefined if the plan creates no group. */
  get createdGroup(): string | undefined {
    const created = this.#items.find(({ action }) => action === 'CREATE_GROUP');
    return created?.target_id ?? undefined;
  }

  /**
   * Why an item cannot be carried out; undefined if it can. A user whose creation failed is left out of a group, and is not
   * set as a manager; everything else that failed stands against the item.
   */
  refusalOf({ action }: Pick<SyncItemRow, 'action'>): ItemVerdict | undefined {
    const failed = this.#items.filter(({ state }) => !MADE.has(state));
    const decisive = failed.find((each) => each.action !== 'CREATE' || action === 'SET_MANAGER');
    if (decisive === undefined) return undefined;
    return skipped(
      'DEPENDENCY',
      `Item ${decisive.seq} (${decisive.name}) was not carried out, and this one relies on it.`,
    );
  }

  /**
   * The changes of an item with users who are named by address replaced by Webex's ids.
   * @returns also the fields, or the addresses of members, that are left out because nobody has that address
   * Throws the errors of an upstream.
   */
  async named(
    admin: Pick<WebexAdmin, 'findPerson'>,
    { changes }: Pick<SyncItemRow, 'changes'>,
  ): Promise<{ readonly changes: FieldChange[]; readonly missing: string[] }> {
    const missing: string[] = [];
    const named = await Promise.all(
      changes.map(async (change): Promise<FieldChange[]> => {
        const { field, after } = change;
        if (field === 'managerId' && typeof after === 'string') {
          const id = await this.#idOf(admin, after);
          if (id !== undefined) return [{ ...change, after: id }];
          missing.push(field);
          return [];
        }
        if (field !== 'members' || !Array.isArray(after)) return [change];
        const ids = await Promise.all(after.map((member) => this.#memberOf(admin, member, missing)));
        return [{ ...change, after: ids.filter((id) => id !== undefined) }];
      }),
    );
    return { changes: named.flat().filter(isChange), missing };
  }

  async #memberOf(
    admin: Pick<WebexAdmin, 'findPerson'>,
    member: Json,
    missing: string[],
  ): Promise<string | undefined> {
    if (typeof member !== 'string') return undefined;
    const id = await this.#idOf(admin, member);
    if (id === undefined) missing.push(member);
    return id;
  }

  async #idOf(admin: Pick<WebexAdmin, 'findPerson'>, name: string): Promise<string | undefined> {
    if (!isAddress(name)) return name;
    const planned = this.#items.find((item) => item.action === 'CREATE' && hasAddress(item, name));
    if (planned !== undefined && !MADE.has(planned.state)) return undefined;
    if (planned !== undefined && planned.target_id !== null) return planned.target_id;
    return (await admin.findPerson(name)).person?.id;
  }
}

/** A change of members that names nobody is no change. */
function isChange({ field, before, after }: FieldChange): boolean {
  return field !== 'members' || [before, after].some((value) => Array.isArray(value) && value.length > 0);
}

function hasAddress({ changes }: Needed, address: string): boolean {
  const emails = changes.find(({ field }) => field === 'emails')?.after;
  const [first] = Array.isArray(emails) ? emails : [];
  return typeof first === 'string' && canonicalEmail(first) === canonicalEmail(address);
}
