import * as oauth from 'oauth4webapi';
import { AuthorizationFailed } from '../../../errors/connection.ts';
import { type UpstreamCall, UpstreamInvalid, UpstreamUnavailable } from '../../../errors/upstream.ts';
import type { HttpClient } from '../../http/client.ts';
import type { HttpResponse } from '../../http/exchange.ts';
import type { Meter } from '../../http/meter.ts';
import { meaningOf } from '../status.ts';
import { readTokenAnswer, type Tokens } from './token-answer.ts';
import { judgeTokenRefusal, type TokenRefusal } from './token-refusal.ts';

/** A Webex integration and where its authorization server is. */
export interface OAuthSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tokenEndpoint: string;
  readonly authorizationEndpoint: string;
  /** Whether the secret goes in the body or in an Authorization header. */
  readonly clientAuthentication: 'CLIENT_SECRET_POST' | 'CLIENT_SECRET_BASIC';
}

/** Webex no longer takes this refresh token: it was revoked, used up, or has expired. */
export class GrantRefused extends Error {
  /** Whether that is certain: if not, the endpoint has refused in words that could mean something else. */
  readonly isCertain: boolean;
  constructor(isCertain: boolean) {
    super();
    this.isCertain = isCertain;
  }
}

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
  const { redirectUri, codeVerifier } = request;
  const authentication = clientAuthentication(settings);
  try {
    return await askForTokens(http, settings, meter, (options) =>
      oauth.authorizationCodeGrantRequest(
        server,
        client,
        authentication,
        returned,
        redirectUri,
        codeVerifier,
        options,
      ),
    );
  } catch (error) {
    if (!(error instanceof GrantRefused)) throw error;
    throw new AuthorizationFailed(
      'CODE_REFUSED',
      'Webex did not accept the authorization code: it was used already, is too old, or was made for another integration or redirect URI. Start again with the connect mutation.',
    );
  }
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
  const authentication = clientAuthentication(settings);
  return askForTokens(http, settings, meter, (options) =>
    oauth.refreshTokenGrantRequest(server, client, authentication, refreshToken, options),
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

/**
 * Sends the library's request through the connector's own pool, so that its limits hold here too, and reads the answer.
 * The library gets an empty one, because a `Response` cannot hold every status that may come.
 */
async function askForTokens(
  http: HttpClient,
  settings: OAuthSettings,
  meter: Meter | undefined,
  request: (options: oauth.TokenEndpointRequestOptions) => Promise<Response>,
): Promise<Tokens> {
  const answer = Promise.withResolvers<HttpResponse>();
  const send: oauth.TokenEndpointRequestOptions[typeof oauth.customFetch] = async (address, options) => {
    const sent = await http.send(
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
    answer.resolve(sent);
    return new Response();
  };
  const isPlain = new URL(settings.tokenEndpoint).protocol === 'http:';
  await request({ [oauth.allowInsecureRequests]: isPlain, [oauth.customFetch]: send });
  return readTokens(await answer.promise, settings);
}

/** Secrets in the body of a request for tokens, by their names in OAuth 2.0. */
function secretsIn(body: URLSearchParams): string[] {
  return ['client_secret', 'code', 'code_verifier', 'refresh_token'].flatMap((name) => body.getAll(name));
}

/** Reads an answer of the token endpoint. Throws GrantRefused, AuthorizationFailed and the errors of an upstream. */
function readTokens({ status, text }: HttpResponse, settings: OAuthSettings): Tokens {
  const path = new URL(settings.tokenEndpoint).pathname;
  const call = { method: 'POST', path, status, isForToken: true };
  if (meaningOf('POST', status) !== 'done') throw refusalOf(judgeTokenRefusal(status, text), call);
  const tokens = readTokenAnswer(text, Date.now());
  if (tokens !== undefined) return tokens;
  throw new UpstreamInvalid(
    'The token endpoint answered with something that is no token response. Is its address right?',
    call,
  );
}

function refusalOf(refusal: TokenRefusal, call: UpstreamCall): Error {
  switch (refusal) {
    case 'grant':
    case 'doubt':
      return new GrantRefused(refusal === 'grant');
    case 'client':
      return new AuthorizationFailed(
        'CLIENT_REFUSED',
        'Webex did not accept the client id and client secret. Compare them with the integration at developer.webex.com and correct them where the connector was set up.',
      );
    case 'failure':
      return new UpstreamUnavailable(
        `The token endpoint failed with status ${call.status}. Try again later.`,
        call,
      );
    case 'stranger':
      return new UpstreamInvalid(
        `The token endpoint answered with status ${call.status}. Is its address right?`,
        call,
      );
  }
}
