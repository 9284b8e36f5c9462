import type { Integration } from './oauth/integrations.ts';
import type { Settings } from './settings.ts';

/** How a sandbox starts; all may be left out. */
export interface SandboxOptions {
  /** The port; any free one unless told. */
  readonly port?: number;
  /** The address to listen at, 127.0.0.1 unless told. */
  readonly host?: string;
  /** The people in the organization, 250 unless told. */
  readonly users?: number;
  /** The number that all data derive from, 1 unless told. */
  readonly seed?: number;
  /** The domain of all email addresses. */
  readonly domain?: string;
  readonly organizationName?: string;
  /** A second organization, which manages this one as a partner of Webex does; none unless told. */
  readonly partner?: PartnerOptions;
  /** A text taken as an administrator's access token with every scope. */
  readonly token?: string;
  /** The registered integrations; `sandbox-client` unless told. */
  readonly integrations?: readonly Integration[];
  readonly settings?: Partial<Settings>;
}

/** The organization of a partner, whose full administrators reach the managed one by `orgId`. */
export interface PartnerOptions {
  /** The people in it, 25 unless told. */
  readonly users?: number;
  readonly domain?: string;
  readonly organizationName?: string;
}

/** Who `issueToken` makes a token for, and what it may do. */
export interface TokenRequest {
  /** Every scope unless told. */
  readonly scopes?: readonly string[];
  /** An email address in any organization; the administrator unless told; null for a service app, which is nobody. */
  readonly person?: string | null;
  /** The integration it was given to, `sandbox-client` unless told. */
  readonly clientId?: string;
}

/** All scopes that the sandbox asks for somewhere. */
export const ALL_SCOPES: readonly string[] = [
  'spark:people_read',
  'spark-admin:people_read',
  'spark-admin:people_write',
  'spark-admin:licenses_read',
  'spark-admin:roles_read',
  'spark-admin:organizations_read',
  'identity:groups_read',
  'identity:groups_rw',
  'identity:people_read',
  'identity:people_rw',
  'identity:tokens_read',
  'identity:tokens_write',
];
