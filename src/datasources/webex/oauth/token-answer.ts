import { isObject, type WireObject } from '../../rest/json.ts';

/** What a token endpoint has issued. */
export interface Tokens {
  readonly accessToken: string;
  /** Undefined if the answer does not say: the token is then good until Webex refuses it. */
  readonly accessTokenExpiresAt: Date | undefined;
  /** Undefined if the answer held none: the one used remains good. */
  readonly refreshToken: string | undefined;
  readonly refreshTokenExpiresAt: Date | undefined;
  /** Undefined if the answer does not say: as asked for. */
  readonly scopes: readonly string[] | undefined;
}

/** What a token may hold, so that it can go into a header. */
const TOKEN = /^[\x21-\x7e]{1,20000}$/;
/** A lifetime of more than a hundred years is no lifetime, in seconds. */
const LONGEST_LIFETIME = 3_155_760_000;

/**
 * Reads the answer of a token endpoint (RFC 6749, 5.1), whatever types its values have: numbers as texts, scopes as a
 * list, no token type, or one in another case. What cannot be read is unknown.
 * @param now epoch milliseconds, from which lifetimes count
 * @returns undefined if there is no bearer token in it
 */
export function readTokenAnswer(text: string, now: number): Tokens | undefined {
  const body = parse(text);
  if (body === undefined || !isBearer(body.token_type)) return undefined;
  const accessToken = readToken(body.access_token);
  if (accessToken === undefined) return undefined;
  return {
    accessToken,
    accessTokenExpiresAt: readEnd(body.expires_in, now),
    refreshToken: readToken(body.refresh_token),
    refreshTokenExpiresAt: readEnd(body.refresh_token_expires_in, now),
    scopes: readScopes(body.scope),
  };
}

function parse(text: string): WireObject | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** Older Webex answers have no type. One that names another type must not be used (RFC 6749, 7.1). */
function isBearer(type: unknown): boolean {
  return typeof type !== 'string' || ['', 'bearer'].includes(type.trim().toLowerCase());
}

function readToken(value: unknown): string | undefined {
  return typeof value === 'string' && TOKEN.test(value) ? value : undefined;
}

/** A lifetime of nothing would renew the token for each request, so it is taken for unknown. */
function readEnd(seconds: unknown, now: number): Date | undefined {
  const lifetime = typeof seconds === 'string' && seconds.trim() !== '' ? Number(seconds) : seconds;
  if (typeof lifetime !== 'number' || !(lifetime > 0 && lifetime <= LONGEST_LIFETIME)) return undefined;
  return new Date(now + lifetime * 1_000);
}

function readScopes(value: unknown): readonly string[] | undefined {
  const texts: unknown[] = Array.isArray(value) ? value : [value];
  const scopes = texts.flatMap((text) => (typeof text === 'string' ? text.split(/\s+/) : []));
  const named = [...new Set(scopes.filter((scope) => scope !== ''))];
  return named.length === 0 ? undefined : named;
}
