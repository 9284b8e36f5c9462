import { GatewayError } from './gateway-error.ts';

/** What identifies one upstream call, for questions to Cisco. */
export interface UpstreamCall {
  /** The service's name in sentences, as Webex. */
  readonly service?: string | undefined;
  readonly method: string;
  /** Path without the query, because filters may contain addresses of people. */
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

/** The name of the service that a call went to, as sentences begin with it. */
export function serviceOf({ service }: UpstreamCall): string {
  return service ?? 'The upstream';
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

/** No usable answer: refused, reset, name not resolved, TLS, 5xx. */
export class UpstreamUnavailable extends UpstreamError {
  readonly code = 'UPSTREAM_UNAVAILABLE';
  override readonly retryable = true;
}

/** The circuit breaker is open because the upstream failed repeatedly. Nothing was sent. */
export class UpstreamDown extends UpstreamUnavailable {
  override readonly retryAfter: number;
  constructor(retryAfter: number, call: UpstreamCall) {
    super(
      `${serviceOf(call)} has failed repeatedly, so the gateway sends it no requests at the moment. Try again in ${retryAfter} seconds.`,
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

/** Webex asked for a longer pause than the request may wait. */
export class RateLimited extends UpstreamError {
  readonly code = 'RATE_LIMITED';
  override readonly retryable = true;
  override readonly retryAfter: number;
  readonly throttledUntil: Date;
  constructor(retryAfter: number, call: UpstreamCall) {
    super(`${serviceOf(call)} limits the rate of requests. Try again in ${retryAfter} seconds.`, call);
    this.retryAfter = retryAfter;
    this.throttledUntil = new Date(Date.now() + 1_000 * retryAfter);
  }
  override facts() {
    return { ...super.facts(), retryAfter: this.retryAfter };
  }
}

/** A 2xx whose body is not a valid answer to the operation. */
export class UpstreamInvalid extends UpstreamError {
  readonly code = 'UPSTREAM_INVALID';
  override readonly retryable = true;
}

/** Webex's address answered with a redirect. It is not followed, because the token would go with it. */
export class UpstreamRedirected extends UpstreamError {
  readonly code = 'UPSTREAM_REDIRECTED';
  /** The origin of the redirect, such as https://login.example.com; undefined if it names none. */
  readonly leadsTo: string | undefined;
  constructor(status: number, leadsTo: string | undefined, call: UpstreamCall) {
    super(
      `${serviceOf(call)}'s address answered with a redirect (status ${status})${leadsTo === undefined ? '' : ` to ${leadsTo}`}, which is not followed. A proxy or a sign-in page may be in between. Check the service URI and the proxy of the connector.`,
      call,
    );
    this.leadsTo = leadsTo;
  }
  override facts() {
    return { ...super.facts(), ...(this.leadsTo === undefined ? {} : { leadsTo: this.leadsTo }) };
  }
}

/** Webex stopped in the middle of a list, so it is incomplete. What was read is not shown as the list. */
export class IncompleteList extends UpstreamInvalid {
  constructor(call: UpstreamCall) {
    super(
      `${serviceOf(call)} stopped in the middle of the list, so it could not be read completely. Read it again.`,
      call,
    );
  }
}

/** A whole answer that is larger than the limit. Smaller pages may work. */
export class AnswerTooLarge extends UpstreamInvalid {
  constructor(bytes: number, call: UpstreamCall) {
    super(`${serviceOf(call)}'s answer is larger than ${bytes} bytes; it was not read.`, call);
  }
}

export class UpstreamForbidden extends UpstreamError {
  readonly code = 'UPSTREAM_FORBIDDEN';
  /** Scopes of which one would permit the call, if known. */
  readonly scopes: readonly string[];
  constructor(scopes: readonly string[], call: UpstreamCall) {
    super(
      scopes.length === 0
        ? `${serviceOf(call)} refused: the connected account may not do this.`
        : `${serviceOf(call)} refused: the connected account is not an administrator, or the connection lacks the scope ${scopes.join(' or ')}. Add it to the integration and to the connector, then connect again.`,
      call,
    );
    this.scopes = scopes;
  }
  override facts() {
    return { ...super.facts(), scopes: this.scopes };
  }
}

/** Webex refused the request for a reason that does not go away by waiting. */
export class UpstreamRejected extends UpstreamError {
  readonly code = 'UPSTREAM_REJECTED';
}

/** Webex does not know the object (404, 410). Reads turn this into null. */
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
  /** Webex's id of the record in the answer; undefined if it has none. */
  readonly recordId: string | undefined;
  constructor(meant: string, found: string, recordId: string | undefined, call: UpstreamCall) {
    const record = recordId === undefined ? '' : ` The record is ${recordId}.`;
    super(
      call.method === 'GET'
        ? `Webex answered with records of the organization ${found} instead of ${meant}. Check the connector's organizationId and which organizations the connected account manages.`
        : `Webex made the change in the organization ${found} instead of ${meant}.${record} Undo it there, then check the connector's organizationId and which organizations the connected account manages.`,
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

/** The client closed the connection before the answer was ready. Appears only in logs and metrics. */
export class Abandoned extends GatewayError {
  readonly code = 'ABANDONED';
  constructor() {
    super('The request was aborted because the client closed the connection.');
  }
}

/** Why work is aborted with its signal: the reason of the signal, or that the client closed the connection. */
export function givenUp(signal: AbortSignal | undefined): GatewayError {
  return signal?.reason instanceof GatewayError ? signal.reason : new Abandoned();
}

/** The deadline of an operation has passed. What has arrived by then is returned. */
export class DeadlineExceeded extends GatewayError {
  readonly code = 'DEADLINE_EXCEEDED';
  override readonly retryable = true;
  /** Seconds. */
  readonly deadline: number;
  constructor(deadline: number) {
    super(
      `This was not read within ${deadline} seconds. Request less at once, or increase the time with the header Webex-Deadline.`,
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
    super('Too many requests are waiting for this connector. Try again in a few seconds.');
  }
}
