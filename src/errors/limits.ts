import { GatewayError } from './gateway-error.ts';

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
  override readonly retryAfter = 1;
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
  override readonly retryAfter: number;
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

/** The caller has asked for as many changes as one caller may in a minute; nothing was done. */
export class TooManyChanges extends GatewayError {
  readonly code = 'TOO_MANY_CHANGES';
  override readonly retryable = true;
  /** Changes a minute. */
  readonly limit: number;
  /** Seconds. */
  override readonly retryAfter: number;
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
