/**
 * Everything about the sandbox that can be turned, most of it because Webex does not say how it behaves.
 * All may be given at the start and changed while it runs; `reset()` restores what was given.
 */
export interface Settings {
  /** Milliseconds that every API request takes; the authorize page is spared. */
  latencyMs: number;
  /** Requests a second that one access token may make on average. */
  rateLimitPerSecond: number;
  /** Requests that one access token may make at once before the rate counts. */
  rateLimitBurst: number;
  /** The `Retry-After` of a 429: `exact` (whole seconds to wait), a text of your own, or null to leave it out. */
  rateLimitRetryAfter: 'exact' | (string & {}) | null;

  /** Seconds an access token lives. Webex: 14 days. */
  accessTokenLifetime: number;
  /** Seconds a refresh token lives from its last use. Webex: 90 days. */
  refreshTokenLifetime: number;
  /** Seconds an authorization code lives. */
  codeLifetime: number;
  /** Whether a refresh hands out a new refresh token and spends the old one. */
  rotateRefreshTokens: boolean;
  /** Whether using a spent refresh token revokes the whole grant. */
  reuseRevokesGrant: boolean;
  /** Whether a refresh ends the access tokens handed out before. */
  refreshEndsAccessTokens: boolean;
  /** The body of a refused token request: Webex's usual shape, or the standard's `error`. */
  tokenErrorShape: 'webex' | 'rfc';
  /** Leaves `token_type` and `scope` out of token answers, as older Webex samples do. */
  bareTokenAnswers: boolean;
  /** Seconds for which a revoked access token is still taken. */
  revocationDelay: number;
  /** Whether `GET /organizations` needs the scope spark-admin:organizations_read. */
  organizationsNeedScope: boolean;

  /** Error bodies: `message`/`errors`, or the second shape `error[].key`/`message[]`. */
  errorShape: 'usual' | 'keyed';
  /** Echoes a client's tracking id twice, comma-joined. */
  doubledTrackingId: boolean;

  /** People per page when `max` is absent. */
  peoplePageDefault: number;
  /** The most people per page; asking for more silently gives this many. */
  peoplePageCeiling: number;
  /** The same with `callingData=true`. */
  callingPageCeiling: number;
  /** The same with `locationId`. */
  locationPageCeiling: number;
  /** A page with calling data larger than this ends in 504. */
  callingPageTimesOutAbove: number;
  /** The most ids in `?id=`; more is a 400. */
  idsCeiling: number;
  /** Where a malformed id in `?id=` goes: into `notFoundIds`, or a 400 for all. */
  malformedIds: 'notFoundIds' | 'refuse';
  /** Whether an id named twice in `?id=` is answered twice. */
  duplicateIdsAnsweredTwice: boolean;
  /** Whether several `roles` mean any or all of them. */
  rolesFilter: 'any' | 'all';
  /** Takes bare UUIDs in PUT, DELETE and `?id=` too; GET of one person always does. */
  rawUuidsEverywhere: boolean;
  /** Shows `invitePending` and `loginEnabled` as the strings "true" and "false". */
  booleansAsStrings: boolean;
  /** Writes `max=null` into next links, which is refused when followed. */
  nextLinkMaxNull: boolean;
  /** Drops the query's other parameters from next links. */
  nextLinkDropsParameters: boolean;
  /** Adds `rel="first"` (and `rel="prev"` for people) to the Link header. */
  extraLinks: boolean;
  /** Ignores `orgId`, so that a partner's administrator works in the partner's own organization. */
  ignoresOrgId: boolean;
  /** Whether a partner's `?email=` without `orgId` finds people of the organizations it manages, too. */
  emailFindsManaged: boolean;
  /** Where an address belongs to one person at most: in all of Webex, or in each organization. */
  addressesUniqueIn: 'webex' | 'organization';
  /** How a phone number has to be written: as `+4930901820`, or in digits and hyphens. */
  phoneNumberForm: 'e164' | 'digits';
  /** What becomes of no-break and zero-width blanks inside of a text; around it they are refused. */
  unseenBlanks: 'keep' | 'refuse';
  /** Seconds until a created person shows in lists. */
  listLag: number;
  /** List requests that a created person misses. */
  listLagRequests: number;
  /** Whether the lag also hides a created person from `?email=`. */
  listLagHidesEmail: boolean;
  /** Seconds until a created person has SIP addresses. */
  sipAddressDelay: number;
  /** The status of creating a person whose address is taken. */
  duplicatePersonStatus: 400 | 409;
  /** What a PUT without `licenses` or `roles` does to them. */
  putOmission: 'removes' | 'keeps';
  /** The status of a PUT with `minResponse=true`; 204 has no body. */
  minResponsePutStatus: 200 | 204;
  /** Whether a 400 for a bad phone number or calling data on POST has created the person anyway. */
  refusedCreateCreates: boolean;
  /** A write with `callingData=true` for a person without a calling license: 400 once applied, or fine. */
  callingDataOnPlainWrites: 'refuse' | 'accept';

  /** Groups per page when `count` is absent. */
  groupsPageDefault: number;
  /** The most groups per page. */
  groupsPageCeiling: number;
  /**
   * Groups that each later page repeats from the one before, so that as many are missing at the end:
   * Webex's paging is known to be unsound.
   */
  groupsPageOverlap: number;
  /** The most members `includeMembers` shows, and the most per page of members. */
  membersCeiling: number;
  /** Whether that limit of `includeMembers` counts for each group or for the whole answer. */
  membersCeilingPer: 'group' | 'response';
  /** Sends `Link: rel=next` on groups and members. */
  groupLinks: boolean;
  /** The most members in one POST or PATCH of a group. */
  membersPerWrite: number;
  /** The status of a second group of one name. */
  duplicateGroupStatus: 400 | 409;
  /** Adding someone who does not exist. */
  unknownMemberStatus: 200 | 400 | 404;
  /** Adding a present member or removing an absent one. */
  repeatedMembershipStatus: 200 | 400 | 409;
  /** Leaves deleted people in their groups. */
  danglingMembers: boolean;

  /** What `totalUnits` of an unlimited license shows. */
  unlimitedUnits: -1 | 0;
  /** Seconds by which the consumed units lag behind. */
  licenseCountLag: number;
  /** License holders per page, the default and the most. */
  holdersPageCeiling: number;
  /** When one license of a PATCH cannot be granted: grant the others (206), or none (400). */
  licenseGrants: 'partial' | 'all-or-nothing';

  /** SCIM users per page when `count` is absent. */
  scimPageDefault: number;
  /** The most SCIM users per page. */
  scimPageCeiling: number;
  /** The most terms in a SCIM filter; more is a 400. */
  scimFilterTerms: number;
  /** How SCIM shows the `accountStatus` of a user: as a list, or as the text that the specification has. */
  scimAccountStatus: 'list' | 'text';
  /** Whether SCIM paths take the base64 organization id beside its UUID. */
  scimTakesPublicOrgId: boolean;
}

/** The default settings: Webex's documented behaviour, and the most likely one if it is undocumented. */
export const defaultSettings: Readonly<Settings> = {
  latencyMs: 0,
  rateLimitPerSecond: Number.POSITIVE_INFINITY,
  rateLimitBurst: 100,
  rateLimitRetryAfter: 'exact',
  accessTokenLifetime: 1_209_600,
  refreshTokenLifetime: 7_776_000,
  codeLifetime: 300,
  rotateRefreshTokens: false,
  reuseRevokesGrant: false,
  refreshEndsAccessTokens: false,
  tokenErrorShape: 'webex',
  bareTokenAnswers: false,
  revocationDelay: 0,
  organizationsNeedScope: true,
  errorShape: 'usual',
  doubledTrackingId: false,
  peoplePageDefault: 100,
  peoplePageCeiling: 1_000,
  callingPageCeiling: 100,
  locationPageCeiling: 50,
  callingPageTimesOutAbove: Number.POSITIVE_INFINITY,
  idsCeiling: 85,
  malformedIds: 'notFoundIds',
  duplicateIdsAnsweredTwice: false,
  rolesFilter: 'any',
  rawUuidsEverywhere: false,
  booleansAsStrings: false,
  nextLinkMaxNull: false,
  nextLinkDropsParameters: false,
  extraLinks: false,
  ignoresOrgId: false,
  emailFindsManaged: true,
  addressesUniqueIn: 'webex',
  phoneNumberForm: 'e164',
  unseenBlanks: 'keep',
  listLag: 0,
  listLagRequests: 0,
  listLagHidesEmail: false,
  sipAddressDelay: 5,
  duplicatePersonStatus: 409,
  putOmission: 'removes',
  minResponsePutStatus: 204,
  refusedCreateCreates: true,
  callingDataOnPlainWrites: 'refuse',
  groupsPageDefault: 100,
  groupsPageCeiling: 500,
  groupsPageOverlap: 0,
  membersCeiling: 500,
  membersCeilingPer: 'group',
  groupLinks: true,
  membersPerWrite: 500,
  duplicateGroupStatus: 409,
  unknownMemberStatus: 400,
  repeatedMembershipStatus: 200,
  danglingMembers: false,
  unlimitedUnits: -1,
  licenseCountLag: 0,
  holdersPageCeiling: 300,
  licenseGrants: 'partial',
  scimPageDefault: 100,
  scimPageCeiling: 1_000,
  scimFilterTerms: 100,
  scimAccountStatus: 'list',
  scimTakesPublicOrgId: false,
};
