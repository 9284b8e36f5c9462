import { InvalidInput } from '../errors/request.ts';
import type { ClientAuthentication, ConnectorSettings } from '../store/connectors.ts';
import type { Destinations } from './allowed-origins.ts';
import {
  allowEndpoint,
  allowProxy,
  readCertificates,
  readEndpoint,
  readLine,
  readName,
  readProxy,
  readRange,
  readScopes,
} from './setting-values.ts';

export type { ClientAuthentication, ConnectorSettings };

/** The settings of a connector that is created with nothing else: Webex's own endpoints, and the scopes that provisioning needs. */
export const DEFAULT_SETTINGS = {
  serviceUri: 'https://webexapis.com/v1',
  tokenEndpoint: 'https://webexapis.com/v1/access_token',
  authorizationEndpoint: 'https://webexapis.com/v1/authorize',
  scopes: [
    'spark-admin:people_write',
    'spark-admin:people_read',
    'spark-admin:licenses_read',
    'spark-admin:roles_read',
    'identity:groups_rw',
    'identity:groups_read',
  ],
  maximumConnections: 10,
  connectionTimeout: 30,
  clientAuthentication: 'CLIENT_SECRET_POST',
  readOnly: false,
} as const satisfies Partial<ConnectorSettings>;

const ENDPOINTS = ['serviceUri', 'tokenEndpoint', 'authorizationEndpoint'] as const;

/** What may be set of a connector: absent leaves it as it is, null clears it or brings its default back. */
export interface ConnectorInput {
  readonly name?: string | null | undefined;
  readonly clientId?: string | null | undefined;
  readonly clientSecret?: string | null | undefined;
  readonly serviceUri?: string | URL | null | undefined;
  readonly tokenEndpoint?: string | URL | null | undefined;
  readonly authorizationEndpoint?: string | URL | null | undefined;
  readonly scopes?: readonly string[] | null | undefined;
  readonly maximumConnections?: number | null | undefined;
  /** Seconds. */
  readonly connectionTimeout?: number | null | undefined;
  readonly proxyUrl?: string | URL | null | undefined;
  /** PEM. */
  readonly caCertificates?: string | null | undefined;
  readonly clientAuthentication?: ClientAuthentication | null | undefined;
  readonly organizationId?: string | null | undefined;
  readonly readOnly?: boolean | null | undefined;
}

/**
 * The settings that come of `input` on top of `current`, or of the defaults for a new connector.
 * Addresses that stay as they are may be ones that are no longer allowed; they are refused when they are used.
 * Throws InvalidInput, which names the field as `input.<field>`.
 */
export function readSettings(
  input: ConnectorInput,
  destinations: Destinations,
  current?: ConnectorSettings,
): ConnectorSettings {
  const tokenEndpoint = readEndpoint(
    'tokenEndpoint',
    change(input.tokenEndpoint, current?.tokenEndpoint, DEFAULT_SETTINGS.tokenEndpoint),
  );
  const clientSecret = readSecret(input, tokenEndpoint, current);
  const isOtherSecret = current !== undefined && clientSecret !== current.clientSecret;
  const settings = {
    name: readName(change(input.name, current?.name, null)),
    clientId: readLine('clientId', change(input.clientId, current?.clientId, null)),
    clientSecret,
    clientSecretNumber: (current?.clientSecretNumber ?? 0) + Number(isOtherSecret),
    serviceUri: readEndpoint(
      'serviceUri',
      change(input.serviceUri, current?.serviceUri, DEFAULT_SETTINGS.serviceUri),
    ),
    tokenEndpoint,
    authorizationEndpoint: readEndpoint(
      'authorizationEndpoint',
      change(
        input.authorizationEndpoint,
        current?.authorizationEndpoint,
        DEFAULT_SETTINGS.authorizationEndpoint,
      ),
    ),
    scopes: readScopes(change(input.scopes, current?.scopes, DEFAULT_SETTINGS.scopes)),
    maximumConnections: readRange(
      'maximumConnections',
      change(input.maximumConnections, current?.maximumConnections, DEFAULT_SETTINGS.maximumConnections),
      1,
      100,
    ),
    connectionTimeout: readRange(
      'connectionTimeout',
      change(input.connectionTimeout, current?.connectionTimeout, DEFAULT_SETTINGS.connectionTimeout),
      1,
      300,
    ),
    proxyUrl: unlessNull(change(input.proxyUrl, current?.proxyUrl, null), readProxy),
    caCertificates: unlessNull(change(input.caCertificates, current?.caCertificates, null), readCertificates),
    clientAuthentication: change(
      input.clientAuthentication,
      current?.clientAuthentication,
      DEFAULT_SETTINGS.clientAuthentication,
    ),
    organizationId: unlessNull(change(input.organizationId, current?.organizationId, null), (id) =>
      readLine('organizationWebexId', id),
    ),
    readOnly: change(input.readOnly, current?.readOnly, DEFAULT_SETTINGS.readOnly),
    declared: current?.declared ?? false,
  };
  for (const endpoint of ENDPOINTS) {
    if (current !== undefined && input[endpoint] === undefined) continue;
    allowEndpoint(endpoint, settings[endpoint], destinations);
  }
  if (input.proxyUrl != null && settings.proxyUrl !== null) allowProxy(settings.proxyUrl, destinations);
  if (current !== undefined) refuseDetour(input, settings, current);
  return settings;
}

/**
 * Names the client, the servers and the organization that tokens are good for. Tokens obtained under one name are never
 * used under another, so they cannot reach a server they were not meant for. Another client secret makes another name:
 * who knows it may lead tokens through a proxy, and must not get to know it by setting one.
 */
export function reachOf(
  settings: Pick<
    ConnectorSettings,
    | 'clientId'
    | 'clientSecretNumber'
    | 'serviceUri'
    | 'tokenEndpoint'
    | 'authorizationEndpoint'
    | 'organizationId'
  >,
): string {
  const { clientId, serviceUri, tokenEndpoint, authorizationEndpoint, organizationId } = settings;
  const { clientSecretNumber: number } = settings;
  const name = [clientId, serviceUri, tokenEndpoint, authorizationEndpoint, organizationId];
  return JSON.stringify(number === 0 ? name : [...name, number]);
}

/** Absent: as it is. Null: the default. */
function change<T, D>(entered: T | null | undefined, current: T | D | undefined, byDefault: D): T | D {
  if (entered === null) return byDefault;
  return entered ?? current ?? byDefault;
}

function unlessNull<T>(value: T | null, read: (value: T) => string): string | null {
  return value === null ? null : read(value);
}

/** A secret stays only while it goes where it was entered for: nobody reads it out by naming a server of theirs. */
function readSecret(
  input: ConnectorInput,
  tokenEndpoint: string,
  current: ConnectorSettings | undefined,
): string | null {
  if (input.clientSecret === null) return null;
  if (input.clientSecret !== undefined) return readLine('clientSecret', input.clientSecret);
  return current?.tokenEndpoint === tokenEndpoint ? current.clientSecret : null;
}

/**
 * Secret and tokens pass through the proxy, and other certificates let a server pass for Webex. So a caller
 * who changes these has to know the secret already, or could read it, and the tokens, on the way.
 */
function refuseDetour(input: ConnectorInput, settings: ConnectorSettings, current: ConnectorSettings): void {
  const isSameWay =
    originOf(settings.proxyUrl) === originOf(current.proxyUrl) &&
    settings.caCertificates === current.caCertificates;
  if (isSameWay || current.clientSecret === null || settings.clientSecret === null) return;
  if (input.clientSecret === current.clientSecret) return;
  throw new InvalidInput(
    'input.clientSecret',
    'has to be entered as it is, together with another proxy or other certificates, because it passes through them.',
  );
}

function originOf(url: string | null): string | null {
  return url === null ? null : new URL(url).origin;
}
