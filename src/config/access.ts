import { InvalidConfiguration } from '../errors/start.ts';

/** Who may call the gateway, in addition to its own API keys. */
export interface AccessConfig {
  /** SHA-256, hexadecimal, of a key with all scopes. */
  readonly adminKeyHash: string | undefined;
  readonly issuer:
    | {
        readonly issuer: string;
        readonly audience: string;
        readonly jwksUri: string | undefined;
        readonly scopeClaim: string;
        /** As written in OIDC_SCOPE_MAP. */
        readonly scopeMap: string | undefined;
      }
    | undefined;
}

type Read = (name: string) => string | undefined;

/**
 * Reads who may call the gateway. Access control may be off only if the gateway listens on this machine alone.
 * @param read the value of a variable; undefined if it is unset
 * @param host where the gateway listens
 * @param publicUrl where browsers reach it
 * Throws InvalidConfiguration.
 */
export function readAccess(read: Read, host: string, publicUrl: string): AccessConfig | undefined {
  const control = read('ACCESS_CONTROL')?.toLowerCase() ?? 'on';
  if (control === 'off') {
    if (![host, new URL(publicUrl).hostname].every(isLoopback)) {
      throw new InvalidConfiguration(
        'ACCESS_CONTROL',
        'may be off only while HOST and PUBLIC_URL are of this machine (127.0.0.1, ::1 or localhost), because otherwise everybody on the network could do everything.',
      );
    }
    return undefined;
  }
  if (control !== 'on')
    throw new InvalidConfiguration('ACCESS_CONTROL', `must be on or off, not ${JSON.stringify(control)}.`);
  const adminKeyHash = read('ADMIN_KEY_HASH')?.toLowerCase();
  // The value is not quoted, because it may be the key itself.
  if (adminKeyHash !== undefined && !/^[\da-f]{64}$/.test(adminKeyHash)) {
    throw new InvalidConfiguration(
      'ADMIN_KEY_HASH',
      'must be the SHA-256 of a key, 64 hexadecimal digits, and not the key. Create both with: npm run key -- generate',
    );
  }
  return { adminKeyHash, issuer: readIssuer(read) };
}

function readIssuer(read: Read): AccessConfig['issuer'] {
  const issuer = read('OIDC_ISSUER');
  if (issuer === undefined) return undefined;
  const audience = read('OIDC_AUDIENCE');
  if (audience === undefined) {
    throw new InvalidConfiguration(
      'OIDC_AUDIENCE',
      'must be set together with OIDC_ISSUER, because otherwise tokens for other services would be accepted.',
    );
  }
  const jwksUri = read('OIDC_JWKS_URI');
  for (const [variable, text] of Object.entries({ OIDC_ISSUER: issuer, OIDC_JWKS_URI: jwksUri ?? issuer })) {
    const url = URL.parse(text);
    if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))) continue;
    throw new InvalidConfiguration(variable, `must be an https URL, not ${JSON.stringify(text)}.`);
  }
  return {
    issuer,
    audience,
    jwksUri,
    scopeClaim: read('OIDC_SCOPE_CLAIM') ?? 'scope',
    scopeMap: read('OIDC_SCOPE_MAP'),
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
