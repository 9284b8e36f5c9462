import type { ColumnType, Generated, GeneratedAlways, Selectable } from 'kysely';
import type { SyncTables } from './sync/tables.ts';

type Instant = ColumnType<Date, Date, Date>;
type InstantOrNull = ColumnType<Date | null, Date | null, Date | null>;
type TextList = ColumnType<string[], readonly string[], readonly string[]>;

/** What came of a return from the authorization page. */
export interface AuthorizationOutcome {
  readonly ok: boolean;
  readonly message: string;
}

/** How the client proves itself at the token endpoint (RFC 6749, 2.3.1). */
export type ClientAuthentication = 'CLIENT_SECRET_POST' | 'CLIENT_SECRET_BASIC';

/** The system that a connector is for. */
export type ConnectorKind = 'WEBEX';

export interface ConnectorsTable {
  id: string;
  kind: Generated<ConnectorKind>;
  name: string;
  client_id: string;
  /** Sealed. */
  client_secret: string | null;
  client_secret_number: Generated<number>;
  service_uri: string;
  token_endpoint: string;
  authorization_endpoint: string;
  scopes: TextList;
  maximum_connections: number;
  /** Seconds. */
  connection_timeout: number;
  /** Sealed: it may hold a password. */
  proxy_url: string | null;
  ca_certificates: string | null;
  client_authentication: ClientAuthentication;
  organization_id: string | null;
  read_only: boolean;
  declared: boolean;
  version: Generated<number>;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
}

export interface GrantsTable {
  connector_id: string;
  /** Sealed. */
  access_token: string;
  access_token_expires_at: InstantOrNull;
  /** Sealed. */
  refresh_token: string | null;
  refresh_token_expires_at: InstantOrNull;
  scopes: TextList;
  organization_id: string;
  person_id: string | null;
  granted_for: string;
  connected_at: Instant;
  status: 'ACTIVE' | 'RECONNECT_REQUIRED';
  /** From a sequence of the whole table, so that a new grant never has a number that was used before. */
  version: Generated<number>;
}

export interface AuthorizationRequestsTable {
  /** SHA-256 of the state, hexadecimal. */
  state_hash: string;
  connector_id: string;
  /** Sealed. */
  code_verifier: string;
  redirect_uri: string;
  return_to: string | null;
  expected_organization_id: string | null;
  scopes: TextList;
  created_at: Generated<Date>;
  expires_at: Instant;
  used_at: InstantOrNull;
  /** Written as JSON text. */
  outcome: ColumnType<AuthorizationOutcome | null, string | null, string | null>;
}

export interface ThrottlesTable {
  connector_id: string;
  paused_until: Instant;
}

/** What came of a change. PENDING: it was begun, and its end is not known yet. */
export type AuditOutcome =
  | 'PENDING'
  | 'APPLIED'
  | 'PARTIALLY_APPLIED'
  | 'NOT_APPLIED'
  | 'UNKNOWN'
  | 'NOTHING_CHANGED'
  | 'DRY_RUN'
  | 'UNDONE';

/** What a change is about. */
export type TargetType = 'User' | 'Group' | 'Connector' | 'ApiKey';

/** Anything that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** One field of a record, as it was and as it was asked to be. */
export interface FieldChange {
  readonly field: string;
  readonly before: Json;
  readonly after: Json;
  /** What ids in `before` were called when this was recorded; absent if that was not known. */
  readonly beforeText?: string;
  readonly afterText?: string;
}

export interface AuditEventsTable {
  id: string;
  /** From a sequence of the whole table. */
  seq: GeneratedAlways<string>;
  at: Generated<Date>;
  actor: string;
  connector_id: string | null;
  connector_name: string | null;
  operation: string;
  target_type: TargetType;
  target_id: string | null;
  target_name: string | null;
  dry_run: boolean;
  /** Written as JSON text. */
  changes: ColumnType<readonly FieldChange[], string, never>;
  outcome: Generated<AuditOutcome>;
  error_code: string | null;
  tracking_ids: Generated<string[]>;
  idempotency_key: string | null;
  request_id: string;
  completed_at: InstantOrNull;
}

export interface UndecidedWritesTable {
  audit_event_id: string;
  connector_id: string;
  target_type: 'User' | 'Group';
  target_id: string;
  /** When the change was begun. */
  began_at: Instant;
  /** When the write cannot be made any more. */
  decided_at: Instant;
  look_at: Instant;
  /** Whether it was sent more than once. */
  is_resent: boolean;
  looks: number;
}

export interface IdempotencyKeysTable {
  /** SHA-256 of caller, key and place, hexadecimal. */
  id: string;
  request_hash: string;
  audit_event_id: string;
  /** Sealed. */
  answer: string | null;
  expires_at: Instant;
}

/** One thing that the holder of a key may do. */
export interface ApiKeyGrant {
  readonly scope: 'read' | 'provision' | 'configure' | 'observe' | 'admin';
  /** Ids of the connectors it is limited to; null for all. */
  readonly connectors: readonly string[] | null;
}

export interface ApiKeysTable {
  id: Generated<string>;
  name: string;
  /** SHA-256 of the key, hexadecimal. */
  hash: string;
  shown: string;
  /** Written as JSON text. */
  grants: ColumnType<readonly ApiKeyGrant[], string, never>;
  created_at: Generated<Date>;
  created_by: string;
  expires_at: InstantOrNull;
  revoked_at: Generated<Date | null>;
  last_used_at: Generated<Date | null>;
}

/** What the store remembers about itself. */
export interface StoreMetaTable {
  name: string;
  value: string;
}

export interface Tables extends SyncTables {
  connectors: ConnectorsTable;
  grants: GrantsTable;
  authorization_requests: AuthorizationRequestsTable;
  store_meta: StoreMetaTable;
  throttles: ThrottlesTable;
  audit_events: AuditEventsTable;
  undecided_writes: UndecidedWritesTable;
  idempotency_keys: IdempotencyKeysTable;
  api_keys: ApiKeysTable;
}

export type ConnectorRow = Selectable<ConnectorsTable>;
export type GrantRow = Selectable<GrantsTable>;
export type AuthorizationRequestRow = Selectable<AuthorizationRequestsTable>;
export type AuditEventRow = Selectable<AuditEventsTable>;
export type ApiKeyRow = Selectable<ApiKeysTable>;
