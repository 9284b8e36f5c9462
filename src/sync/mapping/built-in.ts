import { CONTROL_HUB_CSV } from './control-hub-csv.ts';

/** Mappings that come with the gateway, by name. They have version 1 and cannot be changed. */
export const BUILT_IN: ReadonlyMap<string, string> = new Map([['control-hub-csv', CONTROL_HUB_CSV]]);
