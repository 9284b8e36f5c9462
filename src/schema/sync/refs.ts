import type { FieldProblem } from '../../errors/request.ts';
import type {
  SyncItemRow,
  SyncMappingRow,
  SyncPlanRow,
  SyncRunRow,
  SyncScheduleRow,
} from '../../store/sync/tables.ts';
import { builder } from '../base/builder.ts';

// Types of synchronization are named here once, so that type files point at each other without importing each other.

/** An item, with the connector of its plan. */
export interface ItemShape {
  readonly item: SyncItemRow;
  readonly connectorId: string;
}

export const SyncPlanRef = builder.objectRef<SyncPlanRow>('SyncPlan');
export const SyncItemRef = builder.objectRef<ItemShape>('SyncItem');
export const SyncRunRef = builder.objectRef<SyncRunRow>('SyncRun');
export const SyncMappingRef = builder.objectRef<ShownMapping>('SyncMapping');
export const SyncScheduleRef = builder.objectRef<SyncScheduleRow>('SyncSchedule');

/** A version of a mapping; with names that are unknown, right after it was stored. */
export interface ShownMapping extends SyncMappingRow {
  readonly warnings?: readonly FieldProblem[];
}
