import * as oauth from 'oauth4webapi';
import { AuthorizationFailed, UpstreamInvalid, UpstreamUnavailable } from '../../errors.ts';
import type { HttpClient } from '../http/client.ts';
import type { Meter } from '../http/meter.ts';
import { isObject } from './wire.ts';

/** A Webex integration and where its authorization server is. */
export interface OAuthSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tokenEndpoint: string;
  readonly authorizationEndpoint: string;
  /** Whether the secret goes in the body or in an Authorization header. */
  readonly clientAuthentication: 'CLIENT_SECRET_POST' | 'CLIENT_SECRET_BASIC';
}

export interface Tokens {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
  /** Undefined where the answer held none: the one used goes on being good. */
  readonly refreshToken: string | undefined;
  readonly refreshTokenExpiresAt: Date | undefined;
  /** Undefined where the answer does not say: as asked for. */
  readonly scopes: readonly string[] | undefined;
}

/** Webex no longer takes this refresh token: it was revoked, used up, or has expired. */
export class GrantRefused extends Error {}

/** Webex's lifetime of an access token, in seconds, for an answer that does not say. */
const ACCESS_TOKEN_LIFETIME = 1_209_600;

/** A fresh one-time state and PKCE code verifier. */
export function createChallenge(): { state: string; codeVerifier: string } {
  return { state: oauth.generateRandomState(), codeVerifier: oauth.generateRandomCodeVerifier() };
}

/** The address to send an administrator's browser to. */
export async function authorizationUrl(
  settings: OAuthSettings,
  request: { state: string; codeVerifier: string; redirectUri: string; scopes: readonly string[] },
): Promise<string> {
  const url = new URL(settings.authorizationEndpoint);
  url.searchParams.set('client_id', settings.clientId);
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('redirect_uri', request.redirectUri);
  url.searchParams.set('scope', request.scopes.join(' '));
  url.searchParams.set('state', request.state);
  url.searchParams.set('code_challenge', await oauth.calculatePKCECodeChallenge(request.codeVerifier));
  url.searchParams.set('code_challenge_method', 'S256');
  return url.href;
}

/**
 * Exchanges an authorization code for tokens; a code is good for one exchange.
 * Throws AuthorizationFailed when Webex refuses the code or the client, and the errors of an upstream.
 */
export async function exchangeCode(
  http: HttpClient,
  settings: OAuthSettings,
  request: { code: string; state: string; codeVerifier: string; redirectUri: string },
  meter?: Meter,
): Promise<Tokens> {
  const server = serverOf(settings);
  const client = { client_id: settings.clientId };
  const returned = readReturn(server, client, request);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    clientAuthentication(settings),
    returned,
    request.redirectUri,
    request.codeVerifier,
    requestOptions(http, settings, meter),
  );
  if (await isGrantRefused(response, settings)) {
    throw new AuthorizationFailed(
      'CODE_REFUSED',
      'Webex did not accept the authorization code: it was used already, is too old, or was made for another integration or redirect URI. Start again with the connect mutation.',
    );
  }
  return readTokens(
    await accept(settings, () => oauth.processAuthorizationCodeResponse(server, client, response)),
  );
}

/**
 * Gets new tokens for a refresh token.
 * Throws GrantRefused when Webex no longer takes it, AuthorizationFailed when it refuses the client, and
 * the errors of an upstream.
 */
export async function refreshTokens(
  http: HttpClient,
  settings: OAuthSettings,
  refreshToken: string,
  meter?: Meter,
): Promise<Tokens> {
  const server = serverOf(settings);
  const client = { client_id: settings.clientId };
  const response = await oauth.refreshTokenGrantRequest(
    server,
    client,
    clientAuthentication(settings),
    refreshToken,
    requestOptions(http, settings, meter),
  );
  if (await isGrantRefused(response, settings)) throw new GrantRefused();
  return readTokens(
    await accept(settings, () => oauth.processRefreshTokenResponse(server, client, response)),
  );
}

function clientAuthentication({
  clientAuthentication: method,
  clientSecret,
}: OAuthSettings): oauth.ClientAuth {
  return method === 'CLIENT_SECRET_BASIC'
    ? oauth.ClientSecretBasic(clientSecret)
    : oauth.ClientSecretPost(clientSecret);
}

/** The library's own check of a return; it throws for what it finds odd. */
function readReturn(
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  request: { code: string; state: string },
) {
  try {
    const { code, state } = request;
    return oauth.validateAuthResponse(server, client, new URLSearchParams({ code, state }), state);
  } catch {
    throw new AuthorizationFailed(
      'RESPONSE_INVALID',
      'The code and state do not look like what Webex sends. Hand over both parameters of the redirect as they came.',
    );
  }
}

function serverOf(settings: OAuthSettings): oauth.AuthorizationServer {
  return { issuer: new URL(settings.tokenEndpoint).origin, token_endpoint: settings.tokenEndpoint };
}

/** Sends the library's requests through the connector's own pool, so that its limits hold here too. */
function requestOptions(
  http: HttpClient,
  settings: OAuthSettings,
  meter?: Meter,
): oauth.TokenEndpointRequestOptions {
  return {
    [oauth.allowInsecureRequests]: new URL(settings.tokenEndpoint).protocol === 'http:',
    [oauth.customFetch]: async (address, options) => {
      const answer = await http.send(
        {
          method: 'POST',
          url: new URL(address),
          headers: options.headers,
          body: options.body.toString(),
          secrets: [settings.clientSecret, ...secretsIn(options.body)],
          asksForSecrets: true,
          route: '/access_token',
        },
        meter,
      );
      return new Response(answer.text === '' ? null : withTokenType(answer.text), {
        status: answer.status,
        headers: { 'content-type': 'application/json' },
      });
    },
  };
}

/** Secrets in the body of a request for tokens, by their names in OAuth 2.0. */
function secretsIn(body: URLSearchParams): string[] {
  return ['client_secret', 'code', 'code_verifier', 'refresh_token'].flatMap((name) => body.getAll(name));
}

/** Older Webex answers lack `token_type`, which the standard and the library insist on. */
function withTokenType(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && 'access_token' in body && !('token_type' in body)) {
      return JSON.stringify({ ...body, token_type: 'Bearer' });
    }
  } catch {
    // Not JSON: the library says so in its own way.
  }
  return text;
}

/**
 * Whether an answer of the token endpoint refuses the grant. A refused client, a failing server and a
 * stranger's answer are thrown, because they say nothing of the grant.
 */
async function isGrantRefused(response: Response, settings: OAuthSettings): Promise<boolean> {
  if (response.ok) return false;
  const call = { method: 'POST', path: new URL(settings.tokenEndpoint).pathname, status: response.status };
  if (response.status >= 500) {
    throw new UpstreamUnavailable(
      `The token endpoint failed with status ${response.status}. Try again later.`,
      call,
    );
  }
  const refusal = await readRefusal(response.clone());
  if (response.status === 401 || refusal === 'invalid_client' || refusal === 'unauthorized_client') {
    throw new AuthorizationFailed(
      'CLIENT_REFUSED',
      'Webex did not accept the client id and client secret. Compare them with the integration at developer.webex.com and correct them where the connector was set up.',
    );
  }
  if (response.status === 400 && (refusal === 'invalid_grant' || refusal === 'webex')) return true;
  throw new UpstreamInvalid(
    `The token endpoint answered with status ${response.status}. Is its address right?`,
    call,
  );
}

/** The standard's `error`; `webex` for Webex's own shape of errors, which lacks it; else undefined. */
async function readRefusal(response: Response): Promise<string | undefined> {
  try {
    const body: unknown = await response.json();
    if (!isObject(body)) return undefined;
    if (typeof body.error === 'string') return body.error;
    return 'message' in body || 'errors' in body || Array.isArray(body.error) ? 'webex' : undefined;
  } catch {
    return undefined;
  }
}

async function accept(
  settings: OAuthSettings,
  process: () => Promise<oauth.TokenEndpointResponse>,
): Promise<oauth.TokenEndpointResponse> {
  try {
    return await process();
  } catch {
    const call = { method: 'POST', path: new URL(settings.tokenEndpoint).pathname };
    throw new UpstreamInvalid(
      'The token endpoint answered with something that is no token response. Is its address right?',
      call,
    );
  }
}

function readTokens(answer: oauth.TokenEndpointResponse): Tokens {
  const now = Date.now();
  const refreshLifetime = answer.refresh_token_expires_in;
  return {
    accessToken: answer.access_token,
    accessTokenExpiresAt: new Date(now + (answer.expires_in ?? ACCESS_TOKEN_LIFETIME) * 1_000),
    refreshToken: answer.refresh_token,
    refreshTokenExpiresAt:
      typeof refreshLifetime === 'number' ? new Date(now + refreshLifetime * 1_000) : undefined,
    scopes: answer.scope?.split(/\s+/).filter((scope) => scope !== ''),
  };
}
