import { encodeGlobalID } from '@pothos/plugin-relay';
import type { SyncItemRow } from '../../store/sync/tables.ts';

/** An item as the type SyncItem shows it, with Webex's id of its target, for answers that are not GraphQL. */
export function shownItem(item: SyncItemRow): object {
  const { seq, wave, kind, situation, action, withheld, reason, name, at, changes, error, tries, state } =
    item;
  const isOpen = state === 'PLANNED' || state === 'SENDING';
  return {
    id: encodeGlobalID('SyncItem', `${item.plan_id}:${seq}`),
    ...{ seq, wave, kind, situation, action, withheld, reason, name, at },
    ...{ sourceKey: item.source_key, targetWebexId: item.target_id, changes },
    candidates: item.candidates ?? [],
    outcome: isOpen ? null : state,
    drift: item.drift ?? [],
    ...{ error, tries, settledAt: item.settled_at },
  };
}
