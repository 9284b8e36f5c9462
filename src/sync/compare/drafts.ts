import type { PlanCount } from '../../store/sync/documents.ts';
import type { Staging, StagingRow } from '../../store/sync/staging.ts';
import type { Action, Situation } from '../../store/sync/words.ts';
import type { ItemDraft } from '../words.ts';

/** A draft with what its order depends on. */
export interface UserDraft extends ItemDraft {
  readonly rowNo: number | null;
  /** Row of the manager's record, if the manager is to be created. */
  readonly managerRow: number | null;
  /** Canonical addresses that the user is to get. */
  readonly takes: readonly string[];
  readonly needs?: readonly number[];
}

/** What a comparison makes of a record or user: a draft, or only a number in the counts. */
export type Compared = { readonly draft: UserDraft } | { readonly situation: Situation };

/** Numbers drafts and stores them. */
export class DraftWriter {
  readonly #staging: Staging;
  #last = 0;
  readonly #unstored = new Map<Situation, number>();

  constructor(staging: Staging) {
    this.#staging = staging;
  }

  /** Stores the drafts of a page, and counts what has none. @returns the numbers of the drafts */
  async write(page: readonly Compared[]): Promise<readonly number[]> {
    const rows: StagingRow<'sync_drafts'>[] = [];
    for (const compared of page) {
      if ('draft' in compared) rows.push(this.#row(compared.draft));
      else this.count(compared.situation, 1);
    }
    await this.#staging.insert('sync_drafts', rows);
    return rows.map(({ draft_no }) => draft_no);
  }

  /** Counts records or users that nothing follows from. */
  count(situation: Situation, number: number): void {
    this.#unstored.set(situation, (this.#unstored.get(situation) ?? 0) + number);
  }

  /** What was counted, and not stored. */
  get unstored(): PlanCount[] {
    const action: Action = 'NONE';
    return [...this.#unstored]
      .filter(([, count]) => count > 0)
      .map(([situation, count]) => ({ kind: 'USER', situation, action, withheld: null, count }));
  }

  #row(draft: UserDraft): StagingRow<'sync_drafts'> {
    this.#last += 1;
    const { wave, kind, situation, action, name, changes } = draft;
    return {
      ...{ draft_no: this.#last, wave, kind, situation, action, name, changes, seq: null },
      withheld: draft.withheld ?? null,
      reason: draft.reason ?? null,
      at: draft.at ?? null,
      source_key: draft.sourceKey ?? null,
      target_id: draft.targetId ?? null,
      reviewed: draft.reviewed ?? null,
      link: draft.link ?? null,
      candidates: draft.candidates ?? null,
      needs: draft.needs === undefined ? null : [...draft.needs],
      counts_in: withoutUndefined(draft.countsIn),
      row_no: draft.rowNo,
      manager_row: draft.managerRow,
      takes: draft.takes.length === 0 ? null : [...draft.takes],
    };
  }
}

function withoutUndefined(counts: ItemDraft['countsIn']): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts).flatMap(([name, count]) => (count === undefined ? [] : [[name, count]])),
  );
}
