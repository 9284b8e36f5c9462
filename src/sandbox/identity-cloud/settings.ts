/**
 * Every point about a tenant that is not documented, or that documents and recordings tell differently. The defaults are
 * the likeliest. Each may change while the sandbox runs.
 */
export interface Settings {
  /** Milliseconds that each request takes at least. */
  latencyMs: number;
  /** Seconds that an access token lives. */
  tokenLifetime: number;
  /** The longest time until an assertion expires, in seconds; Infinity for any. */
  assertionMaxLifetime: number;
  /** Whether `aud` must be the token address, with the port or without, letter by letter, or may be anything. */
  audienceCheck: 'loose' | 'strict' | 'off';
  requireJti: boolean;
  /** Whether an assertion that was used for a token is refused the second time. A refused one may be used again. */
  jtiReuse: 'refusedOnceUsed' | 'allowed';
  /** What a wrong assertion is answered with. */
  tokenErrorStatus: '400 invalid_grant' | '401 invalid_client';
  /** Scopes that service accounts of this tenant do not have. */
  unsupportedScopes: readonly string[];
  /** Whether the tenant's configuration gives tokens of client credentials rights in `/openidm`. */
  clientCredentialsMapped: boolean;
  /** Seconds that a revoked token is still taken. */
  introspectionCache: number;
  /** The most records of a page; more are silently cut off, with a cookie. */
  pageSizeCeiling: number;
  /** The most records of an answer without `_pageSize`; beyond it the query is refused. */
  unpagedCeiling: number;
  /** Seconds that a paging cookie is good for. */
  cookieLifetime: number;
  /** Whether the last full page has a cookie, behind which there is an empty page. */
  emptyLastPage: boolean;
  offsetUnit: 'records' | 'pages';
  /** What a client gets that asks for an exact total. */
  exactCount: 'exact' | 'estimate' | 'none';
  countOfEmptyType: '0/EXACT' | '-1/NONE';
  pageSizeZero: 'countOnly' | 'everything' | '400';
  orderWithoutSort: 'insertion' | 'shuffledPerRequest';
  inOperator: '400' | 'supported';
  unknownFilterField: 'zeroRows' | '400';
  /** A filter on a property without an index. `slow` takes a tenth of a millisecond a record. */
  unindexedFilter: 'ok' | 'slow' | '403' | '500';
  sortByRelationship: '500' | 'ignored';
  /** Whether a backslash in a filter's text only takes the next character as it is, or escapes as in JSON. */
  backslashRule: 'dropBackslash' | 'json';
  putExistingUser: 'replace' | 'rdn400';
  /** The share of requests whose `If-None-Match: *` is honoured. */
  ifNoneMatchHonoured: number;
  duplicateUserName: '403 UNIQUE' | '403 VALID_USERNAME' | '412';
  addExistingRelationship: 'noop' | '412';
  deleteRoleWithMembers: '409' | 'allowed';
  policyMessage: 'Failed policy validation' | 'Policy validation failed';
  messageHtmlEscaped: boolean;
  /** How long computed arrays lag behind a change of roles or groups, in milliseconds. */
  effectiveLagMs: number;
  relationshipChangesTouchMeta: boolean;
  metaRowNamesUser: boolean;
  /** Decimals of the seconds of `lastChanged`. */
  dateDecimals: 9 | 3;
  groupsFeature: boolean;
  /** The number of `frIndexedString` attributes. */
  indexedStrings: 5 | 20;
  /** What the tenant's own mappings do to each write of a user. */
  implicitSync: {
    readonly slowMs: number;
    readonly failShare: number;
    readonly failStatus: 409 | 500;
  };
  rateLimitPerSecond: number;
  rateLimitBurst: number;
  rateLimitRetryAfter: 'exact' | (string & {}) | null;
  /** The share of requests that the load balancer in front answers with HTML. */
  frontErrors: number;
  frontErrorStatus: 502 | 503 | 504;
  /** How long a write is not seen by reads, in milliseconds. */
  replicaLagMs: number;
  versionHeaderOnAnswers: 'some' | 'all' | 'none';
  nullForMissing: boolean;
  accountStatusCase: 'lower' | 'mixed' | 'nulls';
  svcacctSelfReadOnly: boolean;
}

export const defaultSettings: Settings = {
  latencyMs: 0,
  tokenLifetime: 898,
  assertionMaxLifetime: 900,
  audienceCheck: 'loose',
  requireJti: true,
  jtiReuse: 'refusedOnceUsed',
  tokenErrorStatus: '400 invalid_grant',
  unsupportedScopes: [],
  clientCredentialsMapped: true,
  introspectionCache: 0,
  pageSizeCeiling: Number.POSITIVE_INFINITY,
  unpagedCeiling: Number.POSITIVE_INFINITY,
  cookieLifetime: Number.POSITIVE_INFINITY,
  emptyLastPage: false,
  offsetUnit: 'records',
  exactCount: 'exact',
  countOfEmptyType: '0/EXACT',
  pageSizeZero: 'countOnly',
  orderWithoutSort: 'insertion',
  inOperator: '400',
  unknownFilterField: 'zeroRows',
  unindexedFilter: 'slow',
  sortByRelationship: '500',
  backslashRule: 'dropBackslash',
  putExistingUser: 'replace',
  ifNoneMatchHonoured: 1,
  duplicateUserName: '403 UNIQUE',
  addExistingRelationship: 'noop',
  deleteRoleWithMembers: '409',
  policyMessage: 'Failed policy validation',
  messageHtmlEscaped: true,
  effectiveLagMs: 0,
  relationshipChangesTouchMeta: false,
  metaRowNamesUser: false,
  dateDecimals: 9,
  groupsFeature: true,
  indexedStrings: 5,
  implicitSync: { slowMs: 0, failShare: 0, failStatus: 409 },
  rateLimitPerSecond: Number.POSITIVE_INFINITY,
  rateLimitBurst: 100,
  rateLimitRetryAfter: 'exact',
  frontErrors: 0,
  frontErrorStatus: 502,
  replicaLagMs: 0,
  versionHeaderOnAnswers: 'some',
  nullForMissing: true,
  accountStatusCase: 'lower',
  svcacctSelfReadOnly: true,
};
