import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { askToken, assertionOf, startTenant } from '../identity-cloud.ts';

describe('tokens of the simulated Identity Cloud', () => {
  it('are given for a signed assertion, last 898 seconds, and come without a refresh token', async () => {
    await using world = await startTenant();
    const { status, body } = await askToken(
      world.tenant,
      await assertionOf(world.tenant),
      'fr:idm:* fr:am:*',
    );
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.any(String),
      scope: 'fr:am:* fr:idm:*',
      token_type: 'Bearer',
      expires_in: 898,
    });
    const asked = () =>
      world.send('GET', '/openidm/info/login', undefined, { authorization: `Bearer ${body.access_token}` });
    expect((await asked()).status).toBe(200);
    world.tenant.clock.advance(899);
    expect(await asked()).toMatchObject({ status: 401, body: { message: 'Access Denied' } });
  });

  it('are refused for a wrong signature, issuer, audience and a past or late end', async () => {
    await using world = await startTenant({ audienceCheck: 'strict' });
    const { tenant } = world;
    await using other = await startTenant();
    const refused = [
      `${(await assertionOf(tenant)).slice(0, -4)}AAAA`,
      await assertionOf(other.tenant),
      await assertionOf(tenant, { issuer: 'another account' }),
      await assertionOf(tenant, { audience: `${tenant.url}/elsewhere` }),
      await assertionOf(tenant, { lifetime: -5 }),
      await assertionOf(tenant, { lifetime: 1_000 }),
      await assertionOf(tenant, { jti: null }),
      'no assertion',
    ];
    for (const assertion of refused)
      expect(await askToken(tenant, assertion)).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant' },
      });
    tenant.settings.tokenErrorStatus = '401 invalid_client';
    expect(await askToken(tenant, 'no assertion')).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
  });

  it('take what tenants differ in by their settings', async () => {
    await using world = await startTenant({
      audienceCheck: 'off',
      requireJti: false,
      assertionMaxLifetime: 180,
    });
    const { tenant } = world;
    expect(
      (await askToken(tenant, await assertionOf(tenant, { audience: 'https://x.example', jti: null })))
        .status,
    ).toBe(200);
    expect((await askToken(tenant, await assertionOf(tenant, { lifetime: 899 }))).status).toBe(400);
    tenant.settings.audienceCheck = 'loose';
    const withoutPort = tenant.tokenUrl.replace(/:\d+\//, '/');
    expect((await askToken(tenant, await assertionOf(tenant, { audience: withoutPort }))).status).toBe(200);
  });

  it('are given once for an assertion, and again after a refusal of scopes', async () => {
    await using world = await startTenant({ unsupportedScopes: ['fr:am:*'] });
    const { tenant } = world;
    const assertion = await assertionOf(tenant);
    expect(await askToken(tenant, assertion, 'fr:idm:* fr:am:*')).toMatchObject({
      status: 400,
      body: {
        error: 'invalid_scope',
        error_description: 'Unsupported scope for service account: fr:am:*',
      },
    });
    expect((await askToken(tenant, assertion)).status).toBe(200);
    expect((await askToken(tenant, assertion)).status).toBe(400);
    tenant.settings.jtiReuse = 'allowed';
    expect((await askToken(tenant, assertion)).status).toBe(200);
  });

  it('work a while after they were revoked only if the tenant remembers introspections', async () => {
    await using world = await startTenant();
    const { tenant } = world;
    tenant.revokeTokens();
    expect((await world.send('GET', '/openidm/info/ping')).status).toBe(401);
    tenant.settings.introspectionCache = 60;
    expect((await world.send('GET', '/openidm/info/ping')).status).toBe(200);
    tenant.clock.advance(61);
    expect((await world.send('GET', '/openidm/info/ping')).status).toBe(401);
  });

  it('are given to a client of the realm, and have rights only where the tenant maps them', async () => {
    await using world = await startTenant();
    const { tenant } = world;
    const ask = async (secret: string) => {
      const answer = await fetch(`${tenant.url}/am/oauth2/realms/root/realms/alpha/access_token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: tenant.client.id,
          client_secret: secret,
          scope: 'fr:idm:*',
        }),
      });
      return { status: answer.status, body: JSON.parse(await answer.text()) };
    };
    expect((await ask('wrong')).status).toBe(401);
    const { body } = await ask(tenant.client.secret);
    const read = () =>
      world.send('GET', '/openidm/info/ping', undefined, { authorization: `Bearer ${body.access_token}` });
    expect((await read()).status).toBe(200);
    tenant.settings.clientCredentialsMapped = false;
    expect(await read()).toMatchObject({ status: 403, body: { message: 'Access denied' } });
  });

  it('without the scope of the API are refused, and the own record is readable', async () => {
    await using world = await startTenant();
    const { tenant } = world;
    const token = tenant.issueToken(['fr:am:*']);
    expect(
      await world.send('GET', '/openidm/info/ping', undefined, { authorization: `Bearer ${token}` }),
    ).toMatchObject({ status: 403, body: { message: 'Access denied' } });
    expect((await world.send('GET', `/openidm/managed/svcacct/${tenant.serviceAccount.id}`)).status).toBe(
      200,
    );
    expect((await world.send('GET', `/openidm/managed/svcacct/${randomUUID()}`)).status).toBe(403);
    expect((await world.query('svcacct', 'true')).status).toBe(403);
  });
});
