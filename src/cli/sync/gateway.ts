import type { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import { Ending, EXIT } from './ending.ts';

/** An error that a mutation answers with. */
export interface ApiError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly problems?: readonly { readonly path: string; readonly message: string }[];
}

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** Codes of errors that the caller has to correct. */
const MISUSE = new Set([
  'INVALID_INPUT',
  'NOT_FOUND',
  'AMBIGUOUS',
  'UNREADABLE_FILE',
  'FILE_TOO_LARGE',
  'FILE_INCOMPLETE',
  'UNKNOWN_NAME',
  'EXPRESSION_TOO_SLOW',
  'COLUMN_MISSING',
  'MAPPING_IN_USE',
  'UNSUPPORTED_MEDIA_TYPE',
]);

/** Whether an error is about the file, the mapping or the arguments. */
export function isMisuse(code: string | undefined): boolean {
  return code !== undefined && MISUSE.has(code);
}

/** The gateway, reached over HTTP as any other client reaches it. */
export class GatewayClient {
  readonly #url: string;
  readonly #key: string | undefined;

  /**
   * @param url where the gateway is, as `http://localhost:4000`
   * @param key an API key; undefined for a gateway without access control
   * Throws Ending for a URL that is not one.
   */
  constructor(url: string, key: string | undefined) {
    const parsed = URL.parse(url);
    if (parsed === null || !/^https?:$/.test(parsed.protocol))
      throw new Ending(
        `GATEWAY_URL must be the address of the gateway, such as http://localhost:4000.`,
        EXIT.misuse,
      );
    this.#url = parsed.href.endsWith('/') ? parsed.href.slice(0, -1) : parsed.href;
    this.#key = key;
  }

  /** Asks a GraphQL operation. Throws Ending if the gateway cannot be reached or answers with an error. */
  async ask<Data>(
    document: string,
    variables: object = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Data> {
    const response = await this.#send('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: document, variables }),
    });
    const answer = await readJson<Answer<Data>>(response);
    const [error] = answer.errors ?? [];
    if (error !== undefined) {
      const code = error.extensions?.code;
      throw new Ending(error.message, isMisuse(code) ? EXIT.misuse : EXIT.failed);
    }
    if (answer.data == null) throw new Ending(`The gateway answered without data (${response.statusCode}).`);
    return answer.data;
  }

  /** Sends a file. Resolves with what the gateway says about it. Throws Ending if the gateway refuses it. */
  async upload(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Readable,
  ): Promise<UploadAnswer> {
    const response = await this.#send(path, { method: 'PUT', headers, body });
    const answer = await readJson<UploadAnswer & { readonly errors?: Answer<never>['errors'] }>(response);
    if (response.statusCode < 300) return answer;
    const [error] = answer.errors ?? [];
    const message = error?.message ?? `The gateway refused the file (${response.statusCode}).`;
    throw new Ending(message, response.statusCode < 500 ? EXIT.misuse : EXIT.failed);
  }

  /** Reads a file of the gateway. Throws Ending if the gateway refuses. */
  async download(url: string): Promise<Readable> {
    const { pathname, search } = new URL(url, this.#url);
    const response = await this.#send(`${pathname}${search}`, { method: 'GET' });
    if (response.statusCode === 200) return response.body;
    const { errors = [] } = await readJson<Answer<never>>(response);
    throw new Ending(errors[0]?.message ?? `The gateway answered with ${response.statusCode}.`);
  }

  async #send(
    path: string,
    {
      headers,
      ...options
    }: Pick<Dispatcher.RequestOptions, 'method' | 'body'> & {
      readonly headers?: Readonly<Record<string, string>>;
    },
  ): Promise<Dispatcher.ResponseData> {
    const authorization = this.#key === undefined ? {} : { authorization: `Bearer ${this.#key}` };
    try {
      return await request(`${this.#url}${path}`, {
        ...options,
        headers: { accept: 'application/json', ...authorization, ...headers },
      });
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
      throw new Ending(
        `The gateway at ${this.#url} cannot be reached${reason}. Set GATEWAY_URL, or start the gateway.`,
      );
    }
  }
}

/** What the gateway says about a file that it has received. */
export interface UploadAnswer {
  readonly id: string;
  readonly rows: number;
  readonly problemCount: number;
  readonly problems: readonly { readonly at: string; readonly message: string }[];
}

async function readJson<Content>({ statusCode, body }: Dispatcher.ResponseData): Promise<Content> {
  const text = await body.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Ending(
      `The gateway answered with ${statusCode} and no JSON. Is GATEWAY_URL the address of a gateway?`,
    );
  }
}
