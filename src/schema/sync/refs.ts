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
export const SyncMappingRef = builder.objectRef<SyncMappingRow>('SyncMapping');
export const SyncScheduleRef = builder.objectRef<SyncScheduleRow>('SyncSchedule');
