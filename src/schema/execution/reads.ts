import type { PersonParts } from '../../datasources/webex/records.ts';

/** What a field reads from Webex. The requests of a selection are planned by it. */
export interface FieldReads {
  /** Of a user. */
  readonly personParts?: PersonParts;
  /** What is read whole and joined here. */
  readonly catalogue?: 'licenses' | 'roles' | 'memberships';
  /** Of a group: its members, or more than its name. */
  readonly groupMembers?: true;
  readonly groupDetails?: true;
}
