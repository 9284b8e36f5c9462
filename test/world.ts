import { request } from 'undici';
import { hashKey, newKey } from '../src/access/key-format.ts';
import type { IssuerSettings } from '../src/access/tokens.ts';
import { loadConfig } from '../src/config.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../src/gateway.ts';
import { ALL_SCOPES, type Sandbox, type SandboxOptions, startSandbox } from '../src/sandbox/index.ts';
import type { Store } from '../src/store/store.ts';
import { createLogger } from '../src/telemetry/logger.ts';
import type { Telemetry } from '../src/telemetry/telemetry.ts';
import { localDestinations, type Upstream } from './local-upstream.ts';
import { borrowStore } from './spare-store.ts';

/**
 * Whether tests go through a partner's connector in this run, unless they say otherwise. `.ci/run` makes two rounds, one
 * on each database, and sets TEST_AS_PARTNER in one of them.
 */
const THROUGH_PARTNER = process.env.TEST_AS_PARTNER !== undefined;
const PUBLIC_URL = 'http://gateway.test';
/** What a gateway is told where nothing is configured. */
const {
  limits,
  sync: CONFIGURED_SYNC,
  exposure: USUAL_EXPOSURE,
  catalogueLifetime: USUAL_LIFETIME,
  auditRetention,
  lateWriteGrace: USUAL_GRACE,
} = loadConfig({});
/** Plans wait, unless a test has a worker make them. */
const USUAL_SYNC = { ...CONFIGURED_SYNC, worker: false };
/** A world has one caller where there would be many. */
const USUAL_LIMITS = { ...limits, concurrent: 1_000 };
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
  /**
   * Whether the connector is a partner's: its account belongs to another organization, and manages this one. As the
   * run's environment says by default.
   */
  readonly partner?: boolean;
  /** Settings of the connector, beside those that point it at the sandbox; false for none. */
  readonly connector?: object | false;
  /** Origins that a browser may be sent to after connecting. */
  readonly returnOrigins?: readonly string[];
  /** Variables of the configuration, instead of those that allow servers on this machine. */
  readonly upstream?: Upstream;
  /** What one operation may take. */
  readonly limits?: Partial<GatewayOptions['limits']>;
  /** How synchronization is configured. */
  readonly sync?: Partial<GatewayOptions['sync']>;
  /** What is open to whom. */
  readonly exposure?: Partial<GatewayOptions['exposure']>;
  /** Where browsers reach the gateway, unless where all tests do. */
  readonly publicUrl?: string;
  /** Whether callers have to say who they are; the world then does, as administrator. */
  readonly guarded?: boolean;
  /** An identity provider whose tokens are taken. */
  readonly issuer?: IssuerSettings;
  /** Seconds that catalogues are kept. */
  readonly catalogueLifetime?: number;
  /** What the gateway tells of itself. */
  readonly telemetry?: Telemetry;
  /** The gateway's database; by default one of its own, which is empty. The caller closes it. */
  readonly store?: Store;
  /** Seconds after which a write that was not answered counts as decided. */
  readonly lateWriteGrace?: number;
  /** Leaves the connector as it was made. */
  readonly connect?: boolean;
}

/** A sandbox, a gateway with a database of its own, and a connector between the two. */
export interface World extends AsyncDisposable {
  readonly webex: Sandbox;
  readonly gateway: Gateway;
  readonly store: Store;
  /** Where the database is; undefined if it is embedded. */
  readonly databaseUrl: string | undefined;
  readonly connectorId: string;
  readonly clientSecret: string;
  /** The header of an administrator, where callers have to say who they are. */
  readonly administrator: Readonly<Record<string, string>>;
  /** Every log line so far. */
  readonly log: readonly string[];
  /** Sends a GraphQL request through the gateway's HTTP handler. */
  query<Data>(query: string, variables?: object, init?: RequestInit): Promise<Answer<Data>>;
  /** As `query`, for answers that hold no errors. */
  ask<Data>(query: string, variables?: object): Promise<Data>;
  /** Goes through the OAuth flow as a browser does; resolves with the page it ends at. */
  connect(decision?: 'approve' | 'deny'): Promise<Response>;
  /** A second gateway on the same database, as after a restart, or as another replica. */
  restart(otherwise?: {
    /** Variables of its configuration; by default those of servers on this machine. */
    readonly upstream?: Upstream;
    /** Its store; by default the same. */
    readonly store?: Store;
    /** What one operation may take. */
    readonly limits?: WorldOptions['limits'];
  }): Promise<World>;
  /** Settings for one more connector to the sandbox. */
  settings(name: string): object;
}

/** Starts a world; `await using` ends it. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { partner = THROUGH_PARTNER } = options;
  const resources = new AsyncDisposableStack();
  const webex = resources.use(
    await startSandbox({
      integrations: [{ ...CLIENT, redirectUris: [`${PUBLIC_URL}/oauth/callback`], scopes: ALL_SCOPES }],
      ...(partner ? { partner: {} } : {}),
      ...options.sandbox,
    }),
  );
  const { store, databaseUrl } =
    options.store === undefined
      ? resources.use(await borrowStore())
      : { store: options.store, databaseUrl: undefined };
  const log: string[] = [];
  const logger = createLogger('debug', (line) => log.push(line));
  const { returnOrigins = [], limits, catalogueLifetime = USUAL_LIFETIME, telemetry } = options;
  const { lateWriteGrace = USUAL_GRACE } = options;
  const key = newKey();
  const isGuarded = options.guarded === true || options.issuer !== undefined;
  const access = isGuarded ? { adminKeyHash: hashKey(key), issuer: options.issuer } : undefined;
  const administrator = isGuarded ? { authorization: `Bearer ${key}` } : {};
  const gateway = createGateway({
    store,
    logger,
    publicUrl: options.publicUrl ?? PUBLIC_URL,
    access,
    returnOrigins,
    destinations: localDestinations(options.upstream),
    limits: { ...USUAL_LIMITS, ...limits },
    sync: { ...USUAL_SYNC, ...options.sync },
    exposure: { ...USUAL_EXPOSURE, ...options.exposure },
    catalogueLifetime,
    auditRetention,
    lateWriteGrace,
    ...(telemetry === undefined ? {} : { telemetry }),
  });
  resources.defer(() => gateway.close());

  const { publicUrl = PUBLIC_URL } = options;
  const account = partner ? { organizationId: webex.org.id, person: webex.partner.adminEmail } : {};
  const shared = { access, publicUrl, account, lateWriteGrace };
  const parts = { webex, gateway, store, databaseUrl, log, administrator, ...shared };
  const world = createWorld(parts, resources);
  if (options.connector === false) return world;
  const { createConnector } = await world.ask<{
    createConnector: { connector: { id: string } | null; error: { message: string } | null };
  }>(
    `mutation ($input: CreateConnectorInput!) {
      createConnector(input: $input) { connector { id } error { message } }
    }`,
    { input: { ...world.settings('acme'), ...options.connector } },
  );
  const { connector, error } = createConnector;
  if (connector === null) throw new Error(`The connector could not be created: ${error?.message}`);
  const connected = { ...world, connectorId: connector.id };
  if (options.connect !== false) {
    const page = await connected.connect();
    if (!page.ok) throw new Error(`The world could not connect: ${await page.text()}`);
    webex.requests.clear();
  }
  return connected;
}

function createWorld(
  parts: Pick<World, 'webex' | 'gateway' | 'store' | 'databaseUrl' | 'log' | 'administrator'> &
    Pick<GatewayOptions, 'access' | 'publicUrl' | 'lateWriteGrace'> & {
      readonly account: { organizationId?: string; person?: string };
    },
  resources: AsyncDisposableStack,
): World {
  const { webex, gateway, store, administrator, access, publicUrl, account, lateWriteGrace } = parts;
  const { organizationId, person } = account;
  return {
    ...parts,
    connectorId: '',
    clientSecret: CLIENT.clientSecret,
    async query<Data>(query: string, variables: object = {}, init: RequestInit = {}) {
      const request = new Request(`${publicUrl}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...administrator },
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
      const { connect } = await this.ask<{
        connect: { authorizationUrl: string | null; error: { message: string } | null };
      }>('mutation ($id: ID!) { connect(input: { id: $id }) { authorizationUrl error { message } } }', {
        id: this.connectorId,
      });
      const { authorizationUrl, error } = connect;
      if (authorizationUrl === null) throw new Error(`It cannot be connected: ${error?.message}`);
      const { origin, pathname, searchParams } = new URL(authorizationUrl);
      searchParams.set('decision', decision);
      if (person !== undefined) searchParams.set('person', person);
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
    async restart({ upstream, store: its = store, limits: itsLimits } = {}) {
      const again: string[] = [];
      const second = createGateway({
        store: its,
        logger: createLogger('debug', (line) => again.push(line)),
        publicUrl,
        access,
        destinations: localDestinations(upstream),
        limits: { ...USUAL_LIMITS, ...itsLimits },
        sync: USUAL_SYNC,
        exposure: USUAL_EXPOSURE,
        catalogueLifetime: USUAL_LIFETIME,
        auditRetention,
        lateWriteGrace,
      });
      const ends = new AsyncDisposableStack();
      ends.defer(() => second.close());
      const replica = { ...parts, gateway: second, store: its, log: again };
      return { ...createWorld(replica, ends), connectorId: this.connectorId };
    },
    settings: (name) => ({
      name,
      ...CLIENT,
      ...(organizationId === undefined ? {} : { organizationWebexId: organizationId }),
      serviceUri: `${webex.url}/v1`,
      tokenEndpoint: `${webex.url}/v1/access_token`,
      authorizationEndpoint: `${webex.url}/v1/authorize`,
    }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
