import { createHash } from 'node:crypto';
import { type Answer, type Call, json } from '../../http/exchange.ts';
import type { Endpoint } from '../http/endpoint.ts';
import type { World } from '../world.ts';
import type { TokenPair } from './grants.ts';
import type { Integration } from './integrations.ts';
import type { AuthorizationCode } from './records.ts';
import { TokenRefusal } from './token-refusal.ts';

/**
 * The token endpoint: authorization_code (with PKCE if the request had a challenge) and refresh_token.
 * The client authenticates in the form, as Webex documents it, or by HTTP Basic.
 */
export function tokenEndpoint(integrations: ReadonlyMap<string, Integration>): Endpoint {
  return {
    route: 'POST /access_token',
    access: 'public',
    handle: async (call, world) => {
      const form = await call.form();
      const integration = authenticate(call, form, integrations);
      return tokenAnswer(exchange(form, integration, world), world);
    },
  };
}

function authenticate(
  call: Call,
  form: URLSearchParams,
  integrations: ReadonlyMap<string, Integration>,
): Integration {
  const basic = readBasic(call.headers.authorization);
  const clientId = basic?.clientId ?? form.get('client_id') ?? '';
  const secret = basic?.secret ?? form.get('client_secret') ?? '';
  const integration = integrations.get(clientId);
  if (integration === undefined || integration.clientSecret !== secret) {
    throw new TokenRefusal(401, 'invalid_client', 'The client id or the client secret is wrong.');
  }
  return integration;
}

function readBasic(authorization: string | undefined): { clientId: string; secret: string } | undefined {
  const [, encoded] = /^basic\s+(\S+)$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon === -1) return undefined;
  // The standard has both parts form-encoded before they are joined.
  const [clientId, secret] = [text.slice(0, colon), text.slice(colon + 1)].map(
    (part) => new URLSearchParams(`part=${part}`).get('part') ?? '',
  );
  return { clientId: clientId ?? '', secret: secret ?? '' };
}

function exchange(form: URLSearchParams, integration: Integration, world: World): TokenPair {
  const { clientId } = integration;
  const type = form.get('grant_type');
  if (type === 'refresh_token') {
    const pair = world.grants.refresh(clientId, form.get('refresh_token') ?? '');
    if (pair !== undefined) return pair;
    throw new TokenRefusal(400, 'invalid_grant', 'The refresh token is not valid any more.');
  }
  if (type !== 'authorization_code') {
    throw new TokenRefusal(400, 'unsupported_grant_type', 'This grant_type is not supported.');
  }
  const code = world.grants.takeCode(form.get('code') ?? '');
  if (code === undefined || code.clientId !== clientId) {
    throw new TokenRefusal(400, 'invalid_grant', 'The authorization code is not valid any more.');
  }
  if (code.redirectUri !== form.get('redirect_uri')) {
    throw new TokenRefusal(400, 'invalid_grant', 'The redirect_uri is not the one that was authorized.');
  }
  if (!answersChallenge(code.challenge, form.get('code_verifier'))) {
    throw new TokenRefusal(400, 'invalid_grant', 'The code_verifier does not fit the code_challenge.');
  }
  return world.grants.open(clientId, code.scopes, code.person);
}

function answersChallenge(challenge: AuthorizationCode['challenge'], verifier: string | null): boolean {
  if (challenge === undefined) return verifier === null;
  if (verifier === null) return false;
  if (challenge.method === 'plain') return verifier === challenge.value;
  return createHash('sha256').update(verifier).digest('base64url') === challenge.value;
}

function tokenAnswer(pair: TokenPair, world: World): Answer {
  const now = world.clock.now();
  const secondsLeft = (expiresAt: number) => Math.round((expiresAt - now) / 1_000);
  const rest = world.settings.bareTokenAnswers
    ? {}
    : { token_type: 'Bearer', scope: pair.access.grant.scopes.join(' ') };
  return json(
    200,
    {
      access_token: pair.access.text,
      expires_in: secondsLeft(pair.access.expiresAt),
      refresh_token: pair.refresh.text,
      refresh_token_expires_in: secondsLeft(pair.refresh.expiresAt),
      ...rest,
    },
    { headers: { 'cache-control': 'no-store' } },
  );
}
