import type { ColumnType, Generated, Selectable } from 'kysely';

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

export interface ConnectorsTable {
  id: string;
  name: string;
  client_id: string;
  /** Sealed. */
  client_secret: string | null;
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
  access_token_expires_at: Instant;
  /** Sealed. */
  refresh_token: string | null;
  refresh_token_expires_at: InstantOrNull;
  scopes: TextList;
  organization_id: string;
  person_id: string | null;
  granted_for: string;
  connected_at: Instant;
  status: 'ACTIVE' | 'RECONNECT_REQUIRED';
  /** From a sequence of the whole table, so that a grant made anew never has a number used before. */
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

/** What the store remembers about itself. */
export interface StoreMetaTable {
  name: string;
  value: string;
}

export interface Tables {
  connectors: ConnectorsTable;
  grants: GrantsTable;
  authorization_requests: AuthorizationRequestsTable;
  store_meta: StoreMetaTable;
  throttles: ThrottlesTable;
}

export type ConnectorRow = Selectable<ConnectorsTable>;
export type GrantRow = Selectable<GrantsTable>;
export type AuthorizationRequestRow = Selectable<AuthorizationRequestsTable>;
