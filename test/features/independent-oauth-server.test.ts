import { OAuth2Server } from 'oauth2-mock-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configure, updateConnector } from '../configuration.ts';
import { startWorld, type World } from '../world.ts';

// The flow against an authorization server that is not ours. It knows nothing of Webex, so its access
// tokens are swapped for ones that the sandbox takes.

let server: OAuth2Server;
let world: World;
/** The refresh token that is good; the server hands out a new one each time. */
let refreshToken: string | undefined;
let exchanges: string[];

beforeEach(async () => {
  [refreshToken, exchanges] = [undefined, []];
  server = new OAuth2Server();
  await server.issuer.keys.generate('RS256');
  await server.start(0, '127.0.0.1');
  const issuer = server.issuer.url ?? '';
  world = await startWorld({
    connect: false,
    connector: {
      authorizationEndpoint: `${issuer}/authorize`,
      tokenEndpoint: `${issuer}/token`,
      clientSecret: 'a-secret-of-theirs',
    },
  });
  server.service.on('beforeResponse', (response, request) => {
    exchanges.push(String(request.body.grant_type));
    if (request.body.grant_type === 'refresh_token' && request.body.refresh_token !== refreshToken) {
      response.statusCode = 400;
      response.body = { error: 'invalid_grant' };
      return;
    }
    if (typeof response.body !== 'object' || response.statusCode >= 400) return;
    refreshToken = `refresh-${exchanges.length}`;
    Object.assign(response.body, {
      access_token: world.webex.issueToken(),
      refresh_token: refreshToken,
      refresh_token_expires_in: 7_776_000,
    });
  });
});
afterEach(async () => {
  await server.stop();
  await world[Symbol.asyncDispose]();
});

/** Follows the flow as a browser does. */
async function goThrough(): Promise<Response> {
  const { authorizationUrl } = await configure(world, 'connect', { id: world.connectorId });
  const answer = await fetch(authorizationUrl ?? '', { redirect: 'manual' });
  return world.gateway.fetch(new Request(answer.headers.get('location') ?? ''));
}

describe('with an independent OAuth 2.0 server', () => {
  it('connects', async () => {
    expect(await (await goThrough()).text()).toContain('acme is connected');
    expect(exchanges).toEqual(['authorization_code']);
    await world.ask('{ connector { roles { name } } }');
  });

  it('renews, and takes over each new refresh token', async () => {
    await goThrough();
    for (let round = 1; round <= 3; round += 1) {
      world.webex.expireAccessTokens();
      await world.ask('{ connector { users(first: 1) { nodes { id } } } }');
      expect(exchanges).toHaveLength(1 + round);
    }
    const grant = await world.store.grants.get((await world.store.connectors.list())[0]?.id ?? '');
    expect(grant?.refreshToken).toBe(refreshToken);
  });

  it('says that it has to be connected again, when the grant is refused', async () => {
    await goThrough();
    refreshToken = 'another process has used it';
    world.webex.expireAccessTokens();
    const { errors } = await world.query('{ connector { users(first: 1) { nodes { id } } } }');
    expect(errors?.[0]?.extensions.code).toBe('RECONNECT_REQUIRED');
  });

  it('says that it was denied', async () => {
    server.service.once('beforeAuthorizeRedirect', (redirect) => {
      redirect.url.searchParams.delete('code');
      redirect.url.searchParams.set('error', 'access_denied');
    });
    expect(await (await goThrough()).text()).toContain('was denied');
    expect(exchanges).toEqual([]);
  });

  it('says that the client was refused', async () => {
    server.service.once('beforeResponse', (response) => {
      response.statusCode = 401;
      response.body = { error: 'invalid_client' };
    });
    expect(await (await goThrough()).text()).toContain('did not accept the client id and client secret');
  });

  it('authenticates with HTTP Basic where the connector says so', async () => {
    const headers: unknown[] = [];
    server.service.on('beforeResponse', (_response, request) => headers.push(request.headers.authorization));
    await updateConnector(world, { clientAuthentication: 'CLIENT_SECRET_BASIC' });
    await goThrough();
    expect(headers).toEqual([expect.stringMatching(/^Basic /)]);
  });
});
