import type { Action, FieldChange, ItemOutcome } from '../../store/sync/words.ts';

/** What became of an item, as far as it counts for its run. */
export interface JudgedItem {
  readonly name: string;
  readonly action: Action;
  readonly outcome: ItemOutcome;
  /** Undefined if it did not fail. */
  readonly code: string | undefined;
  readonly message: string | undefined;
  /** What was sent. */
  readonly changes: readonly FieldChange[];
  /** Fields of it that Webex did not take. */
  readonly refused: readonly string[];
}

/** Failures of the same code one after the other that pause a run. */
const IN_A_ROW = 20;
/** Items that are looked back at, and how many of them may fail with the same code. */
const LOOKED_BACK = 100;
const OF_LOOKED_BACK = 20;
const EXAMPLES = 5;
/** Items after which a field that Webex does not take is left out. */
const REFUSALS = 2;

const COUNTED: ReadonlySet<ItemOutcome> = new Set(['FAILED', 'UNKNOWN', 'PARTIALLY_APPLIED']);
const FROM_DIRECTORY = 'DIRECTORY_SYNCHRONIZED';
const SETS: ReadonlySet<string> = new Set(['licenses', 'roles', 'members']);

/** Decides from what became of the items so far when a run pauses, and which changes are not worth a request. Pure but for its memory. */
export class RunJudge {
  readonly #last: JudgedItem[] = [];
  readonly #refusedActions = new Set<Action>();
  readonly #refusals = new Map<string, number>();
  readonly #takenFields = new Set<string>();
  #row: JudgedItem[] = [];

  /** Takes note of an item. */
  settled(item: JudgedItem): void {
    this.#noteFields(item);
    if (item.outcome === 'SKIPPED') return;
    const fails = isFailure(item);
    this.#row = fails && this.#row[0]?.code === item.code ? [...this.#row, item] : fails ? [item] : [];
    this.#last.push(item);
    if (this.#last.length > LOOKED_BACK) this.#last.shift();
  }

  /** Why the run is to pause, in sentences; undefined while it may go on. */
  get pauses(): string | undefined {
    const [first] = this.#row;
    if (first !== undefined && this.#row.length >= IN_A_ROW) {
      return told(`${this.#row.length} items in a row failed with ${first.code}.`, this.#row);
    }
    if (this.#last.length < LOOKED_BACK) return undefined;
    const failed = this.#last.filter(isFailure);
    for (const code of new Set(failed.map((item) => item.code))) {
      const same = failed.filter((item) => item.code === code);
      if (same.length > OF_LOOKED_BACK)
        return told(`${same.length} of the last ${LOOKED_BACK} items failed with ${code}.`, same);
    }
    return undefined;
  }

  /** Whether Webex has said that users of this organization come from a directory, so that this action is impossible. */
  isRefused(action: Action): boolean {
    return this.#refusedActions.has(action);
  }

  /** What of an item is worth sending, and the fields that are not. */
  sendable(changes: readonly FieldChange[]): { readonly changes: FieldChange[]; readonly dropped: string[] } {
    const isDropped = ({ field }: FieldChange) =>
      !this.#takenFields.has(field) && (this.#refusals.get(field) ?? 0) >= REFUSALS;
    return {
      changes: changes.filter((change) => !isDropped(change)),
      dropped: changes.filter(isDropped).map(({ field }) => field),
    };
  }

  #noteFields({ action, outcome, code, changes, refused }: JudgedItem): void {
    if (outcome === 'APPLIED') for (const { field } of changes) this.#takenFields.add(field);
    const isFromDirectory = code === FROM_DIRECTORY;
    if (isFromDirectory && (action === 'CREATE' || action === 'DELETE')) {
      this.#refusedActions.add(action);
      return;
    }
    const fields = isFromDirectory ? changes.map(({ field }) => field) : refused;
    for (const field of fields.filter((each) => !SETS.has(each) || isFromDirectory)) {
      const weight = isFromDirectory && fields.length === 1 ? REFUSALS : 1;
      this.#refusals.set(field, weight + (this.#refusals.get(field) ?? 0));
    }
  }
}

/** What a directory refuses is skipped from then on, and pauses nothing. */
function isFailure({ outcome, code }: JudgedItem): boolean {
  return COUNTED.has(outcome) && code !== FROM_DIRECTORY;
}

function told(sentence: string, items: readonly JudgedItem[]): string {
  const examples = items
    .slice(-EXAMPLES)
    .map(({ name, message }) => `${name}: ${message ?? 'no message'}`)
    .join(' ');
  return `${sentence} Find the cause, then resume the run. Examples: ${examples}`;
}
