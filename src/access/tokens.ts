import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { allowInsecureRequests, discoveryRequest, processDiscoveryResponse } from 'oauth4webapi';
import { IdentityProviderUnavailable } from '../errors/access.ts';
import { describeError } from '../telemetry/error-facts.ts';
import type { Logger } from '../telemetry/logger.ts';
import { Principal } from './principal.ts';
import type { ScopeMap } from './scope-map.ts';
import type { Grant } from './scopes.ts';

/** An identity provider whose tokens are taken. */
export interface IssuerSettings {
  /** As in the claim `iss` of its tokens. */
  readonly issuer: string;
  /** What the claim `aud` has to hold. */
  readonly audience: string;
  /** Where its keys are; found by OpenID Connect discovery where undefined. */
  readonly jwksUri: string | undefined;
  /** The claim that holds what a caller may do; dots lead into objects, as in realm_access.roles. */
  readonly scopeClaim: string;
  readonly scopeMap: ScopeMap;
}

/** Takes tokens for callers. */
export interface TokenVerifier {
  /**
   * The caller that the token was issued to; undefined if it is not valid or has expired.
   * Throws IdentityProviderUnavailable.
   */
  identify(token: string): Promise<Principal | undefined>;
}

/** Signatures that only the issuer can have made; those with a shared secret are not among them. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
/** How far its clock and ours may be apart, in seconds. */
const CLOCK_TOLERANCE = 30;
/** How soon its keys are read again because a token names an unknown one, in milliseconds: anybody can send such tokens. */
const COOLDOWN_MS = 1_000;
/** How long its keys are good while it cannot be asked, in milliseconds. */
const KEEP_MS = 3_600_000;
/** The most characters of a claim `sub`. OpenID Connect Core 1.0, section 2. */
const LONGEST_SUBJECT = 255;
/** How long the issuer has to answer, in milliseconds. */
const PATIENCE_MS = 5_000;

/**
 * Verifies the JSON Web Tokens of one issuer: signature, issuer, audience and times. Its keys are read when they
 * are first wanted, and again when a token names one that is not known, so that they may be exchanged any time.
 */
export function createTokenVerifier(settings: IssuerSettings, logger: Logger): TokenVerifier {
  const { issuer, audience, scopeClaim, scopeMap } = settings;
  let keys: Promise<JWTVerifyGetKey> | undefined;
  const findKeys = () => {
    keys ??= readKeys(settings).catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
    return keys;
  };
  const unavailable = (error: unknown) => {
    logger.warn({ error: describeError(error) }, 'could not read the keys of the identity provider');
    return new IdentityProviderUnavailable();
  };
  return {
    async identify(token) {
      const known = await findKeys().catch((error: unknown) => {
        throw unavailable(error);
      });
      try {
        const { payload, protectedHeader } = await jwtVerify(token, known, {
          issuer,
          audience,
          algorithms: ALGORITHMS,
          clockTolerance: CLOCK_TOLERANCE,
          requiredClaims: ['sub', 'exp'],
        });
        const { sub, exp = 0 } = payload;
        if (!isAccessToken(protectedHeader.typ) || !isName(sub)) return undefined;
        const grants = grantsOf(claimAt(payload, scopeClaim), scopeMap);
        return new Principal('TOKEN', `oidc:${sub}`, grants, new Date(1_000 * exp));
      } catch (error) {
        if (isUnread(error)) throw unavailable(error);
        // Not a fault of the token: the issuer publishes a key that is too weak, or that nobody can read.
        if (!(error instanceof errors.JOSEError)) {
          logger.warn({ error: describeError(error) }, 'a key of the identity provider cannot be used');
        }
        return undefined;
      }
    },
  };
}

/** Whether a claim `sub` is usable as a name: a text of one line, which the audit trail and the log show. */
function isName(sub: unknown): sub is string {
  if (typeof sub !== 'string' || sub.length > LONGEST_SUBJECT || sub.trim() === '') return false;
  return !/[\p{C}\p{Zl}\p{Zp}]/u.test(sub);
}

/** A token of another kind, as one that tells of a logout, is signed by the issuer too. RFC 9068, section 2.1. */
function isAccessToken(type: string | undefined): boolean {
  return type === undefined || /^(application\/)?(at\+)?jwt$/i.test(type);
}

async function readKeys({ issuer, jwksUri }: IssuerSettings): Promise<JWTVerifyGetKey> {
  const uri = jwksUri ?? (await discoverKeys(issuer));
  return createRemoteJWKSet(new URL(uri), {
    timeoutDuration: PATIENCE_MS,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: KEEP_MS,
    // Told apart from what goes wrong with a key, which the library raises by the same class.
    [customFetch]: (url, options) =>
      fetch(url, options).catch((error: unknown) => {
        throw new Unread('The keys could not be fetched.', { cause: error });
      }),
  });
}

/** The identity provider could not be asked for its keys. */
class Unread extends Error {}

async function discoverKeys(issuer: string): Promise<string> {
  const url = new URL(issuer);
  const response = await discoveryRequest(url, {
    signal: () => AbortSignal.timeout(PATIENCE_MS),
    // The configuration takes plain http for this machine only.
    [allowInsecureRequests]: url.protocol === 'http:',
  });
  const { jwks_uri } = await processDiscoveryResponse(url, response);
  if (jwks_uri === undefined) throw new Error('The issuer publishes no keys.');
  // A caller that could supply keys could sign its own tokens.
  if (url.protocol === 'https:' && URL.parse(jwks_uri)?.protocol !== 'https:')
    throw new Error('The issuer names keys that are not behind https.');
  return jwks_uri;
}

/** Whether the issuer's keys could not be read. All else is about the token, or the one key that it names. */
function isUnread(error: unknown): boolean {
  if (error instanceof Unread || error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid)
    return true;
  // What the library raises for an answer that is no set of keys.
  return error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC';
}

function claimAt(payload: JWTPayload, path: string): unknown {
  // A claim may have dots in its own name, as those with a domain have.
  if (Object.hasOwn(payload, path)) return payload[path];
  let value: unknown = payload;
  for (const name of path.split('.')) {
    const entries: [string, unknown][] =
      typeof value === 'object' && value !== null ? Object.entries(value) : [];
    value = entries.find(([key]) => key === name)?.[1];
  }
  return value;
}

/** A claim is a list of texts, or one text with spaces between them. */
function grantsOf(claim: unknown, map: ScopeMap): Grant[] {
  const values: unknown[] = Array.isArray(claim) ? claim : typeof claim === 'string' ? claim.split(' ') : [];
  return values.flatMap((value) => (typeof value === 'string' ? map(value) : []));
}
