import { Agent, request } from 'undici';
import { ALL_SCOPES, type Settings } from '../src/sandbox/index.ts';
import { freshDatabase, gatewayEnvironment } from './databases.ts';
import { freePort, type Program, startProgram } from './processes.ts';
import type { SandboxGreeting, SandboxInput, SandboxPerson, SandboxReport } from './sandbox-process.ts';

// Whatever is measured has a sandbox of its own, so that counts and connections are nobody else's.

/** How many connections to Webex everybody may have. */
export const CONNECTIONS = 10;
/** What a request to Webex takes unless a question wants it otherwise, in milliseconds. */
export const LATENCY_MS = 30;

const CLIENT = { clientId: 'bench-integration', clientSecret: 'bench-secret' };

/** The organization that a question is about. */
export interface Organization {
  readonly users: number;
  /** Beside the usual latency. */
  readonly settings?: Partial<Settings>;
}

/** A sandbox in a process of its own. */
export interface Webex extends AsyncDisposable, SandboxGreeting {
  /** Forgets what it has seen. */
  clear(): Promise<void>;
  /** @param pauseMs how long a 429 asks to wait */
  report(pauseMs?: number): Promise<SandboxReport>;
  people(): Promise<SandboxPerson[]>;
}

/** Something that answers GraphQL over HTTP. */
export interface Server extends AsyncDisposable {
  readonly webex: Webex;
  readonly port: number;
  readonly pid: number;
  /** Sends a query to the connector in use and answers with the body, whatever it holds. */
  send(query: string, variables?: object, headers?: Readonly<Record<string, string>>): Promise<string>;
}

/** The gateway, and what only it has. */
export interface GatewayServer extends Server {
  /** Goes on with a new connector, for which nothing has been read yet. */
  useNewConnector(): Promise<void>;
}

/** Starts a sandbox. */
async function startWebex(organization: Organization, redirectUri?: string): Promise<Webex> {
  const input: SandboxInput = {
    users: organization.users,
    settings: { latencyMs: LATENCY_MS, ...organization.settings },
    integrations: [
      { ...CLIENT, redirectUris: redirectUri === undefined ? [] : [redirectUri], scopes: ALL_SCOPES },
    ],
  };
  const program = await startProgram('bench/sandbox-process.ts', { input });
  const greeting: SandboxGreeting = JSON.parse(program.greeting);
  return {
    ...greeting,
    clear: () => program.ask('clear'),
    report: (pauseMs = 0) => program.ask('report', { pauseMs }),
    people: () => program.ask('people'),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/**
 * Starts a gateway with a database of its own, connected to a sandbox of its own.
 * @param settings variables of its environment beside those that the bench needs
 */
export async function startGateway(
  organization: Organization,
  settings: Readonly<Record<string, string>> = {},
): Promise<GatewayServer> {
  await using starting = new AsyncDisposableStack();
  const port = await freePort();
  const webex = starting.use(await startWebex(organization, `http://localhost:${port}/oauth/callback`));
  const database = starting.use(await freshDatabase());
  const environment = { ...gatewayEnvironment(port, database.environment), ...settings };
  const program = starting.use(await startProgram('src/server.ts', { environment }));
  const { send, close } = createSender(port);
  starting.defer(close);
  const ask: Ask = async (query, variables) => readData(await send(query, variables));
  let connectors = 0;
  let inUse: string | undefined;
  const useNewConnector = async () => {
    connectors += 1;
    const before = inUse;
    inUse = await connect(ask, webex, `connector ${connectors}`);
    if (before !== undefined) await ask(DELETE_CONNECTOR, { input: { id: before } });
    await webex.clear();
  };
  await useNewConnector();
  const resources = starting.move();
  return {
    ...{ webex, port, pid: program.pid, useNewConnector },
    send: (query, variables, headers) =>
      send(query, { ...variables, connector: `connector ${connectors}` }, headers),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** The gateways beside ours: the one of an afternoon, and the one of two days. */
type Baseline = 'naive-gateway' | 'hand-written';

/** Starts another gateway with a sandbox of its own. */
export async function startBaseline(name: Baseline, organization: Organization): Promise<Server> {
  await using starting = new AsyncDisposableStack();
  const webex = starting.use(await startWebex(organization));
  const program = starting.use(
    await startProgram(`bench/baselines/${name}.ts`, { input: upstreamOf(webex) }),
  );
  const { port }: { port: number } = JSON.parse(program.greeting);
  const { send, close } = createSender(port);
  starting.defer(close);
  const resources = starting.move();
  return {
    ...{ webex, port, pid: program.pid, send },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** The bare client, which knows the fewest requests beforehand. */
export interface Floor extends AsyncDisposable {
  readonly webex: Webex;
  readonly pid: number;
  readonly ask: Program['ask'];
}

/** Starts the floor with a sandbox of its own. */
export async function startFloor(organization: Organization): Promise<Floor> {
  await using starting = new AsyncDisposableStack();
  const webex = starting.use(await startWebex(organization));
  const program = starting.use(await startProgram('bench/baselines/floor.ts', { input: upstreamOf(webex) }));
  const resources = starting.move();
  return {
    ...{ webex, pid: program.pid, ask: program.ask },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** All of them, of one organization. */
export interface Sides extends AsyncDisposable {
  readonly organization: Organization;
  readonly gateway: GatewayServer;
  readonly handWritten: Server;
  readonly naive: Server;
  readonly floor: Floor;
}

/** Starts all of them, one after the other. */
export async function startSides(organization: Organization): Promise<Sides> {
  await using starting = new AsyncDisposableStack();
  const gateway = starting.use(await startGateway(organization));
  const handWritten = starting.use(await startBaseline('hand-written', organization));
  const naive = starting.use(await startBaseline('naive-gateway', organization));
  const floor = starting.use(await startFloor(organization));
  const resources = starting.move();
  return {
    ...{ organization, gateway, handWritten, naive, floor },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** What a baseline has to know of its sandbox. */
export interface Upstream extends SandboxGreeting {
  readonly connections: number;
}

function upstreamOf({ url, token, organizationUuid }: Webex): Upstream {
  return { url, token, organizationUuid, connections: CONNECTIONS };
}

/** Sends GraphQL requests to a port over as many connections as there are requests at once. */
function createSender(port: number): { send: Server['send']; close: () => Promise<void> } {
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  return {
    close: () => dispatcher.destroy(),
    send: async (query, variables = {}, headers = {}) => {
      const { body } = await request(`http://127.0.0.1:${port}/graphql`, {
        dispatcher,
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return body.text();
    },
  };
}

/** The data of an answer; throws when it holds errors. */
export function readData<Data>(text: string): Data {
  const { data, errors }: { data: Data; errors?: unknown } = JSON.parse(text);
  if (errors !== undefined) throw new Error(`A query failed: ${JSON.stringify(errors).slice(0, 2_000)}`);
  return data;
}

/** As readData, where the data are not wanted and reading them would cost what others need. */
export function assertData(text: string): void {
  if (!text.startsWith('{"data":') || text.includes('"errors":[')) readData(text);
}

const SCOPES = [
  ...['spark-admin:people_read', 'spark-admin:people_write', 'spark-admin:licenses_read'],
  ...['spark-admin:roles_read', 'spark-admin:organizations_read', 'identity:people_read'],
  ...['identity:groups_read', 'identity:groups_rw'],
];

type Ask = <Data>(query: string, variables: object) => Promise<Data>;

const DELETE_CONNECTOR = `mutation ($input: DeleteConnectorInput!) {
  deleteConnector(input: $input) { error { message } }
}`;

/**
 * What an administrator does, through the gateway's own API.
 * @returns the connector's id
 */
async function connect(ask: Ask, webex: Webex, name: string): Promise<string> {
  const { createConnector } = await ask<{ createConnector: { connector: { id: string } } }>(
    `mutation ($input: CreateConnectorInput!) {
      createConnector(input: $input) { connector { id } error { message } }
    }`,
    {
      input: {
        ...{ name, ...CLIENT, scopes: SCOPES, maximumConnections: CONNECTIONS },
        serviceUri: `${webex.url}/v1`,
        tokenEndpoint: `${webex.url}/v1/access_token`,
        authorizationEndpoint: `${webex.url}/v1/authorize`,
      },
    },
  );
  const { connect: started } = await ask<{ connect: { authorizationUrl: string } }>(
    `mutation ($input: ConnectInput!) {
      connect(input: $input) { authorizationUrl error { message } }
    }`,
    { input: { id: createConnector.connector.id } },
  );
  const { origin, pathname, searchParams } = new URL(started.authorizationUrl);
  searchParams.set('decision', 'approve');
  // The browser's connection ends at once, or it would be counted with the gateway's.
  const approved = await request(`${origin}${pathname}`, {
    reset: true,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: searchParams.toString(),
  });
  await approved.body.dump();
  const page = await request(String(approved.headers.location), { reset: true });
  const text = await page.body.text();
  if (page.statusCode !== 200) throw new Error(`The bench could not connect: ${text}`);
  return createConnector.connector.id;
}
