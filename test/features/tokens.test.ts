import { afterEach, describe, expect, it, vi } from 'vitest';
import { startWorld, type World, type WorldOptions } from '../world.ts';

const ROLES = '{ connector { roles { name } } }';
const DAY = 86_400;

let world: World;
const start = async (options?: WorldOptions) => {
  world = await startWorld(options);
  return world;
};
/** Moves the clock of gateway and sandbox, and no timer. */
const laterBy = (seconds: number) => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 });
};
afterEach(async () => {
  vi.useRealTimers();
  await world[Symbol.asyncDispose]();
});

const refreshes = () => world.webex.requests.count('POST /access_token');
/** Reads that are not kept, so that each goes upstream. */
const ask = (index = 0) =>
  world.query<object>(
    `query ($name: String) { connector { users(filter: { displayNameStartsWith: $name }) { nodes { id } } } }`,
    {
      name: String.fromCharCode(65 + (index % 26)),
    },
  );

describe('the access token', () => {
  it('the access token is not renewed while it is valid', async () => {
    await start();
    for (let round = 0; round < 3; round += 1) await world.ask(ROLES);
    expect(refreshes()).toBe(0);
  });

  it('the access token is renewed before it expires', async () => {
    await start();
    await ask();
    laterBy(14 * DAY - 120);
    await ask();
    await expect.poll(() => refreshes()).toBe(1);
    await ask();
    expect(refreshes()).toBe(1);
    expect(world.webex.requests.all.filter((request) => request.status === 401)).toEqual([]);
  });

  it('the access token is renewed once after a 401, and the request is repeated', async () => {
    await start();
    world.webex.expireAccessTokens();
    await world.ask(ROLES);
    expect(refreshes()).toBe(1);
    // The refused request, the renewal, and the request again.
    expect(JSON.parse(world.log.at(-1) ?? '')).toMatchObject({ upstreamRequests: 3 });
  });

  it('the access token is renewed once, however many requests wait for it', async () => {
    const settings = { rotateRefreshTokens: true, reuseRevokesGrant: true };
    await start({ sandbox: { settings } });
    world.webex.expireAccessTokens();
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => ask(index)));
    expect(answers.filter(({ errors }) => errors !== undefined)).toEqual([]);
    expect(refreshes()).toBe(1);
  });

  it('the connection survives each rotation of the refresh token', async () => {
    await start({
      sandbox: {
        settings: { rotateRefreshTokens: true, reuseRevokesGrant: true, refreshEndsAccessTokens: true },
      },
    });
    for (let round = 1; round <= 5; round += 1) {
      world.webex.clock.advance(20 * DAY);
      expect((await ask()).errors).toBeUndefined();
      expect(refreshes()).toBe(round);
    }
  });

  it('the access token is understood in the short form of older answers', async () => {
    await start({ sandbox: { settings: { bareTokenAnswers: true } } });
    world.webex.expireAccessTokens();
    expect(await world.ask('{ connector { details { missingScopes } roles { name } } }')).toMatchObject({
      connector: { details: { missingScopes: [] } },
    });
  });

  it('a valid access token is used while the token endpoint is down, which is not asked each time', async () => {
    await start();
    await ask();
    world.webex.fail({
      route: 'POST /access_token',
      fault: { kind: 'status', status: 503 },
      times: Number.POSITIVE_INFINITY,
    });
    laterBy(14 * DAY - 120);
    for (let index = 0; index < 5; index += 1) expect((await ask(index)).errors).toBeUndefined();
    expect(refreshes()).toBe(1);
  });

  it('the access token is in no answer and no log', async () => {
    await start();
    world.webex.expireAccessTokens();
    const answer = await world.query(
      '{ connector { status details { grantedScopes } users { nodes { displayName } } } }',
    );
    const grant = await world.store.grants.get((await world.store.connectors.list())[0]?.id ?? '');
    const shown = JSON.stringify([answer, world.log]);
    for (const secret of [grant?.accessToken, grant?.refreshToken, 'test-secret-canary']) {
      expect(secret).toEqual(expect.any(String));
      expect(shown).not.toContain(secret);
    }
  });
});

describe('a 401 about one path', () => {
  const NOBODY = { kind: 'status', status: 401 } as const;
  const status = async () =>
    (await world.ask<{ connector: { status: string } }>('{ connector { status } }')).connector.status;

  it('a 401 of one path is UPSTREAM_FORBIDDEN if the renewed token is good for /people/me', async () => {
    await start();
    world.webex.fail({ route: 'GET /people', fault: NOBODY, times: Number.POSITIVE_INFINITY });
    for (let index = 0; index < 3; index += 1) {
      expect((await ask(index)).errors?.[0]?.extensions).toMatchObject({
        code: 'UPSTREAM_FORBIDDEN',
        status: 401,
      });
    }
    expect(refreshes()).toBe(1);
    expect(await status()).toBe('CONNECTED');
    expect((await world.query(ROLES)).errors).toBeUndefined();
  });

  it('the connection stays if Webex refuses all tokens for a while, and renewals become rarer', async () => {
    await start();
    const outage = world.webex.fail({
      route: '*',
      fault: NOBODY,
      times: Number.POSITIVE_INFINITY,
      where: ({ path }) => !path.endsWith('/access_token'),
    });
    for (let index = 0; index < 20; index += 1) {
      expect((await ask(index)).errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
    }
    expect(refreshes()).toBeLessThan(8);
    expect(await status()).toBe('CONNECTED');
    outage.clear();
    expect((await ask()).errors).toBeUndefined();
  });

  it('there is no 401 if tokens live less than a second and requests wait longer for a connection', async () => {
    await start({
      sandbox: { settings: { accessTokenLifetime: 0.7, rotateRefreshTokens: true, reuseRevokesGrant: true } },
      connector: { maximumConnections: 2 },
      connect: true,
    });
    world.webex.settings.latencyMs = 150;
    const answers = await Promise.all(Array.from({ length: 14 }, (_, index) => ask(index)));
    expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
    expect(await status()).toBe('CONNECTED');
  });
});

describe('an access token without a refresh token', () => {
  const status = async () =>
    (await world.ask<{ connector: { status: string } }>('{ connector { status } }')).connector.status;
  const startWithout = async () => {
    await start({ connect: false });
    const alter = (body: Record<string, unknown>) => {
      delete body.refresh_token;
    };
    world.webex.fail({ route: 'POST /access_token', fault: { kind: 'altered', alter } });
    expect((await world.connect()).status).toBe(200);
  };

  it('an access token without a refresh token is used until it expires', async () => {
    await startWithout();
    expect((await ask(0)).errors).toBeUndefined();
    laterBy(14 * DAY - 120);
    for (let index = 1; index < 4; index += 1) expect((await ask(index)).errors).toBeUndefined();
    expect(await status()).toBe('CONNECTED');
    laterBy(180);
    expect((await ask(4)).errors?.[0]?.extensions.code).toBe('RECONNECT_REQUIRED');
  });

  it('an access token without a refresh token is kept if one path refuses it, and dropped if /people/me does, too', async () => {
    await startWithout();
    world.webex.fail({ route: 'GET /people', fault: { kind: 'status', status: 401 } });
    expect((await ask(1)).errors?.[0]?.extensions.code).toBe('UPSTREAM_FORBIDDEN');
    expect((await ask(2)).errors).toBeUndefined();
    expect(await status()).toBe('CONNECTED');
    world.webex.revokeGrants();
    expect((await ask(3)).errors?.[0]?.extensions.code).toBe('RECONNECT_REQUIRED');
    expect(await status()).toBe('RECONNECT_REQUIRED');
  });
});

describe('an access token of unknown lifetime', () => {
  it('an access token of unknown lifetime is used until Webex refuses it, and renewed then', async () => {
    await start({ connect: false });
    const unread = { kind: 'broken-json' } as const;
    const bare = (expires: unknown) => {
      const { accessToken, refreshToken } = world.webex.issueTokens({ clientId: 'test-integration' });
      const body = { access_token: accessToken, refresh_token: refreshToken, expires_in: expires, scope: [] };
      world.webex.fail({ route: 'POST /access_token', fault: { ...unread, body: JSON.stringify(body) } });
    };
    bare('soon');
    expect((await world.connect()).status).toBe(200);
    const EXPIRY = '{ connector { details { accessTokenExpiresAt } } }';
    expect(await world.ask(EXPIRY)).toEqual({ connector: { details: { accessTokenExpiresAt: null } } });
    laterBy(400 * DAY);
    world.webex.clock.advance(-400 * DAY);
    expect((await ask()).errors).toBeUndefined();
    expect(refreshes()).toBe(1);
    world.webex.expireAccessTokens();
    bare(0);
    expect((await ask()).errors).toBeUndefined();
    expect(refreshes()).toBe(2);
    expect(await world.ask(EXPIRY)).toEqual({ connector: { details: { accessTokenExpiresAt: null } } });
  });
});
