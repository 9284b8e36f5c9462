import type { SyncItemRow, SyncMappingRow, SyncPlanRow, SyncScheduleRow } from '../../store/sync/tables.ts';
import { builder } from '../base/builder.ts';

// Types of synchronization are named here once, so that type files point at each other without importing each other.

export const SyncPlanRef = builder.objectRef<SyncPlanRow>('SyncPlan');
export const SyncItemRef = builder.objectRef<SyncItemRow>('SyncItem');
export const SyncMappingRef = builder.objectRef<SyncMappingRow>('SyncMapping');
export const SyncScheduleRef = builder.objectRef<SyncScheduleRow>('SyncSchedule');
