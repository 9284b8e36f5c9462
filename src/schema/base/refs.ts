import type { ConnectorRecord, GrantRecord } from '../../connectors/connectors.ts';
import type { WebexDatasource } from '../../datasources/webex/datasource.ts';
import type { Person } from '../../datasources/webex/people/person.ts';
import type { Group, GroupReference, License, Organization, Role } from '../../datasources/webex/records.ts';
import { builder } from './builder.ts';

// Every object type is named here once, so that type files point at each other without importing each other.

/** A user holds as much of the person as was read; fields that need more read more. */
export interface UserShape {
  readonly webex: WebexDatasource;
  readonly person: Person;
}

export interface GroupShape {
  readonly webex: WebexDatasource;
  readonly group: Group | GroupReference;
}

export interface LicenseShape {
  readonly webex: WebexDatasource;
  readonly license: License;
}

export interface RoleShape {
  readonly webex: WebexDatasource;
  readonly role: Role;
}

export interface OrganizationShape {
  readonly webex: WebexDatasource;
  readonly organization: Organization;
}

export interface DetailsShape {
  readonly webex: WebexDatasource;
  readonly connector: ConnectorRecord;
  readonly grant: GrantRecord;
}

export const ConnectorRef = builder.objectRef<ConnectorRecord>('Connector');
export const DetailsRef = builder.objectRef<DetailsShape>('ConnectorDetails');
export const UserRef = builder.objectRef<UserShape>('User');
export const GroupRef = builder.objectRef<GroupShape>('Group');
export const LicenseRef = builder.objectRef<LicenseShape>('License');
export const RoleRef = builder.objectRef<RoleShape>('Role');
export const OrganizationRef = builder.objectRef<OrganizationShape>('Organization');
