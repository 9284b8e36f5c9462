import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startTenant, type TenantWorld } from '../identity-cloud.ts';

const USERS = '/openidm/managed/alpha_user';
const NEW = { userName: 'new', givenName: 'New', sn: 'Person', mail: 'new@acme.example' };
const create = (world: TenantWorld, body: object = NEW) =>
  world.send('POST', `${USERS}?_action=create`, body);
const requirements = (body: { readonly detail: { readonly failedPolicyRequirements: readonly object[] } }) =>
  body.detail.failedPolicyRequirements;

describe('writes to the simulated Identity Cloud', () => {
  it('create users with defaults, nulls for what is missing, a revision and an address', async () => {
    await using world = await startTenant();
    const { status, body, headers } = await create(world);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      accountStatus: 'active',
      city: null,
      aliasList: [],
      effectiveRoles: [],
      isMemberOf: null,
    });
    expect(body).not.toHaveProperty('roles');
    expect(body).not.toHaveProperty('password');
    expect(headers.etag).toBe(`"${body._rev}"`);
    expect(headers.location).toContain(`${USERS}/${body._id}`);
    world.tenant.settings.nullForMissing = false;
    expect((await world.send('GET', `${USERS}/${body._id}`)).body).not.toHaveProperty('city');
  });

  it('refuse an id that is taken with 412, by POST and by PUT, but not always in a cluster', async () => {
    await using world = await startTenant();
    const _id = randomUUID();
    const put = (userName: string) =>
      world.send('PUT', `${USERS}/${_id}`, { ...NEW, userName }, { 'if-none-match': '*' });
    expect((await put('one')).status).toBe(201);
    expect(await put('one')).toMatchObject({
      status: 412,
      body: { message: expect.stringContaining('Entry Already Exists') },
    });
    expect((await create(world, { ...NEW, userName: 'two', _id })).status).toBe(412);
    world.tenant.settings.ifNoneMatchHonoured = 0;
    expect((await put('one')).status).toBe(200);
    expect((await world.send('PUT', `${USERS}/${_id}`, NEW, { 'if-none-match': '"1"' })).status).toBe(400);
  });

  it('replace with PUT what they hold and drop the rest, or refuse it for users', async () => {
    await using world = await startTenant();
    const { body } = await create(world, { ...NEW, city: 'Bonn' });
    const put = () => world.send('PUT', `${USERS}/${body._id}`, NEW);
    expect((await put()).body.city).toBeNull();
    world.tenant.settings.putExistingUser = 'rdn400';
    expect(await put()).toMatchObject({ status: 400, body: { message: 'Not Allowed on RDN' } });
  });

  it('keep to the revision that the client has seen, and say when nothing has changed', async () => {
    await using world = await startTenant();
    const { body } = await create(world);
    const patch = (value: string, revision: string) =>
      world.send('PATCH', `${USERS}/${body._id}`, [{ operation: 'replace', field: '/sn', value }], {
        'if-match': revision,
      });
    const changed = await patch('Other', `"${body._rev}"`);
    expect(changed).toMatchObject({ status: 200, body: { sn: 'Other' } });
    expect(changed.headers['x-not-modified']).toBeUndefined();
    expect((await patch('Third', body._rev)).status).toBe(412);
    const same = await patch('Other', changed.body._rev);
    expect(same.headers['x-not-modified']).toBe('true');
    expect(same.body._rev).toBe(changed.body._rev);
  });

  it('patch with add, remove, replace, increment, copy and move, and refuse what the product refuses', async () => {
    await using world = await startTenant();
    const { body } = await create(world, { ...NEW, frIndexedInteger1: 1, aliasList: ['a', 'b', 'a'] });
    const patch = (...operations: object[]) => world.send('PATCH', `${USERS}/${body._id}`, operations);
    const done = await patch(
      { operation: 'increment', field: '/frIndexedInteger1', value: 2 },
      { operation: 'remove', field: '/aliasList', value: 'a' },
      { operation: 'add', field: '/aliasList/-', value: 'c' },
      { operation: 'copy', field: '/description', from: '/sn' },
      { operation: 'move', field: '/city', from: '/description' },
    );
    expect(done.body).toMatchObject({
      frIndexedInteger1: 3,
      aliasList: ['b', 'c'],
      city: 'Person',
      description: null,
    });
    expect((await patch({ operation: 'replace', field: '/city', value: null })).status).toBe(400);
    expect((await patch({ operation: 'transform', field: '/city' })).status).toBe(400);
    expect((await patch({ operation: 'replace', field: '/aliasList/0', value: 'x' })).status).toBe(400);
    expect((await world.send('PATCH', `${USERS}/${body._id}`, { operation: 'add' })).status).toBe(400);
    const object = await patch({ operation: 'add', field: '/aliasList', value: 'x' });
    expect(object.status).toBe(403);
    expect(requirements(object.body)).toEqual([
      {
        property: 'aliasList',
        policyRequirements: [{ policyRequirement: 'VALID_TYPE', params: expect.anything() }],
      },
    ]);
  });

  it.each([
    [{ ...NEW, mail: 'nobody' }, 'mail', 'VALID_EMAIL_ADDRESS_FORMAT'],
    [{ userName: 'x', givenName: 'x', mail: 'x@acme.example' }, 'sn', 'REQUIRED'],
    [{ ...NEW, userName: 'a/b' }, 'userName', 'CANNOT_CONTAIN_CHARACTERS'],
    [{ ...NEW, userName: 'ANN1@ACME.EXAMPLE' }, 'userName', 'UNIQUE'],
    [{ ...NEW, accountStatus: null }, 'accountStatus', 'NOT_NULL'],
    [{ ...NEW, city: 7 }, 'city', 'VALID_TYPE'],
  ])('answer a failed policy with 403 and its detail: %j', async (body, property, requirement) => {
    await using world = await startTenant();
    const answer = await create(world, body);
    expect(answer).toMatchObject({ status: 403, body: { message: 'Failed policy validation' } });
    expect(requirements(answer.body)).toMatchObject([
      { property, policyRequirements: [{ policyRequirement: requirement }] },
    ]);
  });

  it('let two users have one mail address, and answer a taken user name as the tenant likes', async () => {
    await using world = await startTenant({
      policyMessage: 'Policy validation failed',
      duplicateUserName: '403 VALID_USERNAME',
    });
    expect((await create(world, { ...NEW, mail: 'ann1@acme.example' })).status).toBe(201);
    const again = await create(world);
    expect(again.body.message).toBe('Policy validation failed');
    expect(requirements(again.body)).toMatchObject([
      { policyRequirements: [{ policyRequirement: 'VALID_USERNAME' }] },
    ]);
    world.tenant.settings.duplicateUserName = '412';
    expect((await create(world)).status).toBe(412);
  });

  it('refuse properties without the prefix of customers', async () => {
    await using world = await startTenant();
    expect((await create(world, { ...NEW, shoeSize: 43 })).status).toBe(400);
    expect((await create(world, { ...NEW, custom_shoeSize: 43 })).status).toBe(201);
  });

  it('name the directory entry of an unknown user, with entities of HTML if the tenant escapes', async () => {
    await using world = await startTenant();
    const read = async () => (await world.send('GET', `${USERS}/nobody`)).body.message;
    expect(await read()).toContain('&#39;fr-idm-uuid&#61;nobody');
    world.tenant.settings.messageHtmlEscaped = false;
    expect(await read()).toContain("'fr-idm-uuid=nobody");
    expect((await world.send('GET', '/openidm/managed/alpha_nothing/1')).body.message).toBe('Not Found');
    expect((await world.send('POST', `${USERS}?_action=unknown`, {})).status).toBe(501);
  });

  it('delete and answer with what was there, once', async () => {
    await using world = await startTenant();
    const { body } = await create(world);
    const remove = () => world.send('DELETE', `${USERS}/${body._id}`);
    expect(await remove()).toMatchObject({ status: 200, body: { mail: NEW.mail } });
    expect((await remove()).status).toBe(404);
  });

  it('wait for the mappings of the tenant, and fail with them without having changed anything', async () => {
    await using world = await startTenant({ implicitSync: { slowMs: 1, failShare: 1, failStatus: 409 } });
    expect((await create(world)).status).toBe(409);
    expect(world.tenant.objects('alpha_user')).toHaveLength(25);
    world.tenant.settings.implicitSync = { slowMs: 0, failShare: 1, failStatus: 500 };
    expect((await create(world)).status).toBe(500);
  });

  it('are seen by reads later, if a replica lags behind', async () => {
    await using world = await startTenant({ replicaLagMs: 5_000 });
    const { body } = await create(world);
    expect((await world.send('GET', `${USERS}/${body._id}`)).status).toBe(404);
    world.tenant.clock.advance(6);
    expect((await world.send('GET', `${USERS}/${body._id}`)).status).toBe(200);
  });

  it('meet rate limits with and without Retry-After, and a load balancer that answers with HTML', async () => {
    await using world = await startTenant({ rateLimitPerSecond: 1, rateLimitBurst: 1 });
    const ping = () => world.send('GET', '/openidm/info/ping');
    expect((await ping()).status).toBe(200);
    expect(await ping()).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    world.tenant.settings.rateLimitRetryAfter = null;
    expect((await ping()).headers['retry-after']).toBeUndefined();
    world.tenant.settings.frontErrors = 1;
    const answer = await fetch(`${world.tenant.url}/openidm/info/ping`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([502, 'text/html; charset=UTF-8']);
  });

  it('echo the transaction id of the client, and state the version as the tenant likes', async () => {
    await using world = await startTenant();
    const ping = () =>
      world.send('GET', '/openidm/info/ping', undefined, { 'x-forgerock-transactionid': 'mine' });
    expect((await ping()).headers).toMatchObject({
      'x-forgerock-transactionid': 'mine',
      'content-api-version': 'protocol=2.1,resource=1.0',
    });
    world.tenant.settings.versionHeaderOnAnswers = 'none';
    expect((await ping()).headers['content-api-version']).toBeUndefined();
  });
});
