import { GatewayError } from './gateway-error.ts';

/** A query may need more requests to Webex than one query may use. Nothing was read. */
export class QueryTooCostly extends GatewayError {
  readonly code = 'QUERY_TOO_COSTLY';
  /** Requests to Webex: the estimate and the limit. */
  readonly cost: number;
  readonly limit: number;
  /** The path in the answer of the field that costs the most. */
  readonly costliest: readonly string[];
  /** @param share how many of the requests are for the costliest field alone */
  constructor(cost: number, limit: number, costliest: readonly string[], share: number) {
    super(
      `This query may need ${cost} requests to Webex. The limit is ${limit}. ${share} of them are for ${costliest.join('.')}: use a smaller first, page with after, or remove ${costliest.at(-1)}.`,
    );
    this.cost = cost;
    this.limit = limit;
    this.costliest = costliest;
  }
  override facts() {
    return { cost: this.cost, limit: this.limit, costliest: this.costliest };
  }
}

/** The answer to a query may be larger than allowed. Nothing was read. */
export class ResultTooLarge extends GatewayError {
  readonly code = 'RESULT_TOO_LARGE';
  /** What exceeds the limit. Bytes are the memory that the gateway needs while it builds the answer. */
  readonly measure: 'values' | 'bytes';
  /** The estimate and the limit. */
  readonly size: number;
  readonly limit: number;
  /** The path in the answer of the list that holds the most. */
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
      `The answer may hold ${size} ${measure === 'values' ? 'values' : 'bytes in memory'}. The limit is ${limit}. ${share} of them are for ${costliest.join('.')}: use a smaller first, page with after, select fewer fields, or split the query.`,
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

/** Current requests use all the memory they may; HTTP status 503, or 429 for one caller. */
export class TooMuchUnderWay extends GatewayError {
  readonly code = 'TOO_MUCH_UNDER_WAY';
  override readonly retryable = true;
  /** Whose share is used up: the caller's own, or that of all callers together. */
  readonly share: 'caller' | 'gateway';
  /** Bytes of that share. */
  readonly limit: number;
  /** Seconds. */
  override readonly retryAfter = 1;
  constructor(share: TooMuchUnderWay['share'], limit: number) {
    super(
      share === 'caller'
        ? `Your current requests already need ${limit} bytes of memory, the maximum for one caller. Wait until some have ended, and send fewer or smaller requests at the same time.`
        : `The current requests of all callers already need ${limit} bytes of memory, the maximum of this gateway. Try again in a second.`,
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

/** A request exceeds a limit and was not executed. */
export class RequestTooComplex extends GatewayError {
  readonly code = 'REQUEST_TOO_COMPLEX';
  /** The name of the limit. */
  readonly measure: string;
  /** Its value. */
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

/** The body of a request is not a JSON object. */
export class UnreadableBody extends GatewayError {
  readonly code = 'BAD_REQUEST';
  constructor() {
    super('The request body is not a JSON object. Send {"query": "…", "variables": {…}}.');
  }
}

/** A request is a list of requests. */
export class BatchRefused extends GatewayError {
  readonly code = 'BATCH_REFUSED';
  constructor() {
    super(
      'The request body is a list, which is not supported. Send each operation in its own request. Parallel requests share their reads of Webex.',
    );
  }
}

/** The caller has as many operations running as one caller may. */
export class TooManyOperations extends GatewayError {
  readonly code = 'TOO_MANY_OPERATIONS';
  override readonly retryable = true;
  readonly limit: number;
  /** Seconds. */
  override readonly retryAfter: number;
  constructor(limit: number, retryAfter: number) {
    super(
      `You have ${limit} operations running, the maximum for one caller. Wait until some have ended, and send fewer at the same time.`,
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
  override readonly retryAfter: number;
  constructor(limit: number, retryAfter: number) {
    super(`One caller may send ${limit} operations a minute. Send the next in ${retryAfter} seconds.`);
    this.limit = limit;
    this.retryAfter = retryAfter;
  }
  override facts() {
    return { retryable: this.retryable, limit: this.limit, retryAfter: this.retryAfter };
  }
}

/** The caller has requested as many changes as one caller may in a minute. Nothing was changed. */
export class TooManyChanges extends GatewayError {
  readonly code = 'TOO_MANY_CHANGES';
  override readonly retryable = true;
  /** Changes a minute. */
  readonly limit: number;
  /** Seconds. */
  override readonly retryAfter: number;
  constructor(limit: number, retryAfter: number) {
    super(
      `One caller may request ${limit} changes a minute, including dry runs. Send the next in ${retryAfter} seconds.`,
    );
    this.limit = limit;
    this.retryAfter = retryAfter;
  }
  override facts() {
    return { retryable: this.retryable, limit: this.limit, retryAfter: this.retryAfter };
  }
}

/** The gateway does not know the query of this hash, or has forgotten it. */
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
      'The gateway has no operation with this id. Add it to the manifest of persisted operations, and restart the gateway.',
    );
  }
}

/** The gateway accepts only operations of its manifest. */
export class PersistedOnly extends GatewayError {
  readonly code = 'PERSISTED_ONLY';
  constructor() {
    super(
      'The gateway accepts only the operations in its manifest. Send their id without the text, as documentId or as extensions.persistedQuery.sha256Hash.',
    );
  }
}
