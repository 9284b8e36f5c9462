import type { Dispatcher } from 'undici';
import { UpstreamAddressRefused } from '../../errors/connection.ts';
import {
  AnswerTooLarge,
  givenUp,
  type UpstreamCall,
  UpstreamTimeout,
  UpstreamUnavailable,
} from '../../errors/upstream.ts';
import { decodeContent, isEncoded, textOf } from './content-decoding.ts';
import type { Urgency } from './lanes.ts';
import type { Lane } from './meter.ts';
import { readTrackingId, withoutSecrets } from './upstream-words.ts';

/** How a failed request is retried: `never`, or `unless-slow`, because the caller then asks for less. */
export type RetryPolicy = 'never' | 'unless-slow';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: interactive. An Urgency if a background request may become interactive while it waits. */
  readonly lane?: Lane | Urgency | undefined;
  /** Asked once the request has its slot: false ends it with NotRecorded. */
  readonly mayStart?: (() => boolean) | undefined;
  /** Which kind of request it is, without anything of one record, as `/people/:id`; for counting. */
  readonly route?: string | undefined;
  /** Secrets in the body. An upstream may repeat them, so they are removed from its answer, as credentials are. */
  readonly secrets?: readonly string[];
  /** Whether a successful answer holds secrets by right, and is left as it is: that of a token endpoint. */
  readonly asksForSecrets?: boolean;
  /** Default: retried if that is safe. */
  readonly retry?: RetryPolicy | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** The id under which the upstream knows the request; undefined if it sent none. */
  readonly trackingId: string | undefined;
  /** One header's value; several of one name are joined by a comma. */
  header(name: string): string | undefined;
  readonly text: string;
  /** Whether the same request was sent before, and the answer asked to send it again. */
  readonly isRepeated?: boolean;
}

/** What differs between the services that a client sends to. */
export interface ServiceTraits {
  /** The service's name in sentences, as Webex. */
  readonly name: string;
  /** The header that names one call: sent with a request, and returned with the answer or replaced by an id of the service. */
  readonly callIdHeader: string;
  /** The largest answer that is read, in bytes. */
  readonly largestBody: number;
}

export interface ExchangeLimits {
  /** Milliseconds for the whole of it, from the moment there is a connection to use. */
  readonly totalMs: number;
  /** Ends it at once when it is aborted, as a connection that broke. */
  readonly cut: AbortSignal;
  /** Secrets that are sent beside those of the request: a proxy's. */
  readonly secrets: readonly string[];
  readonly traits: ServiceTraits;
}

/**
 * Sends one request once and reads the whole answer, whatever its status. Redirects are not followed.
 * Throws UpstreamAddressRefused, UpstreamTimeout (its call is `brokenBy` something if not even a connection came about in time),
 * UpstreamUnavailable (nothing or only part of an answer came), AnswerTooLarge, UpstreamInvalid (compressed in a way that is
 * not known), or the reason why the caller's signal was aborted.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  limits: ExchangeLimits,
): Promise<HttpResponse> {
  const { method, url, headers, body = null } = request;
  const [, ...credentials] = headers.authorization?.split(' ') ?? [];
  const receiver = new Receiver(request, {
    ...limits,
    secrets: [...limits.secrets, ...(request.secrets ?? []), ...credentials],
  });
  const { origin, pathname, search } = url;
  try {
    // Undici's own request() wraps every answer in a stream, which costs more than the rest of it.
    dispatcher.dispatch({ origin, path: pathname + search, method, headers, body }, receiver);
  } catch (error) {
    receiver.fail(error);
  }
  return receiver.response;
}

/** The code of an error that says that no connection came about in time. */
const NOT_REACHED = 'UND_ERR_CONNECT_TIMEOUT';
const TIMEOUT_CODES = new Set([NOT_REACHED, 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

const SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    'The upstream refused the connection. Is the address of the connector right, and the service up?',
  ENOTFOUND: "The upstream's host name does not resolve. Check the addresses of the connector and the DNS.",
  EAI_AGAIN: "The upstream's host name could not be resolved just now.",
  ECONNRESET: 'The upstream closed the connection before it had answered.',
  UND_ERR_SOCKET: 'The upstream closed the connection before it had answered.',
};

const CUT = new Error('The connections were cut.');
const OUT_OF_TIME = new Error('The time for the whole exchange is over.');
const NOT_CONNECTED = Object.assign(new Error('There was no connection in time.'), { code: NOT_REACHED });

/**
 * Takes in one answer. It listens to each signal by itself, as those that Node makes of several, and those with a
 * time, are held weakly: whatever hangs on them outlives the exchange until the next full collection of garbage.
 */
class Receiver implements Dispatcher.DispatchHandler {
  readonly response: Promise<HttpResponse>;
  readonly #request: HttpRequest;
  readonly #limits: ExchangeLimits;
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (reason: Error) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #status = 0;
  #headers: Readonly<Record<string, string | string[] | undefined>> = {};
  #controller: Dispatcher.DispatchController | undefined;
  #brokenOff: Error | undefined;

  constructor(request: HttpRequest, limits: ExchangeLimits) {
    this.#request = request;
    this.#limits = limits;
    const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
    this.response = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => {
      this.#breakOff(this.#controller === undefined ? NOT_CONNECTED : OUT_OF_TIME);
    }, limits.totalMs);
    request.signal?.addEventListener('abort', this.#giveUp);
    limits.cut.addEventListener('abort', this.#beCut);
    if (request.signal?.aborted === true) this.#giveUp();
    else if (limits.cut.aborted) this.#beCut();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Throwing leaves the new connection to the next request; an abort would close it.
    if (this.#brokenOff !== undefined) throw this.#brokenOff;
    this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size <= this.#limits.traits.largestBody) this.#chunks.push(chunk);
    else
      this.#breakOff(
        new AnswerTooLarge(this.#limits.traits.largestBody, { ...this.#call, status: this.#status }),
      );
  }

  onResponseEnd(): void {
    this.#stopListening();
    const [status, headers] = [this.#status, this.#headers];
    const { secrets, traits } = this.#limits;
    const header = (name: string) => {
      const value = headers[name.toLowerCase()];
      const text = Array.isArray(value) ? value.join(', ') : value;
      return text === undefined ? undefined : withoutSecrets(text, secrets);
    };
    const mayHoldSecrets = this.#request.asksForSecrets === true && status >= 200 && status <= 299;
    const respond = (body: Buffer) => {
      const text = textOf(body);
      this.#resolve({
        status,
        header,
        trackingId: readTrackingId(header(traits.callIdHeader)),
        text: mayHoldSecrets ? text : withoutSecrets(text, secrets),
      });
    };
    const body = Buffer.concat(this.#chunks, this.#size);
    const encoding = header('content-encoding');
    if (body.length === 0 || !isEncoded(encoding)) respond(body);
    else {
      const call = { ...this.#call, status };
      decodeContent(body, encoding, this.#limits.traits.largestBody, call).then(respond, this.#reject);
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  /** Ends the exchange with what broke it. Does nothing if it has ended. */
  fail(error: unknown): void {
    this.#stopListening();
    const { signal } = this.#request;
    if (error instanceof AnswerTooLarge || error instanceof UpstreamAddressRefused) this.#reject(error);
    else if (signal?.aborted === true) this.#reject(givenUp(signal));
    else this.#reject(describeFailure(error, error === OUT_OF_TIME, this.#call));
  }

  get #call(): UpstreamCall {
    const { method, url, asksForSecrets } = this.#request;
    const service = this.#limits.traits.name;
    return { service, method, path: url.pathname, ...(asksForSecrets === true ? { isForToken: true } : {}) };
  }

  readonly #giveUp = () => this.#breakOff(givenUp(this.#request.signal));

  readonly #beCut = () => this.#breakOff(CUT);

  /** At once, whether or not there is a connection already. */
  #breakOff(reason: Error): void {
    this.#brokenOff = reason;
    this.fail(reason);
    this.#controller?.abort(reason);
  }

  #stopListening(): void {
    clearTimeout(this.#timer);
    this.#request.signal?.removeEventListener('abort', this.#giveUp);
    this.#limits.cut.removeEventListener('abort', this.#beCut);
  }
}

/**
 * What broke an exchange, as an error of ours.
 * @param outOfTime whether it is our own time for the whole of it that was over
 */
function describeFailure(error: unknown, outOfTime: boolean, call: UpstreamCall): Error {
  const code = codeOf(error);
  const broken: UpstreamCall = { ...call, brokenBy: code };
  if (outOfTime || TIMEOUT_CODES.has(code)) {
    return new UpstreamTimeout(
      'The upstream did not answer in time (see the connection timeout of the connector).',
      code === NOT_REACHED ? broken : call,
    );
  }
  if (/CERT|SSL|TLS|ALTNAME|UNABLE_TO_VERIFY/.test(code)) {
    return new UpstreamUnavailable(`The upstream's TLS certificate was not accepted (${code}).`, broken);
  }
  return new UpstreamUnavailable(SENTENCES[code] ?? 'The connection to the upstream broke.', broken);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}
