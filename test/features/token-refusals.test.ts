import { afterEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/sandbox/index.ts';
import { startWorld, type World, type WorldOptions } from '../world.ts';

let world: World;
const start = async (options?: WorldOptions) => {
  world = await startWorld(options);
  return world;
};
afterEach(() => world[Symbol.asyncDispose]());

const refreshes = () => world.webex.requests.count('POST /access_token');
/** Reads that are not kept, so that each goes upstream. */
const ask = (index = 0) =>
  world.query<object>(
    `query ($name: String) { connector { users(filter: { displayNameStartsWith: $name }) { nodes { id } } } }`,
    {
      name: String.fromCharCode(65 + (index % 26)),
    },
  );

describe('a token endpoint that answers as Webex would not', () => {
  it.each<[string, Fault]>([
    ['a proxy’s page with status 400', { kind: 'status', status: 400, body: '<html>Bad Request</html>' }],
    ['a refusal of a proxy', { kind: 'status', status: 403, body: '{"message":"blocked"}' }],
    ['an unknown status', { kind: 'status', status: 418 }],
    ['a status without a body that has one', { kind: 'status', status: 205, body: 'Reset' }],
  ])('%s: the grant is kept, and serves when it is over', async (_what, fault) => {
    await start();
    world.webex.expireAccessTokens();
    world.webex.fail({ route: 'POST /access_token', fault });
    expect((await ask()).errors?.[0]?.extensions.code).toBe('UPSTREAM_INVALID');
    expect((await ask()).errors).toBeUndefined();
  });
});

it('a status of the token endpoint that HTTP does not have: the grant is kept, and the failure is one of the upstream', async () => {
  await start();
  world.webex.expireAccessTokens();
  const answer = 'HTTP/1.1 700 Odd\r\ncontent-length: 0\r\n\r\n';
  world.webex.fail({ route: 'POST /access_token', fault: { kind: 'raw', answer } });
  expect((await ask()).errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
  expect((await ask()).errors).toBeUndefined();
});

describe('a token endpoint that refuses in other words than invalid_grant', () => {
  const REFUSAL = {
    route: 'POST /access_token',
    fault: { kind: 'status', status: 400, body: 'The refresh token is expired' },
  } as const;

  it('is asked once more, seconds later, and then the grant is kept if it was a mistake', async () => {
    await start();
    world.webex.expireAccessTokens();
    world.webex.fail(REFUSAL);
    expect((await ask()).errors).toBeUndefined();
    expect(refreshes()).toBe(2);
  });

  it('ends the grant if it refuses twice, and is not asked again by every query', async () => {
    await start();
    world.webex.expireAccessTokens();
    world.webex.fail({ ...REFUSAL, times: Number.POSITIVE_INFINITY });
    const answers = await Promise.all([ask(1), ask(2), ask(3)]);
    for (const { errors } of [...answers, await ask(4)]) {
      expect(errors?.[0]?.extensions.code).toBe('RECONNECT_REQUIRED');
    }
    expect(refreshes()).toBe(2);
  });

  it('keeps the grant if something else answers the second time', async () => {
    await start();
    world.webex.expireAccessTokens();
    world.webex.fail(REFUSAL);
    world.webex.fail({ route: 'POST /access_token', fault: { kind: 'html', status: 502 } });
    expect((await ask()).errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
    expect((await ask()).errors).toBeUndefined();
  });
});

describe('a grant that Webex has revoked', () => {
  const status = async () =>
    (await world.ask<{ connector: object }>('{ connector { status details { connectedAt } } }')).connector;

  it.each([
    'webex',
    'rfc',
  ] as const)('is RECONNECT_REQUIRED, said once and without asking again (%s errors)', async (shape) => {
    await start({ sandbox: { settings: { tokenErrorShape: shape } } });
    world.webex.revokeGrants();
    expect((await ask()).errors?.[0]?.extensions.code).toBe('RECONNECT_REQUIRED');
    expect(await status()).toEqual({ status: 'RECONNECT_REQUIRED', details: null });
    const asked = world.webex.requests.count();
    expect((await ask()).errors?.[0]?.extensions.code).toBe('RECONNECT_REQUIRED');
    expect(world.webex.requests.count()).toBe(asked);
  });

  it('works again after connecting again', async () => {
    await start();
    world.webex.revokeGrants();
    await ask();
    expect((await world.connect()).status).toBe(200);
    expect(await status()).toMatchObject({ status: 'CONNECTED' });
    expect((await ask()).errors).toBeUndefined();
  });

  it('is not taken for revoked when only the client secret is wrong', async () => {
    await start();
    const [connector] = await world.store.connectors.list();
    await world.store.connectors.update(connector?.id ?? '', connector?.version ?? 0, {
      clientSecret: 'not-the-secret',
    });
    world.webex.expireAccessTokens();
    expect((await ask()).errors?.[0]?.extensions).toMatchObject({
      code: 'AUTHORIZATION_FAILED',
      reason: 'CLIENT_REFUSED',
    });
    expect(await status()).toMatchObject({ status: 'CONNECTED' });
  });
});
