import { request } from 'undici';
import { loadConfig } from '../src/config.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../src/gateway.ts';
import { ALL_SCOPES, type Sandbox, type SandboxOptions, startSandbox } from '../src/sandbox/index.ts';
import type { Store } from '../src/store/store.ts';
import { createLogger } from '../src/telemetry/logger.ts';
import { borrowStore } from './spare-store.ts';

const PUBLIC_URL = 'http://gateway.test';
/** What a gateway is told where nothing is configured. */
const { limits: USUAL_LIMITS, catalogueLifetime: USUAL_LIFETIME, auditRetention } = loadConfig({});
const CLIENT = { clientId: 'test-integration', clientSecret: 'test-secret-canary' };

export interface Answer<Data> {
  readonly data: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: { readonly code: string } & Readonly<Record<string, unknown>>;
  }[];
  /** What the answer took. */
  readonly extensions: { readonly webex: { readonly requests: number } & Readonly<Record<string, unknown>> };
}

export interface WorldOptions {
  readonly sandbox?: SandboxOptions;
  /** Settings of the connector, beside those that point it at the sandbox. */
  readonly connector?: object;
  /** Origins that a browser may be sent to after connecting. */
  readonly returnOrigins?: readonly string[];
  /** What one operation may take. */
  readonly limits?: Partial<GatewayOptions['limits']>;
  /** Seconds that catalogues are kept. */
  readonly catalogueLifetime?: number;
  /** The gateway's database; one of its own, that is empty, unless told. The caller closes it. */
  readonly store?: Store;
  /** Leaves the connector as it was made. */
  readonly connect?: boolean;
}

/** A sandbox, a gateway with a database of its own, and a connector between the two. */
export interface World extends AsyncDisposable {
  readonly webex: Sandbox;
  readonly gateway: Gateway;
  readonly store: Store;
  readonly connectorId: string;
  readonly clientSecret: string;
  /** Every log line so far. */
  readonly log: readonly string[];
  /** Sends a GraphQL request through the gateway's HTTP handler. */
  query<Data>(query: string, variables?: object, init?: RequestInit): Promise<Answer<Data>>;
  /** As `query`, for answers that hold no errors. */
  ask<Data>(query: string, variables?: object): Promise<Data>;
  /** Goes through the OAuth flow as a browser does; resolves with the page it ends at. */
  connect(decision?: 'approve' | 'deny'): Promise<Response>;
  /** A second gateway on the same database, as after a restart, or as another replica; on this store, if one is given. */
  restart(store?: Store): Promise<World>;
  /** Settings for one more connector to the sandbox. */
  settings(name: string): object;
}

/** Starts a world; `await using` ends it. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const resources = new AsyncDisposableStack();
  const webex = resources.use(
    await startSandbox({
      integrations: [{ ...CLIENT, redirectUris: [`${PUBLIC_URL}/oauth/callback`], scopes: ALL_SCOPES }],
      ...options.sandbox,
    }),
  );
  const store = options.store ?? resources.use(await borrowStore()).store;
  const log: string[] = [];
  const logger = createLogger('debug', (line) => log.push(line));
  const { returnOrigins = [], limits, catalogueLifetime = USUAL_LIFETIME } = options;
  const gateway = createGateway({
    store,
    logger,
    publicUrl: PUBLIC_URL,
    returnOrigins,
    limits: { ...USUAL_LIMITS, ...limits },
    catalogueLifetime,
    auditRetention,
  });
  resources.defer(() => gateway.close());

  const world = createWorld(webex, gateway, store, log, resources);
  const { createConnector } = await world.ask<{ createConnector: { id: string } }>(
    `mutation ($input: CreateConnectorInput!) {
      createConnector(input: $input) { ... on Connector { id } ... on Error { message } }
    }`,
    { input: { ...world.settings('acme'), ...options.connector } },
  );
  const connected = { ...world, connectorId: createConnector.id };
  if (options.connect !== false) {
    const page = await connected.connect();
    if (!page.ok) throw new Error(`The world could not connect: ${await page.text()}`);
    webex.requests.clear();
  }
  return connected;
}

function createWorld(
  webex: Sandbox,
  gateway: Gateway,
  store: Store,
  log: string[],
  resources: AsyncDisposableStack,
): World {
  return {
    webex,
    gateway,
    store,
    log,
    connectorId: '',
    clientSecret: CLIENT.clientSecret,
    async query<Data>(query: string, variables: object = {}, init: RequestInit = {}) {
      const request = new Request(`${PUBLIC_URL}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
        ...init,
      });
      const response = await gateway.fetch(request);
      const answer: Answer<Data> = JSON.parse(await response.text());
      return answer;
    },
    async ask<Data>(query: string, variables: object = {}) {
      const { data, errors } = await this.query<Data>(query, variables);
      if (errors !== undefined || data === null) throw new Error(`Unexpected: ${JSON.stringify(errors)}`);
      return data;
    },
    async connect(decision = 'approve') {
      const { connect } = await this.ask<{ connect: { authorizationUrl: string; message?: string } }>(
        `mutation ($input: ConnectInput!) {
          connect(input: $input) { ... on ConnectStarted { authorizationUrl } ... on Error { message } }
        }`,
        { input: { connectorId: this.connectorId } },
      );
      const { origin, pathname, searchParams } = new URL(connect.authorizationUrl);
      searchParams.set('decision', decision);
      const answer = await request(`${origin}${pathname}`, {
        // The browser's connection ends at once, or it would be counted with the gateway's.
        reset: true,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: searchParams.toString(),
      });
      await answer.body.dump();
      return gateway.fetch(new Request(String(answer.headers.location)));
    },
    async restart(its = store) {
      const again: string[] = [];
      const second = createGateway({
        store: its,
        logger: createLogger('debug', (line) => again.push(line)),
        publicUrl: PUBLIC_URL,
        limits: USUAL_LIMITS,
        catalogueLifetime: USUAL_LIFETIME,
        auditRetention,
      });
      const ends = new AsyncDisposableStack();
      ends.defer(() => second.close());
      return { ...createWorld(webex, second, its, again, ends), connectorId: this.connectorId };
    },
    settings: (name) => ({
      name,
      ...CLIENT,
      serviceUri: `${webex.url}/v1`,
      tokenEndpoint: `${webex.url}/v1/access_token`,
      authorizationEndpoint: `${webex.url}/v1/authorize`,
    }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
