import type { PersonParts } from '../../datasources/webex/records.ts';

/** What a field reads from Webex. Whoever plans the requests of a selection finds it in the schema. */
export interface FieldReads {
  /** Of a user. */
  readonly personParts?: PersonParts;
  /** What is read whole and joined here. */
  readonly catalogue?: 'licenses' | 'roles' | 'memberships';
  /** Of a group: its members, or more than its name. */
  readonly groupMembers?: true;
  readonly groupDetails?: true;
}
