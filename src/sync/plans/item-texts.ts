import type { SyncItemRow } from '../../store/sync/tables.ts';
import type { FieldChange, ItemOutcome, Json } from '../../store/sync/words.ts';

/** What became of an item. Null: nothing yet. */
export function outcomeOf({ state }: Pick<SyncItemRow, 'state'>): ItemOutcome | null {
  return state === 'PLANNED' || state === 'SENDING' ? null : state;
}

/** Changes for people, as `title: Clerk → Manager; licenses: + Webex Calling`. */
export function changesText(changes: readonly FieldChange[]): string {
  return changes.map(changeText).join('; ');
}

/** Fields whose changes say what goes and what comes, not how they were and will be. */
const DELTAS: ReadonlySet<string> = new Set(['licenses', 'roles', 'members']);

function changeText({ field, before, after, beforeText, afterText }: FieldChange): string {
  const [from, to] = [beforeText ?? valueText(before), afterText ?? valueText(after)];
  if (!DELTAS.has(field)) return `${field}: ${from === '' ? '' : `${from} `}→ ${to === '' ? '(empty)' : to}`;
  const parts = [to === '' ? '' : `+ ${to}`, from === '' ? '' : `- ${from}`];
  return `${field}: ${parts.filter((part) => part !== '').join(' ')}`;
}

/** A value as a person reads it. */
export function valueText(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((part) => typeof part !== 'object' || part === null)) {
    return value.map((part) => String(part ?? '')).join(', ');
  }
  return JSON.stringify(value);
}
