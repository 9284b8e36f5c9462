import type { Integration } from './oauth/integrations.ts';
import type { Settings } from './settings.ts';

/** How a sandbox starts; all may be left out. */
export interface SandboxOptions {
  /** The port; default: any free one. */
  readonly port?: number;
  /** The address to listen at. Default: 127.0.0.1. */
  readonly host?: string;
  /** The people in the organization. Default: 250. */
  readonly users?: number;
  /** The number that all data derive from. Default: 1. */
  readonly seed?: number;
  /** The domain of all email addresses. */
  readonly domain?: string;
  readonly organizationName?: string;
  /** A second organization, which manages this one as a partner of Webex does. Default: none. */
  readonly partner?: PartnerOptions;
  /** A text taken as an administrator's access token with every scope. */
  readonly token?: string;
  /** The registered integrations. Default: `sandbox-client`. */
  readonly integrations?: readonly Integration[];
  readonly settings?: Partial<Settings>;
}

/** The organization of a partner, whose full administrators reach the managed one by `orgId`. */
export interface PartnerOptions {
  /** The people in it. Default: 25. */
  readonly users?: number;
  readonly domain?: string;
  readonly organizationName?: string;
}

/** Who `issueToken` makes a token for, and what it may do. */
export interface TokenRequest {
  /** Default: every scope. */
  readonly scopes?: readonly string[];
  /** An email address in any organization; default: the administrator; null for a service app, which has no person. */
  readonly person?: string | null;
  /** The integration it was given to. Default: `sandbox-client`. */
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
