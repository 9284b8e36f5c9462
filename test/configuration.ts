import type { World } from './world.ts';

/** What tests look at in the answers to mutations of connectors and API keys. */
const SETTINGS = `clientId clientSecretSet serviceUri tokenEndpoint authorizationEndpoint scopes maximumConnections
  connectionTimeout proxyUrl caCertificates clientAuthentication organizationWebexId readOnly`;
const ANSWERS: Readonly<Record<string, string>> = {
  connect: 'authorizationUrl state expiresAt',
  testConnector:
    'test { ok requests connector { ... on Connector { name status } } checks { name status message durationMs } }',
  createApiKey: 'key apiKey { id name shown expiresAt }',
  revokeApiKey: 'apiKey { id revokedAt }',
};
const CONNECTOR = `connector { id name version declared status redirectUri settings { ${SETTINGS} } details { connectedAt } }`;
const ERROR = `error {
  __typename code message retryable
  ... on InvalidInput { problems { path } }
  ... on NotFound { kind reference }
  ... on Conflict { current { ... on Connector { name version settings { ${SETTINGS} } } } }
  ... on NotAllowed { requiredScope }
  ... on AuthorizationFailed { reason }
  ... on WebexFailure { webexMessage trackingIds missingScopes }
}`;

/** Why a mutation failed. */
export interface ConfigurationError {
  readonly __typename: string;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly problems?: readonly { readonly path: string }[];
  readonly current?: Readonly<Record<string, unknown>> | null;
  readonly reason?: string;
}

/** The answer to a mutation of connectors or API keys: what was made or changed, or `error`. */
export interface Configured {
  readonly connector?: {
    readonly id: string;
    readonly name: string;
    readonly version: number;
    readonly status: string;
    readonly settings: Readonly<Record<string, unknown>>;
  } | null;
  readonly test?: {
    readonly ok: boolean;
    readonly requests: number;
    readonly connector: object;
    readonly checks: readonly {
      readonly name: string;
      readonly status: string;
      readonly message: string;
      readonly durationMs: number;
    }[];
  } | null;
  readonly authorizationUrl?: string | null;
  readonly state?: string | null;
  readonly key?: string | null;
  readonly apiKey?: { readonly id: string; readonly shown: string; readonly expiresAt: string | null } | null;
  readonly error: ConfigurationError | null;
}

/** The document of a mutation of connectors or API keys, for the variable `input`. */
export function documentOf(mutation: string): string {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;
  const answer = ANSWERS[mutation] ?? CONNECTOR;
  return `mutation ($input: ${type}) { ${mutation}(input: $input) { ${answer} ${ERROR} } }`;
}

/** Asks for a change of connectors or API keys and returns the payload. */
export async function configure(
  world: World,
  mutation: string,
  input: object,
  headers: Readonly<Record<string, string>> = world.administrator,
): Promise<Configured> {
  const { data, errors } = await world.query<Record<string, Configured>>(
    documentOf(mutation),
    { input },
    { headers: { 'content-type': 'application/json', ...headers } },
  );
  const payload = data?.[mutation];
  if (payload == null) throw new Error(`Unexpected: ${JSON.stringify(errors)}`);
  return payload;
}

/** Changes a setting of the world's connector. Fails if that is refused. */
export async function updateConnector(world: World, input: object): Promise<void> {
  const { error } = await configure(world, 'updateConnector', { id: world.connectorId, ...input });
  if (error !== null) throw new Error(`Unexpected: ${JSON.stringify(error)}`);
}
