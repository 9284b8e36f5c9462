import { describe, expect, it } from 'vitest';
import { startTenant, type TenantBody, type TenantWorld } from '../identity-cloud.ts';

const USERS = '/openidm/managed/alpha_user';
const ROLES = '/openidm/managed/alpha_role';

async function some(world: TenantWorld) {
  const { body } = await world.query('alpha_user', 'userName eq "ann1@acme.example"');
  const [user] = body.result;
  const role = (await world.send('POST', `${ROLES}?_action=create`, { name: 'Testers' })).body;
  if (user === undefined) throw new Error('The tenant has no such user.');
  return { user, role, path: `${USERS}/${user._id}` };
}

const referenceTo = (role: TenantBody) => ({ _ref: `managed/alpha_role/${role._id}` });

describe('relationships of the simulated Identity Cloud', () => {
  it('are shown only when they are selected: as references, with members, or all of them', async () => {
    await using world = await startTenant();
    const { path } = await some(world);
    const read = async (fields: string) => (await world.send('GET', `${path}?_fields=${fields}`)).body;
    expect(await read('*')).not.toHaveProperty('roles');
    expect(await read('roles')).toMatchObject({
      roles: expect.arrayContaining([
        expect.objectContaining({
          _refResourceCollection: 'managed/alpha_role',
          _refProperties: expect.objectContaining({ _grantType: '' }),
        }),
      ]),
    });
    expect(await read('manager/userName,manager/mail')).toMatchObject({
      manager: {
        userName: 'ann0@acme.example',
        mail: 'ann0@acme.example',
        _refResourceRev: expect.any(String),
      },
    });
    expect(await read('*_ref')).toMatchObject({ groups: [{ _refResourceId: 'Everybody' }], reports: [] });
    const head = (await world.query('alpha_user', 'userName eq "ann0@acme.example"', { _fields: 'manager' }))
      .body.result[0];
    expect(head?.manager).toBeNull();
  });

  it('are added, found by both sides, and removed by the id of the edge', async () => {
    await using world = await startTenant();
    const { user, role, path } = await some(world);
    const members = `${ROLES}/${role._id}/members`;
    const added = await world.send('POST', `${path}/roles?_action=create`, referenceTo(role));
    expect(added.status).toBe(201);
    const { body } = await world.send('GET', `${members}?_queryFilter=true&_fields=mail`);
    expect(body.result).toMatchObject([
      { _refResourceId: user._id, mail: 'ann1@acme.example', _id: added.body._id },
    ]);
    expect((await world.send('DELETE', `${path}/roles/${added.body._id}`)).status).toBe(200);
    expect((await world.send('GET', `${members}?_queryFilter=true`)).body.result).toEqual([]);
    expect((await world.send('DELETE', `${path}/roles/${added.body._id}`)).status).toBe(404);
    expect((await world.send('GET', `${path}/nothing?_queryFilter=true`)).status).toBe(404);
  });

  it('that are there already are taken in silence or refused, by the setting', async () => {
    await using world = await startTenant();
    const { role, path } = await some(world);
    const add = () => world.send('POST', `${path}/roles?_action=create`, referenceTo(role));
    expect((await add()).status).toBe(201);
    expect((await add()).status).toBe(201);
    world.tenant.settings.addExistingRelationship = '412';
    expect((await add()).status).toBe(412);
  });

  it('are patched with add, replace and remove of the whole reference', async () => {
    await using world = await startTenant();
    const { role, path } = await some(world);
    const patch = (operation: string, field: string, value?: unknown) =>
      world.send('PATCH', path, [{ operation, field, ...(value === undefined ? {} : { value }) }]);
    const roles = async () => {
      const { body } = await world.send('GET', `${path}?_fields=roles`);
      return Array.isArray(body.roles) ? body.roles : [];
    };
    const before = (await roles()).length;
    expect((await patch('add', '/roles', referenceTo(role))).status).toBe(403);
    expect((await patch('add', '/roles/-', referenceTo(role))).status).toBe(200);
    expect(await roles()).toHaveLength(before + 1);
    expect((await patch('remove', '/roles')).status).toBe(400);
    expect((await patch('remove', '/roles', (await roles()).at(-1))).status).toBe(200);
    expect(await roles()).toHaveLength(before);
    expect((await patch('replace', '/roles', [referenceTo(role)])).status).toBe(200);
    expect(await roles()).toHaveLength(1);
    expect((await patch('add', '/roles/-', { _ref: 'managed/alpha_role/nothing' })).status).toBe(404);
    expect((await patch('add', '/roles/-', { _ref: 'managed/alpha_group/Everybody' })).status).toBe(400);
  });

  it('make computed arrays, at once or later', async () => {
    await using world = await startTenant({ effectiveLagMs: 10_000 });
    world.tenant.clock.advance(11);
    const { role, path } = await some(world);
    const effective = async () => JSON.stringify((await world.send('GET', path)).body.effectiveRoles);
    await world.send('POST', `${path}/roles?_action=create`, referenceTo(role));
    expect(await effective()).not.toContain(role._id);
    world.tenant.clock.advance(11);
    expect(await effective()).toContain(role._id);
  });

  it('keep a role from being deleted while it is granted, unless the tenant allows it', async () => {
    await using world = await startTenant();
    const { role, path } = await some(world);
    await world.send('POST', `${path}/roles?_action=create`, referenceTo(role));
    expect((await world.send('DELETE', `${ROLES}/${role._id}`)).status).toBe(409);
    world.tenant.settings.deleteRoleWithMembers = 'allowed';
    expect((await world.send('DELETE', `${ROLES}/${role._id}`)).status).toBe(200);
    expect((await world.send('GET', `${path}?_fields=roles`)).body.roles).not.toEqual(
      expect.arrayContaining([expect.objectContaining({ _refResourceId: role._id })]),
    );
  });

  it('move the date of a user only if the tenant is like that', async () => {
    await using world = await startTenant();
    const { role, path } = await some(world);
    const date = async () =>
      JSON.stringify((await world.send('GET', `${path}?_fields=_meta/lastChanged`)).body._meta);
    const before = await date();
    world.tenant.clock.advance(5);
    const { body } = await world.send('POST', `${path}/roles?_action=create`, referenceTo(role));
    expect(await date()).toBe(before);
    world.tenant.settings.relationshipChangesTouchMeta = true;
    await world.send('DELETE', `${path}/roles/${body._id}`);
    expect(await date()).not.toBe(before);
  });
});

describe('the side table of dates', () => {
  it('has a row for each user, which does not name them unless the tenant does', async () => {
    await using world = await startTenant();
    const rows = async (parameters: Record<string, string> = {}) =>
      (await world.query('alpha_usermeta', 'true', { _pageSize: '1', ...parameters })).body.result[0];
    expect(await rows()).toEqual({
      _id: expect.any(String),
      _rev: expect.any(String),
      createDate: expect.stringMatching(/\.\d{9}Z$/),
      lastChanged: { date: expect.stringMatching(/\.\d{9}Z$/) },
    });
    Object.assign(world.tenant.settings, { dateDecimals: 3, metaRowNamesUser: true });
    expect(await rows()).toMatchObject({
      createDate: expect.stringMatching(/\.\d{3}Z$/),
      target: { _refResourceId: expect.any(String) },
    });
  });

  it('shows what has changed since a moment, and nothing of deletions or of other types', async () => {
    await using world = await startTenant();
    const { user } = await some(world);
    world.tenant.clock.advance(60);
    // The directory compares texts, so a moment is given to the second.
    const since = new Date(world.tenant.clock.now()).toISOString().slice(0, 19);
    world.tenant.change('alpha_user', user._id, { city: 'Bonn' });
    world.tenant.delete('alpha_user', String(world.tenant.objects('alpha_user').at(-1)?._id));
    const changed = await world.query('alpha_usermeta', `lastChanged/date ge "${since}"`, {
      _sortKeys: 'lastChanged/date',
    });
    expect(changed.body.result).toHaveLength(1);
    expect((await world.query('alpha_rolemeta', 'true')).status).toBe(404);
  });
});

describe('what a tenant says about itself', () => {
  it('shows its types, mappings, and whether it has groups', async () => {
    await using world = await startTenant();
    const schema = async (type: string) => (await world.send('GET', `/openidm/schema/managed/${type}`)).body;
    expect(await schema('alpha_user')).toMatchObject({
      required: ['userName', 'givenName', 'sn', 'mail'],
      properties: { manager: { type: 'relationship' }, roles: { type: 'array' }, mail: { type: 'string' } },
    });
    const managed = (await world.send('GET', '/openidm/config/managed')).body.objects;
    expect(managed).toHaveLength(12);
    expect((await world.query('alpha_group', 'true')).body.result).toHaveLength(1);
    expect((await world.send('GET', '/openidm/config/sync')).body.mappings).toHaveLength(1);
    expect((await world.send('GET', '/openidm/sync/mappings?_queryFilter=true')).body.result).toHaveLength(1);
    world.tenant.settings.groupsFeature = false;
    expect((await world.query('alpha_group', 'true')).status).toBe(404);
    expect((await world.send('GET', '/openidm/feature/groups')).body.installedVersion).toBeNull();
  });

  it('spells the status of accounts as tenants do', async () => {
    await using world = await startTenant({ accountStatusCase: 'nulls' });
    const statuses = async () =>
      new Set(
        (await world.query('alpha_user', 'true', { _fields: 'accountStatus' })).body.result.map(
          (each) => each.accountStatus,
        ),
      );
    expect(await statuses()).toEqual(new Set([null]));
    world.tenant.settings.accountStatusCase = 'mixed';
    expect([...(await statuses())].every((status) => String(status).toLowerCase() === 'active')).toBe(true);
    expect((await statuses()).size).toBe(2);
  });

  it('runs reconciliations that end after a while', async () => {
    await using world = await startTenant();
    const start = (mapping: string) => world.send('POST', `/openidm/recon?_action=recon&mapping=${mapping}`);
    expect((await start('unknown')).status).toBe(404);
    const { body } = await start('managedAlpha_user_systemWebexUser');
    const read = async () => (await world.send('GET', `/openidm/recon/${body._id}`)).body;
    expect(await read()).toMatchObject({
      state: 'ACTIVE',
      progress: { source: { existing: { total: '?' } } },
    });
    world.tenant.clock.advance(1);
    expect(await read()).toMatchObject({
      state: 'SUCCESS',
      progress: { source: { existing: { total: '25' } } },
    });
    expect((await world.send('POST', '/openidm/recon?_action=other')).status).toBe(501);
  });
});
