import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';

const resource = z.looseObject({ id: z.string() });
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const CISCO = 'urn:scim:schemas:extension:cisco:webexidentity:2.0:User';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ users: 30, token: 'admin' });
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.close());

async function send(method: string, path: string, body?: object, token = 'admin') {
  const response = await fetch(`${sandbox.url}/identity/scim/${sandbox.org.uuid}/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, body: answer };
}

const patch = (path: string, ...Operations: object[]) =>
  send('PATCH', path, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations });

const ADA = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: 'ada@acme.example',
  userType: 'user',
};
const TEAM = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'Team' };

describe('a SCIM user', () => {
  it('is created with 201, found by the other API, and refused where the address is taken', async () => {
    const manager = sandbox.people[2];
    const created = await send('POST', '/Users', {
      ...ADA,
      name: { givenName: 'Ada', familyName: 'Lovelace' },
      roles: [{ value: 'id_device_admin', type: 'cirole' }],
      [ENTERPRISE]: { department: 'Analysis', manager: { value: manager?.uuid } },
    });
    expect(created).toMatchObject({
      status: 201,
      body: {
        userName: ADA.userName,
        displayName: 'Ada Lovelace',
        active: true,
        [CISCO]: { accountStatus: ['pending'] },
      },
    });
    expect(sandbox.person(ADA.userName)).toMatchObject({
      firstName: 'Ada',
      department: 'Analysis',
      managerId: manager?.id,
      roleNames: ['Device Administrator'],
      licenseIds: [],
    });
    expect((await send('POST', '/Users', ADA)).status).toBe(409);
  });

  it('is replaced as a whole: what the body lacks is unset, and licenses stay', async () => {
    const person = sandbox.people.find(
      ({ title, licenseIds }) => title !== undefined && licenseIds.length > 0,
    );
    const body = { ...ADA, userName: person?.email, displayName: 'Renamed', active: false };
    expect((await send('PUT', `/Users/${person?.uuid}`, body)).status).toBe(200);
    expect(sandbox.person(person?.id ?? '')).toMatchObject({
      displayName: 'Renamed',
      title: undefined,
      department: undefined,
      loginEnabled: false,
      licenseIds: person?.licenseIds,
    });
  });

  it('is patched by operations in their order, on attributes, their parts, entries of lists and extensions', async () => {
    const person = sandbox.people[5];
    const path = `/Users/${person?.uuid}`;
    const patched = await patch(
      path,
      { op: 'replace', path: 'title', value: 'First' },
      { op: 'Replace', path: 'TITLE', value: 'Countess' },
      { op: 'add', path: 'name.givenName', value: 'Ada' },
      { op: 'add', path: `${ENTERPRISE}:department`, value: 'Analysis' },
      { op: 'add', path: 'roles', value: [{ value: 'id_readonly_admin', type: 'cirole' }] },
      { op: 'replace', value: { displayName: 'Ada L.', nickName: 'Ada' } },
    );
    expect(patched.status).toBe(200);
    expect(sandbox.person(person?.id ?? '')).toMatchObject({
      title: 'Countess',
      firstName: 'Ada',
      lastName: person?.lastName,
      department: 'Analysis',
      displayName: 'Ada L.',
      nickName: 'Ada',
      roleNames: [...(person?.roleNames ?? []), 'Read-only Administrator'],
    });
    await patch(
      path,
      { op: 'remove', path: 'title' },
      { op: 'remove', path: 'roles[value eq "id_readonly_admin"]' },
    );
    expect(sandbox.person(person?.id ?? '')).toMatchObject({
      title: undefined,
      roleNames: person?.roleNames,
    });
  });

  it('gets another address to sign in with, and loses the old one', async () => {
    const person = sandbox.people[5];
    await patch(`/Users/${person?.uuid}`, {
      op: 'replace',
      path: 'userName',
      value: 'new.name@acme.example',
    });
    expect(sandbox.person('new.name@acme.example')?.uuid).toBe(person?.uuid);
    expect(sandbox.person(person?.email ?? '')).toBeUndefined();
  });

  it('stays as it is where one operation cannot be applied', async () => {
    const person = sandbox.people[5];
    const title = { op: 'replace', path: 'title', value: 'Lost' };
    for (const wrong of [
      { op: 'remove' },
      { op: 'move', path: 'title' },
      { op: 'replace', path: 'title[', value: 'x' },
      { op: 'replace', path: 'emails[value eq "nobody@acme.example"].value', value: 'x@acme.example' },
      { op: 'replace', path: 'emails[type eq "work"]', value: 'x@acme.example' },
      { op: 'replace', path: 'displayName', value: 'a\u2028b' },
      { op: 'add', path: 'roles', value: [{ value: 'id_nobody' }] },
    ]) {
      expect(await patch(`/Users/${person?.uuid}`, title, wrong)).toMatchObject({
        status: 400,
        body: { status: '400' },
      });
    }
    expect(sandbox.person(person?.id ?? '')).toEqual(person);
  });

  it('is deleted, and gone then; an account that may only read does neither', async () => {
    const path = `/Users/${sandbox.people[5]?.uuid}`;
    const reader = sandbox.issueToken({ person: sandbox.role('Read-only Administrator')?.holders[0] ?? '' });
    expect((await send('DELETE', path, undefined, reader)).status).toBe(403);
    expect((await send('POST', '/Users', ADA, reader)).status).toBe(403);
    expect((await send('DELETE', path)).status).toBe(204);
    expect((await send('DELETE', path)).status).toBe(404);
  });

  it('has an account status that is a list, or a text when told to', async () => {
    const path = `/Users/${sandbox.people[0]?.uuid}`;
    expect((await send('GET', path)).body).toMatchObject({ [CISCO]: { accountStatus: ['active'] } });
    sandbox.settings.scimAccountStatus = 'text';
    expect((await send('GET', path)).body).toMatchObject({ [CISCO]: { accountStatus: 'active' } });
  });
});

describe('a SCIM group', () => {
  const uuids = () => sandbox.people.slice(0, 4).map(({ uuid }) => uuid);

  it('is created, replaced and deleted, with members by their bare UUIDs', async () => {
    const [one, two, three] = uuids();
    const created = await send('POST', '/Groups', { ...TEAM, members: [{ value: one }, { value: two }] });
    expect(created.status).toBe(201);
    const path = `/Groups/${resource.parse(created.body).id}`;
    expect(sandbox.group('Team')?.memberIds).toHaveLength(2);
    expect((await send('POST', '/Groups', TEAM)).status).toBe(409);
    expect(
      await send('PUT', path, { ...TEAM, displayName: 'Squad', members: [{ value: three }] }),
    ).toMatchObject({
      status: 200,
      body: { displayName: 'Squad', members: [{ value: three }] },
    });
    expect(sandbox.group('Squad')?.memberIds).toEqual([sandbox.people[2]?.id]);
    expect((await send('DELETE', path)).status).toBe(204);
    expect((await send('GET', path)).status).toBe(404);
  });

  it('is patched: members come and go one by one, and the name changes', async () => {
    const [one, two, three] = uuids();
    const { body } = await send('POST', '/Groups', { ...TEAM, members: [{ value: one }, { value: two }] });
    const path = `/Groups/${resource.parse(body).id}`;
    await patch(
      path,
      { op: 'add', path: 'members', value: [{ value: two }, { value: three }] },
      { op: 'remove', path: `members[value eq "${one}"]` },
      { op: 'replace', path: 'displayName', value: 'Squad' },
    );
    expect(sandbox.group('Squad')?.memberIds).toEqual([sandbox.people[1]?.id, sandbox.people[2]?.id]);
    const unknown = {
      op: 'add',
      path: 'members',
      value: [{ value: '00000000-0000-4000-8000-000000000000' }],
    };
    expect((await patch(path, unknown)).status).toBe(400);
    expect(await send('GET', `${path}/Members?count=1`)).toMatchObject({
      body: { memberSize: 2, itemsPerPage: 1, members: [{ value: two, type: 'user' }] },
    });
  });

  it('is found in a list by name, with its members where they are asked for', async () => {
    const sales = sandbox.group('Sales');
    const filter = encodeURIComponent('displayName eq "sales"');
    expect(await send('GET', `/Groups?filter=${filter}&includeMembers=True`)).toMatchObject({
      body: { totalResults: 1, Resources: [{ id: sales?.uuid, members: expect.any(Array) }] },
    });
    const { body } = await send('GET', '/Groups?sortBy=displayName&count=3');
    expect(body).toMatchObject({ totalResults: sandbox.groups.length + 1, itemsPerPage: 3 });
    expect((await send('GET', `/Groups/${sales?.uuid}?excludedAttributes=members`)).body).not.toHaveProperty(
      'members',
    );
    expect((await send('GET', '/Groups?filter=usage%20eq%20%22x%22')).status).toBe(400);
  });

  it('of everybody is shown, and cannot be changed', async () => {
    const filter = encodeURIComponent('displayName eq "All Org Users"');
    const { body } = await send('GET', `/Groups?filter=${filter}`);
    const [everybody] = z.object({ Resources: z.array(resource) }).parse(body).Resources;
    const path = `/Groups/${everybody?.id}`;
    expect(await send('GET', `${path}/Members`)).toMatchObject({
      body: { memberSize: sandbox.people.length },
    });
    expect((await send('PUT', path, TEAM)).status).toBe(403);
    expect((await send('DELETE', path)).status).toBe(403);
  });
});
