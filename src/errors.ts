/**
 * Every error the gateway raises. A class has a `code` that never changes and may be matched on, a
 * message that a person can act on, and the facts that a program needs as fields.
 *
 * Raised where the fact is known, translated once, at the edge (schema, routes, server). Anything
 * that is not a GatewayError is a bug: it is masked, logged and counted there.
 */
export abstract class GatewayError extends Error {
  abstract readonly code: string;
  /** Whether the same call may succeed later without anything being changed. */
  readonly retryable: boolean = false;
  override get name(): string {
    return this.constructor.name;
  }
  /** What a program may read beside code and message. Only what is safe to show a client. */
  facts(): Record<string, string | number | boolean | readonly string[]> {
    return {};
  }
}

// ── Access: who is calling, and what they may do ───────────────────────────────────────────────

/** Nobody who is known; HTTP status 401. */
export class Unauthenticated extends GatewayError {
  readonly code = 'UNAUTHENTICATED';
  readonly reason: 'missing' | 'malformed' | 'refused';
  constructor(reason: Unauthenticated['reason']) {
    super(UNAUTHENTICATED[reason]);
    this.reason = reason;
  }
}

const UNAUTHENTICATED = {
  missing:
    'Say who you are: send an API key or a token in the header, as in Authorization: Bearer webexgw_….',
  malformed: 'The header Authorization must be Bearer and an API key or a token.',
  refused:
    'The API key or token is not known, has expired, or was revoked. Ask an administrator of the gateway for another.',
};

/** Known, but not allowed. */
export class Forbidden extends GatewayError {
  readonly code = 'FORBIDDEN';
  readonly scope: string;
  /** @param connector its name; undefined where the scope is needed for all connectors, or for any */
  constructor(scope: string, connector?: string) {
    super(
      connector === undefined
        ? `This takes the scope ${scope}, which your key or token does not have, or not for all connectors.`
        : `This takes the scope ${scope} for the connector ${JSON.stringify(connector)}, which your key or token does not have.`,
    );
    this.scope = scope;
  }
  override facts() {
    return { scope: this.scope };
  }
}

/** The identity provider's keys could not be read, so that no token can be judged; HTTP status 503. */
export class IdentityProviderUnavailable extends GatewayError {
  readonly code = 'IDENTITY_PROVIDER_UNAVAILABLE';
  override readonly retryable = true;
  constructor() {
    super('The identity provider that vouches for your token does not answer. Try again later.');
  }
}

// ── Starting: the gateway cannot run as it is configured ────────────────────────────────────────

/** The process cannot start; `server.ts` prints the message and exits with 1. */
export abstract class StartError extends GatewayError {}

export class InvalidConfiguration extends StartError {
  readonly code = 'INVALID_CONFIGURATION';
  readonly variable: string;
  constructor(variable: string, sentence: string) {
    super(`${variable} ${sentence}`);
    this.variable = variable;
  }
}

export class StoreUnavailable extends StartError {
  readonly code = 'STORE_UNAVAILABLE';
  override readonly retryable = true;
}

export class StoreInUse extends StartError {
  readonly code = 'STORE_IN_USE';
  constructor(directory: string) {
    super(
      `The data folder ${directory} is in use by another gateway process. Stop that one first, choose another DATA_DIR, or set DATABASE_URL to a PostgreSQL server, which several gateways can share.`,
    );
  }
}

export class StoreTooNew extends StartError {
  readonly code = 'STORE_TOO_NEW';
  constructor(migration: string) {
    super(
      `The database was migrated by a newer gateway: it knows "${migration}", this version does not. Start that newer version, or restore a backup made before the upgrade.`,
    );
  }
}

export class SecretKeyMismatch extends StartError {
  readonly code = 'SECRET_KEY_MISMATCH';
}

/** Whether an error's sentence is for clients; those about starting name hosts and files. */
export function isForClients(error: unknown): error is GatewayError {
  return error instanceof GatewayError && !(error instanceof StartError);
}

// ── The caller's: something in the request has to change ────────────────────────────────────────

/** One field that is wrong. */
export interface FieldProblem {
  /** Path from the argument on: `input.serviceUri`. */
  readonly field: string;
  readonly message: string;
}

export class InvalidInput extends GatewayError {
  readonly code: string = 'INVALID_INPUT';
  /** Path of the first field that is wrong. */
  readonly field: string;
  /** Every field that was found wrong. */
  readonly problems: readonly FieldProblem[];
  /** @param others what is wrong beside the first */
  constructor(field: string, sentence: string, others: readonly FieldProblem[] = []) {
    const problems = [{ field, message: sentence }, ...others];
    super(problems.map((problem) => `${problem.field}: ${problem.message}`).join(' '));
    this.field = field;
    this.problems = problems;
  }
  override facts() {
    return { field: this.field };
  }
}

/** Ids were given that this gateway has never made: one error for all that are wrong in a list. */
export class NotOurIds extends InvalidInput {
  /** Paths of the wrong ids; of many, the first hundred. */
  readonly fields: readonly string[];
  /** How many are wrong. */
  readonly count: number;
  /** @param fields paths of all wrong ids, at least one */
  constructor(fields: readonly string[]) {
    const others = fields.length - 1;
    const also = others === 0 ? '' : ` Nor are ${others} others of the list.`;
    super(
      fields[0] ?? 'id',
      `is not an id of this gateway.${also} Take ids from the field id of its objects.`,
    );
    this.fields = fields.slice(0, 100);
    this.count = fields.length;
  }
  override facts() {
    return { ...super.facts(), fields: this.fields, count: this.count };
  }
}

/** The key of an earlier request came again with other arguments. */
export class IdempotencyKeyReused extends InvalidInput {
  override readonly code = 'IDEMPOTENCY_KEY_REUSED';
  constructor() {
    super(
      'Idempotency-Key',
      'was used for another request within the last 24 hours. Take a new key for each thing to do, and the same one only to repeat it.',
    );
  }
}

export class InvalidCursor extends GatewayError {
  readonly code = 'INVALID_CURSOR';
  constructor() {
    super(
      'after: this cursor was not made by this list. Cursors belong to one list with one filter; take endCursor from a page of the same query.',
    );
  }
  override facts() {
    return { field: 'after' };
  }
}

/** A query may take more requests to Webex than one query is allowed; nothing was read. */
export class QueryTooCostly extends GatewayError {
  readonly code = 'QUERY_TOO_COSTLY';
  /** Requests to Webex: what the query may take, and what is allowed. */
  readonly cost: number;
  readonly limit: number;
  /** The names in the answer that lead to the field which takes the most. */
  readonly costliest: readonly string[];
  /** @param share how many of the requests are for the costliest field alone */
  constructor(cost: number, limit: number, costliest: readonly string[], share: number) {
    super(
      `This query may take ${cost} requests to Webex, and ${limit} are allowed. ${share} of them are for ${costliest.join('.')}: ask for a smaller first, page with after, or leave out ${costliest.at(-1)}.`,
    );
    this.cost = cost;
    this.limit = limit;
    this.costliest = costliest;
  }
  override facts() {
    return { cost: this.cost, limit: this.limit, costliest: this.costliest };
  }
}

/** The answer to a query may hold more than one answer is allowed to; nothing was read. */
export class ResultTooLarge extends GatewayError {
  readonly code = 'RESULT_TOO_LARGE';
  /** What there would be too much of. Bytes are memory that the gateway needs while it makes the answer. */
  readonly measure: 'values' | 'bytes';
  /** How much of it the answer may hold by estimate, and how much is allowed. */
  readonly size: number;
  readonly limit: number;
  /** The names in the answer that lead to the list which holds the most. */
  readonly costliest: readonly string[];
  /** @param share how much of it is in the costliest list alone */
  constructor(
    measure: ResultTooLarge['measure'],
    size: number,
    limit: number,
    costliest: readonly string[],
    share: number,
  ) {
    super(
      `The answer may hold ${size} ${measure === 'values' ? 'values' : 'bytes in memory'}, and ${limit} are allowed. ${share} of them are for ${costliest.join('.')}: ask for a smaller first, page with after, select fewer fields, or split the query.`,
    );
    this.measure = measure;
    this.size = size;
    this.limit = limit;
    this.costliest = costliest;
  }
  override facts() {
    return { measure: this.measure, size: this.size, limit: this.limit, costliest: this.costliest };
  }
}

/** The gateway has as much in memory for requests under way as it may; HTTP status 503, or 429 for one caller. */
export class TooMuchUnderWay extends GatewayError {
  readonly code = 'TOO_MUCH_UNDER_WAY';
  override readonly retryable = true;
  /** Whose share is used up: the caller's own, or that of all callers together. */
  readonly share: 'caller' | 'gateway';
  /** Bytes of that share. */
  readonly limit: number;
  /** Seconds. */
  readonly retryAfter = 1;
  constructor(share: TooMuchUnderWay['share'], limit: number) {
    super(
      share === 'caller'
        ? `Your requests under way need ${limit} bytes of memory already, which is as much as one caller may use at once. Wait until some have ended, and send fewer or smaller ones at once.`
        : `The requests of all callers need ${limit} bytes of memory already, which is as much as this gateway may use for them. Send yours again in a second.`,
    );
    this.share = share;
    this.limit = limit;
  }
  override facts() {
    return {
      retryable: this.retryable,
      share: this.share,
      limit: this.limit,
      retryAfter: this.retryAfter,
    };
  }
}

/** A request holds more of something than is looked at; nothing was done. */
export class RequestTooComplex extends GatewayError {
  readonly code = 'REQUEST_TOO_COMPLEX';
  /** What there is too much of. */
  readonly measure: string;
  /** How much of it there may be. */
  readonly limit: number;
  constructor(measure: string, limit: number) {
    super(`The request holds more than ${limit} ${measure}. Split it into several requests.`);
    this.measure = measure;
    this.limit = limit;
  }
  override facts() {
    return { measure: this.measure, limit: this.limit };
  }
}

/** An answer holds more errors than are shown; this one counts the others. */
export class ErrorsLeftOut extends GatewayError {
  readonly code = 'ERRORS_LEFT_OUT';
  /** How many errors are not shown, and how many an answer holds at most. */
  readonly leftOut: number;
  readonly limit: number;
  constructor(leftOut: number, limit: number) {
    super(`${leftOut} more errors are not shown: an answer holds at most ${limit}.`);
    this.leftOut = leftOut;
    this.limit = limit;
  }
  override facts() {
    return { leftOut: this.leftOut, limit: this.limit };
  }
}

/** The body of a request is no JSON object. */
export class UnreadableBody extends GatewayError {
  readonly code = 'BAD_REQUEST';
  constructor() {
    super('The body is no JSON object. Send {"query": "…", "variables": {…}}.');
  }
}

/** A request is a list of requests. */
export class BatchRefused extends GatewayError {
  readonly code = 'BATCH_REFUSED';
  constructor() {
    super(
      'The body is a list. Send each operation in a request of its own, side by side: they share their reads of Webex all the same.',
    );
  }
}

/** The caller has as many operations running as one caller may. */
export class TooManyOperations extends GatewayError {
  readonly code = 'TOO_MANY_OPERATIONS';
  override readonly retryable = true;
  readonly limit: number;
  /** Seconds. */
  readonly retryAfter: number;
  constructor(limit: number, retryAfter: number) {
    super(
      `You have ${limit} operations running, which is as many as one caller may have at once. Wait until some have ended, and send fewer at once.`,
    );
    this.limit = limit;
    this.retryAfter = retryAfter;
  }
  override facts() {
    return { retryable: this.retryable, limit: this.limit, retryAfter: this.retryAfter };
  }
}

/** The caller has sent as many operations as one caller may in a minute. */
export class TooManyRequests extends GatewayError {
  readonly code = 'TOO_MANY_REQUESTS';
  override readonly retryable = true;
  /** Operations a minute. */
  readonly limit: number;
  /** Seconds. */
  readonly retryAfter: number;
  constructor(limit: number, retryAfter: number) {
    super(`One caller may send ${limit} operations a minute. Send the next in ${retryAfter} seconds.`);
    this.limit = limit;
    this.retryAfter = retryAfter;
  }
  override facts() {
    return { retryable: this.retryable, limit: this.limit, retryAfter: this.retryAfter };
  }
}

/** The caller has asked for as many changes as one caller may in a minute; nothing was done. */
export class TooManyChanges extends GatewayError {
  readonly code = 'TOO_MANY_CHANGES';
  override readonly retryable = true;
  /** Changes a minute. */
  readonly limit: number;
  /** Seconds. */
  readonly retryAfter: number;
  constructor(limit: number, retryAfter: number) {
    super(
      `One caller may ask for ${limit} changes a minute, dry runs included. Send the next in ${retryAfter} seconds.`,
    );
    this.limit = limit;
    this.retryAfter = retryAfter;
  }
  override facts() {
    return { retryable: this.retryable, limit: this.limit, retryAfter: this.retryAfter };
  }
}

/** Nobody has told the query of this hash, or not lately. */
export class PersistedQueryNotFound extends GatewayError {
  readonly code = 'PERSISTED_QUERY_NOT_FOUND';
  constructor() {
    // Clients look for this very message, and then send hash and query.
    super('PersistedQueryNotFound');
  }
}

/** The operation of this id is not in the gateway's manifest. */
export class PersistedQueryNotInList extends GatewayError {
  readonly code = 'PERSISTED_QUERY_NOT_IN_LIST';
  constructor() {
    super(
      'The gateway knows no operation of this id. Add it to the manifest of persisted operations, and restart the gateway.',
    );
  }
}

/** The gateway takes the operations of its manifest only. */
export class PersistedOnly extends GatewayError {
  readonly code = 'PERSISTED_ONLY';
  constructor() {
    super(
      'The gateway takes only the operations in its manifest, by their ids and without their text: as documentId, or as extensions.persistedQuery.sha256Hash.',
    );
  }
}

export class NotFound extends GatewayError {
  readonly code = 'NOT_FOUND';
  readonly kind: string;
  readonly id: string;
  constructor(
    kind: string,
    id: string,
    sentence = `There is no ${kind} ${JSON.stringify(id)}, or you may not see it.`,
  ) {
    super(sentence);
    this.kind = kind;
    this.id = id;
  }
  override facts() {
    return { kind: this.kind, id: this.id };
  }
}

export class Ambiguous extends GatewayError {
  readonly code = 'AMBIGUOUS';
  readonly candidates: readonly string[];
  constructor(sentence: string, candidates: readonly string[]) {
    super(sentence);
    this.candidates = candidates;
  }
  override facts() {
    return { candidates: this.candidates };
  }
}

export class NameTaken extends GatewayError {
  readonly code = 'NAME_TAKEN';
  readonly takenName: string;
  /** The call that Webex refused for it; undefined where nothing was sent. */
  readonly call: UpstreamCall | undefined;
  constructor(kind: 'connector' | 'group' | 'key', takenName: string, call?: UpstreamCall) {
    super(`A ${kind} is called ${JSON.stringify(takenName)} already. Names are unique; choose another.`);
    this.takenName = takenName;
    this.call = call;
  }
  override facts() {
    return { takenName: this.takenName };
  }
}

/** Somebody else has changed the connector since the caller read it. */
export class SettingsConflict extends GatewayError {
  readonly code = 'CONFLICT';
  readonly connectorId: string;
  constructor(connectorId: string, version: number) {
    super(
      `Somebody else has changed the connector meanwhile; it has version ${version} now. Nothing was changed. Look at the current values and try again with that version.`,
    );
    this.connectorId = connectorId;
  }
}

/** The configuration file says how the connector is. */
export class DeclaredConnector extends GatewayError {
  readonly code = 'DECLARED';
  readonly connector: string;
  constructor(connector: string) {
    super(
      `The connector ${JSON.stringify(connector)} is declared in the configuration file. Change it there and restart the gateway.`,
    );
    this.connector = connector;
  }
  override facts() {
    return { connector: this.connector };
  }
}

/** The connector may read only; nothing was sent. */
export class ReadOnlyConnector extends GatewayError {
  readonly code = 'READ_ONLY';
  constructor() {
    super(
      'This connector is read-only: nothing may be changed in Webex through it. Switch that off with updateConnector.',
    );
  }
}

// ── The connection's: somebody has to connect, or connect again ─────────────────────────────────

export class NotConnected extends GatewayError {
  readonly code = 'NOT_CONNECTED';
  readonly connector: string;
  constructor(connector: string) {
    super(
      `The connector ${JSON.stringify(connector)} is not connected to Webex yet. Call the connect mutation and open its authorizationUrl in a browser.`,
    );
    this.connector = connector;
  }
  override facts() {
    return { connector: this.connector };
  }
}

export class ReconnectRequired extends GatewayError {
  readonly code = 'RECONNECT_REQUIRED';
  readonly connector: string;
  constructor(connector: string) {
    super(
      `Webex no longer accepts the grant of connector ${JSON.stringify(connector)}: it was revoked, or not used for too long. An administrator has to connect it again with the connect mutation.`,
    );
    this.connector = connector;
  }
  override facts() {
    return { connector: this.connector };
  }
}

/** Why a return from Webex's authorization page was not accepted. */
export type AuthorizationFailure =
  | 'DENIED'
  | 'STATE_UNKNOWN'
  | 'STATE_EXPIRED'
  | 'STATE_USED'
  | 'CODE_REFUSED'
  | 'GRANT_REFUSED'
  | 'CLIENT_REFUSED'
  | 'OTHER_ORGANIZATION'
  | 'RESPONSE_INVALID';

export class AuthorizationFailed extends GatewayError {
  readonly code = 'AUTHORIZATION_FAILED';
  readonly reason: AuthorizationFailure;
  constructor(reason: AuthorizationFailure, sentence: string) {
    super(sentence);
    this.reason = reason;
  }
  override facts() {
    return { reason: this.reason };
  }
}

/** Webex does not say whose a connection is, and would say so only for one with more scopes or another account. */
export class OwnerNotTold extends AuthorizationFailed {
  constructor() {
    super(
      'RESPONSE_INVALID',
      'Webex does not say who connected, and to which organization they belong. Add the scope spark-admin:people_read to the integration and to the connector, then start again.',
    );
  }
}

/** The configuration of the gateway does not let it send anything there; nothing was sent. */
export class UpstreamAddressRefused extends GatewayError {
  readonly code = 'UPSTREAM_ADDRESS_REFUSED';
  readonly origin: string;
  /** The variable of the configuration that would allow it. */
  readonly variable: string;
  constructor(sentence: string, origin: string, variable: string) {
    super(sentence);
    this.origin = origin;
    this.variable = variable;
  }
  override facts() {
    return { origin: this.origin, variable: this.variable };
  }
}

// ── Webex's: what came back, or did not ─────────────────────────────────────────────────────────

/** What identifies one upstream call, so that a person can ask Cisco about it. */
export interface UpstreamCall {
  readonly method: string;
  /** Path without the query: filters may hold addresses of people. */
  readonly path: string;
  readonly status?: number | undefined;
  readonly trackingId?: string | undefined;
  /** What broke the connection, as the system names it: ECONNREFUSED and the like. */
  readonly brokenBy?: string | undefined;
  /** What Webex itself said about a refused request, cut to a line. */
  readonly said?: string | undefined;
  /** Whether the request was sent before, and the answer asked to send it again: with another token, or later. */
  readonly isRepeated?: boolean | undefined;
  /** Whether it was to get an access token for another call, which was not carried out then. */
  readonly isForToken?: boolean | undefined;
}

export abstract class UpstreamError extends GatewayError {
  readonly call: UpstreamCall;
  constructor(sentence: string, call: UpstreamCall) {
    super(sentence);
    this.call = call;
  }
  override facts(): ReturnType<GatewayError['facts']> {
    const { status, trackingId } = this.call;
    return {
      retryable: this.retryable,
      ...(status === undefined ? {} : { status }),
      ...(trackingId === undefined ? {} : { trackingId }),
    };
  }
}

/** Nothing usable came back: refused, reset, name not resolved, TLS, 5xx. */
export class UpstreamUnavailable extends UpstreamError {
  readonly code = 'UPSTREAM_UNAVAILABLE';
  override readonly retryable = true;
}

/** The upstream failed so often of late that it is left alone for a moment; nothing was sent. */
export class UpstreamDown extends UpstreamUnavailable {
  /** Seconds. */
  readonly retryAfter: number;
  constructor(retryAfter: number, call: UpstreamCall) {
    super(
      `Webex has not answered for a while and is left alone for a moment. Try again in ${retryAfter} seconds.`,
      call,
    );
    this.retryAfter = retryAfter;
  }
  override facts() {
    return { ...super.facts(), retryAfter: this.retryAfter };
  }
}

export class UpstreamTimeout extends UpstreamError {
  readonly code = 'UPSTREAM_TIMEOUT';
  override readonly retryable = true;
}

/** Webex asked us to wait for longer than the caller would want to. */
export class RateLimited extends UpstreamError {
  readonly code = 'RATE_LIMITED';
  override readonly retryable = true;
  /** Seconds. */
  readonly retryAfter: number;
  constructor(retryAfter: number, call: UpstreamCall) {
    super(`Webex limits how often it may be asked. Try again in ${retryAfter} seconds.`, call);
    this.retryAfter = retryAfter;
  }
  override facts() {
    return { ...super.facts(), retryAfter: this.retryAfter };
  }
}

/** A 2xx whose body is not what the operation is known to answer. */
export class UpstreamInvalid extends UpstreamError {
  readonly code = 'UPSTREAM_INVALID';
  override readonly retryable = true;
}

/** Webex's address answered with a redirect, which is not followed: the token would go with it. */
export class UpstreamRedirected extends UpstreamError {
  readonly code = 'UPSTREAM_REDIRECTED';
  /** The origin that it leads to, as https://login.example.com; undefined where it names none. */
  readonly leadsTo: string | undefined;
  constructor(status: number, leadsTo: string | undefined, call: UpstreamCall) {
    super(
      `Webex's address answered with a redirect (status ${status})${leadsTo === undefined ? '' : ` to ${leadsTo}`}, which is not followed. A proxy or a sign-in page may stand in between. Check the service URI and the proxy of the connector.`,
      call,
    );
    this.leadsTo = leadsTo;
  }
  override facts() {
    return { ...super.facts(), ...(this.leadsTo === undefined ? {} : { leadsTo: this.leadsTo }) };
  }
}

/** Webex stopped in the middle of a list, so that its end was not seen. What was read of it is not shown as the list. */
export class IncompleteList extends UpstreamInvalid {
  constructor(call: UpstreamCall) {
    super(
      'Webex stopped in the middle of the list, so it could not be read completely. Read it again.',
      call,
    );
  }
}

/** A whole answer that is larger than we read; the same in smaller pages may do. */
export class AnswerTooLarge extends UpstreamInvalid {
  constructor(bytes: number, call: UpstreamCall) {
    super(`Webex's answer is larger than ${bytes} bytes; it was not read.`, call);
  }
}

export class UpstreamForbidden extends UpstreamError {
  readonly code = 'UPSTREAM_FORBIDDEN';
  /** Scopes of which one would allow the call, where we know. */
  readonly scopes: readonly string[];
  constructor(scopes: readonly string[], call: UpstreamCall) {
    super(
      scopes.length === 0
        ? 'Webex refused: the connected account may not do this.'
        : `Webex refused: the connected account is no administrator, or the connection lacks the scope ${scopes.join(' or ')}. Add it to the integration and to the connector, then connect again.`,
      call,
    );
    this.scopes = scopes;
  }
  override facts() {
    return { ...super.facts(), scopes: this.scopes };
  }
}

/** Webex looked at the request and said no, for a reason that waiting does not mend. */
export class UpstreamRejected extends UpstreamError {
  readonly code = 'UPSTREAM_REJECTED';
}

/** Webex does not know what was asked for (404, 410). Read paths turn this into null. */
export class UpstreamNotFound extends UpstreamError {
  readonly code = 'UPSTREAM_NOT_FOUND';
}

/** Webex answered about another organization than the connector's. A change was made there then, and stays there. */
export class OtherOrganization extends UpstreamError {
  readonly code = 'OTHER_ORGANIZATION';
  /** Webex's id of the organization that was meant. */
  readonly expectedOrganizationId: string;
  /** Webex's id of the organization that the answer is about. */
  readonly organizationId: string;
  /** Webex's id of the record in the answer; undefined where it has none. */
  readonly recordId: string | undefined;
  constructor(meant: string, found: string, recordId: string | undefined, call: UpstreamCall) {
    super(
      call.method === 'GET'
        ? `Webex answered with records of the organization ${found} instead of ${meant}. Check the connector's organizationId and which organizations the connected account manages.`
        : `Webex made the change in the organization ${found} instead of ${meant}. Undo it there, then check the connector's organizationId and which organizations the connected account manages.`,
      call,
    );
    this.expectedOrganizationId = meant;
    this.organizationId = found;
    this.recordId = recordId;
  }
  override facts() {
    const { expectedOrganizationId, organizationId, recordId } = this;
    const record = recordId === undefined ? {} : { recordId };
    return { ...super.facts(), expectedOrganizationId, organizationId, ...record };
  }
}

/** Whoever asked has gone away, so the work was given up. Nobody is left to read this. */
export class Abandoned extends GatewayError {
  readonly code = 'ABANDONED';
  constructor() {
    super('The request was given up, because whoever sent it has gone away.');
  }
}

/** Why work is given up when its signal is aborted: the reason that came with it, or that somebody went away. */
export function givenUp(signal: AbortSignal | undefined): GatewayError {
  return signal?.reason instanceof GatewayError ? signal.reason : new Abandoned();
}

/** The time that a client gives an operation is over; what has arrived by then is answered. */
export class DeadlineExceeded extends GatewayError {
  readonly code = 'DEADLINE_EXCEEDED';
  override readonly retryable = true;
  /** Seconds. */
  readonly deadline: number;
  constructor(deadline: number) {
    super(
      `This was not read within ${deadline} seconds. Ask for less at once, or give the operation more time with the header Webex-Deadline.`,
    );
    this.deadline = deadline;
  }
  override facts() {
    return { retryable: this.retryable, deadline: this.deadline };
  }
}

/** More work is waiting for this connector than it can do in reasonable time. */
export class UpstreamBusy extends GatewayError {
  readonly code = 'UPSTREAM_BUSY';
  override readonly retryable = true;
  constructor() {
    super('Too many requests are waiting for this Webex organization. Try again in a few seconds.');
  }
}

// ── Changes of people and groups: what came of them ─────────────────────────────────────────────

/** Somebody in the organization, or outside, has the address. Nothing was changed. */
export class EmailTaken extends GatewayError {
  readonly code = 'EMAIL_TAKEN';
  readonly connectorId: string;
  readonly email: string;
  /** Webex's id of whoever has it; undefined where that cannot be seen. */
  readonly userId: string | undefined;
  /** The call that Webex refused for it; undefined where nothing was sent. */
  readonly call: UpstreamCall | undefined;
  constructor(connectorId: string, email: string, userId: string | undefined, call?: UpstreamCall) {
    super(
      userId === undefined
        ? `Webex says that somebody has the address ${email} already, perhaps in another organization. Choose another address, or claim the user in Control Hub.`
        : `A user of this organization has the address ${email} already. Change that user, or choose another address.`,
    );
    this.connectorId = connectorId;
    this.email = email;
    this.userId = userId;
    this.call = call;
  }
  override facts() {
    return { email: this.email };
  }
}

/** All seats of a license are taken, or are by others of the same request. Nothing was changed. */
export class NoSeatsLeft extends GatewayError {
  readonly code = 'NO_SEATS_LEFT';
  readonly license: string;
  readonly licenseId: string;
  readonly totalUnits: number;
  /** The call that Webex refused for it; undefined where nothing was sent. */
  readonly call: UpstreamCall | undefined;
  constructor(license: string, licenseId: string, totalUnits: number, call?: UpstreamCall) {
    super(
      `All ${totalUnits} seats of ${JSON.stringify(license)} are taken. Take the license from somebody, or buy more seats.`,
    );
    this.license = license;
    this.licenseId = licenseId;
    this.totalUnits = totalUnits;
    this.call = call;
  }
  override facts() {
    return { license: this.license, totalUnits: this.totalUnits };
  }
}

/** People come from a directory, and change only there. */
export class DirectorySynchronized extends UpstreamError {
  readonly code = 'DIRECTORY_SYNCHRONIZED';
  constructor(call: UpstreamCall) {
    super(
      'The organization takes its users from a directory (Cisco Directory Connector). Make this change in the directory.',
      call,
    );
  }
}

/** The store does not answer, so that the change could not be written down; it was not sent. */
export class NotRecorded extends GatewayError {
  readonly code = 'NOT_RECORDED';
  override readonly retryable = true;
  constructor() {
    super(
      'The gateway cannot reach its database just now, so this was not written to the audit trail and not sent. Try again later.',
    );
  }
}

/** Other changes of the same user or group are not over yet. Nothing was sent. */
export class RecordBusy extends GatewayError {
  readonly code = 'RECORD_BUSY';
  override readonly retryable = true;
  /** Seconds until it is worth another try. */
  readonly retryAfter: number;
  /** @param reason whether others wait in front, or Webex may still apply an earlier change that it did not answer */
  constructor(reason: 'waiting' | 'undecided', retryAfter: number) {
    super(
      reason === 'undecided'
        ? `Webex did not answer an earlier change of this, and may still apply it. This change was not sent, because the earlier one could undo it. Try again in ${retryAfter} seconds.`
        : `Other changes of this are under way. This change was not sent. Try again in ${retryAfter} seconds.`,
    );
    this.retryAfter = retryAfter;
  }
  override facts() {
    return { retryable: this.retryable, retryAfter: this.retryAfter };
  }
}

/** A change of one record that did not go as asked, or of which nobody knows how it went. */
abstract class ChangeError<Record> extends GatewayError {
  readonly connectorId: string;
  /** The record as it stands, where it could be read. */
  readonly record: Record | null;
  constructor(sentence: string, connectorId: string, record: Record | null) {
    super(sentence);
    this.connectorId = connectorId;
    this.record = record;
  }
}

/** Somebody changed the record after the moment that the caller has seen. Nothing was changed. */
export class ModifiedMeanwhile<Record = unknown> extends ChangeError<Record> {
  readonly code = 'MODIFIED_MEANWHILE';
  constructor(connectorId: string, record: Record | null, lastModified: Date | undefined) {
    const at = lastModified === undefined ? '' : ` at ${lastModified.toISOString()}`;
    super(
      `Somebody changed this${at}, after what you have seen. Nothing was changed. Look at it as it is, and decide again.`,
      connectorId,
      record,
    );
  }
}

/** Webex did a part of what was asked. */
export class PartiallyApplied<Record = unknown> extends ChangeError<Record> {
  readonly code = 'PARTIALLY_APPLIED';
  readonly applied: readonly string[];
  readonly notApplied: readonly string[];
  /** The refused call, where Webex has refused one. */
  readonly call: UpstreamCall | undefined;
  constructor(
    connectorId: string,
    record: Record | null,
    applied: readonly string[],
    notApplied: readonly string[],
    call: UpstreamCall | undefined,
  ) {
    const done =
      applied.length === 0
        ? `${notApplied.join(', ')} has changed, but is not as asked for.`
        : `Done: ${applied.join(', ')}. Not done: ${notApplied.join(', ')}.`;
    super(
      `Webex did a part of it. ${done} The answer shows how it is now. Fix the reason, then ask for the rest again.`,
      connectorId,
      record,
    );
    this.applied = applied;
    this.notApplied = notApplied;
    this.call = call;
  }
  override facts() {
    return { applied: this.applied, notApplied: this.notApplied };
  }
}

/** Webex took the request, and nothing of it is to be seen. */
export class NotApplied<Record = unknown> extends ChangeError<Record> {
  readonly code = 'NOT_APPLIED';
  readonly notApplied: readonly string[];
  readonly call: UpstreamCall | undefined;
  constructor(
    connectorId: string,
    record: Record | null,
    notApplied: readonly string[],
    call: UpstreamCall | undefined,
  ) {
    super(
      `Webex accepted the request and did not do it: ${notApplied.join(', ')} is as before. Webex gives no reason; for a license, see whether it suits the others that the user holds.`,
      connectorId,
      record,
    );
    this.notApplied = notApplied;
    this.call = call;
  }
  override facts() {
    return { notApplied: this.notApplied };
  }
}

/** The change was sent, and neither its answer nor a look afterwards tells what became of it. */
export class OutcomeUnknown<Record = unknown> extends ChangeError<Record> {
  readonly code = 'OUTCOME_UNKNOWN';
  override readonly retryable = true;
  readonly call: UpstreamCall | undefined;
  /** What of the change was visible when it was looked for, and what was not; undefined if that could not be seen. */
  readonly seen: { readonly visible: readonly string[]; readonly notVisible: readonly string[] } | undefined;
  constructor(
    connectorId: string,
    record: Record | null,
    call: UpstreamCall | undefined,
    seen?: OutcomeUnknown['seen'],
  ) {
    super(
      'The change was sent, and it is not known whether Webex made it. Look again in a moment, or send it again with the same Idempotency-Key: that finds out, and does nothing twice.',
      connectorId,
      record,
    );
    this.call = call;
    this.seen = seen;
  }
  override facts() {
    return { retryable: this.retryable };
  }
}
