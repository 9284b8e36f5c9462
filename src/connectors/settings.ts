import { InvalidInput } from '../errors.ts';

/** Webex's own endpoints and the smallest set of scopes that provisioning needs. */
const DEFAULTS = {
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
} as const;

/** What may be set of a connector; what is absent or null is left as it is, or takes its default. */
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
}

export interface ConnectorSettings {
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly serviceUri: string;
  readonly tokenEndpoint: string;
  readonly authorizationEndpoint: string;
  readonly scopes: readonly string[];
  readonly maximumConnections: number;
  readonly connectionTimeout: number;
}

/**
 * The settings that come of `input` on top of `current`, or of the defaults for a new connector.
 * Throws InvalidInput, which names the field as `input.<field>`.
 */
export function readSettings(input: ConnectorInput, current?: ConnectorSettings): ConnectorSettings {
  return {
    name: readName(input.name ?? current?.name),
    clientId: readLine('clientId', input.clientId ?? current?.clientId),
    clientSecret: readSecret(input, current),
    serviceUri: readEndpoint('serviceUri', input.serviceUri ?? current?.serviceUri ?? DEFAULTS.serviceUri),
    tokenEndpoint: readEndpoint(
      'tokenEndpoint',
      input.tokenEndpoint ?? current?.tokenEndpoint ?? DEFAULTS.tokenEndpoint,
    ),
    authorizationEndpoint: readEndpoint(
      'authorizationEndpoint',
      input.authorizationEndpoint ?? current?.authorizationEndpoint ?? DEFAULTS.authorizationEndpoint,
    ),
    scopes: readScopes(input.scopes ?? current?.scopes ?? DEFAULTS.scopes),
    maximumConnections: readRange(
      'maximumConnections',
      input.maximumConnections ?? current?.maximumConnections ?? DEFAULTS.maximumConnections,
      1,
      100,
    ),
    connectionTimeout: readRange(
      'connectionTimeout',
      input.connectionTimeout ?? current?.connectionTimeout ?? DEFAULTS.connectionTimeout,
      1,
      300,
    ),
  };
}

/**
 * Names the client and the servers that tokens are good for. Tokens obtained under one name are never
 * used under another, so they cannot reach a server they were not meant for.
 */
export function reachOf(
  settings: Pick<ConnectorSettings, 'clientId' | 'serviceUri' | 'tokenEndpoint'>,
): string {
  return JSON.stringify([settings.clientId, settings.serviceUri, settings.tokenEndpoint]);
}

/** A secret stays only as long as it goes where it was entered for: nobody reads it out by naming a server of theirs. */
function readSecret(input: ConnectorInput, current: ConnectorSettings | undefined): string | null {
  if (input.clientSecret != null) return readLine('clientSecret', input.clientSecret);
  if (current === undefined) return null;
  const moved =
    input.tokenEndpoint != null &&
    readEndpoint('tokenEndpoint', input.tokenEndpoint) !== current.tokenEndpoint;
  return moved ? null : current.clientSecret;
}

const LONGEST_NAME = 100;
const LONGEST_LINE = 1_000;

function readName(value: string | undefined): string {
  const name = readLine('name', value);
  if (name.length > LONGEST_NAME) {
    throw new InvalidInput(
      'input.name',
      `must have ${LONGEST_NAME} characters at most; this has ${name.length}.`,
    );
  }
  return name;
}

function readLine(field: string, value: string | undefined): string {
  const text = value?.trim() ?? '';
  if (text === '') throw new InvalidInput(`input.${field}`, 'must not be empty.');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (text.length > LONGEST_LINE || /[\u0000-\u001f\u007f]/.test(text)) {
    throw new InvalidInput(`input.${field}`, `must be one line of ${LONGEST_LINE} characters at most.`);
  }
  return text;
}

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Tokens and secrets go to these addresses, so plain http is for this machine only. */
function readEndpoint(field: string, value: string | URL): string {
  const url = URL.parse(String(value));
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new InvalidInput(`input.${field}`, 'must be an absolute https URL, like https://webexapis.com/v1.');
  }
  if (url.protocol === 'http:' && !LOOPBACK_HOSTS.has(url.hostname)) {
    throw new InvalidInput(
      `input.${field}`,
      'must use https; http is allowed for this machine (localhost) only.',
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new InvalidInput(`input.${field}`, 'must not hold a user name, a password, a query or a fragment.');
  }
  return url.href.replace(/\/+$/, '');
}

function readScopes(value: readonly string[]): readonly string[] {
  const scopes = [...new Set(value.map((scope) => scope.trim()))];
  if (scopes.length === 0) throw new InvalidInput('input.scopes', 'must name at least one scope.');
  const odd = scopes.find((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/.test(scope));
  if (odd !== undefined) {
    throw new InvalidInput(
      'input.scopes',
      `${JSON.stringify(odd.slice(0, 50))} is no scope: it is empty or holds characters that OAuth does not allow.`,
    );
  }
  return scopes;
}

function readRange(field: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new InvalidInput(
      `input.${field}`,
      `must be a whole number from ${least} to ${most}, not ${value}.`,
    );
  }
  return value;
}
