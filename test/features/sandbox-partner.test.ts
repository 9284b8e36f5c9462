import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';

const withItems = z.object({ items: z.array(z.looseObject({ id: z.string() })) });

let sandbox: Sandbox;
let token: string;
beforeAll(async () => {
  sandbox = await startSandbox({ users: 40, partner: { users: 12 } });
});
beforeEach(() => {
  sandbox.reset();
  token = sandbox.issueToken({ person: sandbox.partner.adminEmail });
});
afterAll(() => sandbox.close());

async function send(method: string, path: string, body?: object, as = token) {
  const address = path.startsWith('/identity') ? sandbox.url + path : sandbox.serviceUri + path;
  const response = await fetch(address, {
    method,
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, body: answer };
}

async function idsAt(path: string, as = token) {
  return withItems.parse((await send('GET', path, undefined, as)).body).items.map(({ id }) => id);
}

const idsOf = (records: readonly { readonly id: string }[]) => records.map(({ id }) => id);
const ada = { emails: ['ada@any.example'], displayName: 'Ada' };

describe('a partner’s administrator', () => {
  it('sees both organizations; other administrators see one', async () => {
    expect(await idsAt('/organizations')).toEqual([sandbox.partner.org.id, sandbox.org.id]);
    expect(await idsAt('/organizations', sandbox.issueToken())).toEqual([sandbox.org.id]);
    const [, , other] = sandbox.partner.people;
    expect(await idsAt('/organizations', sandbox.issueToken({ person: other?.email ?? '' }))).toEqual([
      sandbox.partner.org.id,
    ]);
  });

  it('lists people, groups and licenses of the organization that orgId names, of their own without it', async () => {
    expect(await idsAt('/people')).toEqual(idsOf(sandbox.partner.people));
    expect(await idsAt(`/people?orgId=${sandbox.org.id}`)).toEqual(idsOf(sandbox.people));
    expect(await idsAt('/licenses')).toEqual(idsOf(sandbox.partner.licenses));
    expect(await idsAt(`/licenses?orgId=${sandbox.org.id}`)).toEqual(idsOf(sandbox.licenses));
    const { body } = await send('GET', `/groups?orgId=${sandbox.org.id}`);
    expect(body).toMatchObject({ totalResults: sandbox.groups.length });
  });

  it('creates people and groups in the organization of the body, in their own without one', async () => {
    expect(await send('POST', '/people', { ...ada, orgId: sandbox.org.id })).toMatchObject({
      body: { orgId: sandbox.org.id },
    });
    expect(sandbox.person(ada.emails[0] ?? '')).toBeDefined();
    await send('POST', '/people', { emails: ['own@any.example'], displayName: 'Own' });
    expect(sandbox.partner.person('own@any.example')).toBeDefined();
    await send('POST', '/groups', { displayName: 'There', orgId: sandbox.org.id });
    await send('POST', '/groups', { displayName: 'Here' });
    expect(sandbox.group('There')).toBeDefined();
    expect(sandbox.partner.group('Here')).toBeDefined();
    expect(sandbox.partner.group('There')).toBeUndefined();
  });

  it('gives licenses within the organization of the body only', async () => {
    const [license] = sandbox.licenses;
    const personId = sandbox.people[9]?.id;
    const change = { personId, licenses: [{ id: license?.id }] };
    expect((await send('PATCH', '/licenses/users', change)).status).toBe(404);
    expect(await send('PATCH', '/licenses/users', { ...change, orgId: sandbox.org.id })).toMatchObject({
      status: 200,
      body: { orgId: sandbox.org.id, licenses: expect.arrayContaining([license?.id]) },
    });
  });

  it('reads, changes and deletes by an id, which names the organization', async () => {
    const [, person] = sandbox.people;
    const [group] = sandbox.groups;
    expect(await send('GET', `/people/${person?.id}`)).toMatchObject({ body: { orgId: sandbox.org.id } });
    await send('PUT', `/people/${person?.id}`, { displayName: 'Renamed' });
    expect(sandbox.person(person?.id ?? '')).toMatchObject({ displayName: 'Renamed' });
    await send('PATCH', `/groups/${group?.id}`, { displayName: 'Renamed' });
    expect(sandbox.group('Renamed')).toBeDefined();
    expect((await send('DELETE', `/people/${person?.id}`)).status).toBe(204);
    expect(sandbox.person(person?.id ?? '')).toBeUndefined();
  });

  it('uses SCIM of either organization, which the path names', async () => {
    for (const { org, people } of [sandbox, sandbox.partner]) {
      const { body } = await send('GET', `/identity/scim/${org.uuid}/v2/Users`);
      expect(body).toMatchObject({ totalResults: people.length });
    }
  });

  it('finds people of both by their address if no organization is named, by default', async () => {
    const path = `/people?email=${sandbox.people[3]?.email}`;
    expect(await idsAt(path)).toEqual([sandbox.people[3]?.id]);
    expect(await idsAt(`${path}&orgId=${sandbox.partner.org.id}`)).toEqual([]);
    sandbox.settings.emailFindsManaged = false;
    expect(await idsAt(path)).toEqual([]);
  });
});

describe('organizations of one Webex', () => {
  it('are closed to administrators who do not manage them', async () => {
    const own = sandbox.issueToken();
    const { partner } = sandbox;
    expect((await send('GET', `/people?orgId=${partner.org.id}`, undefined, own)).status).toBe(403);
    expect((await send('POST', '/people', { ...ada, orgId: partner.org.id }, own)).status).toBe(403);
    expect((await send('POST', '/groups', { displayName: 'X', orgId: 'nonsense' }, token)).status).toBe(403);
    expect((await send('GET', `/people/${partner.people[0]?.id}`, undefined, own)).status).toBe(404);
    expect((await send('GET', `/identity/scim/${partner.org.uuid}/v2/Users`, undefined, own)).status).toBe(
      404,
    );
  });

  it('have the same roles, and no address twice, by default', async () => {
    expect(idsOf(sandbox.partner.roles)).toEqual(idsOf(sandbox.roles));
    expect(sandbox.partner.role('Full Administrator')?.holders).not.toEqual(
      sandbox.role('Full Administrator')?.holders,
    );
    const taken = { emails: [sandbox.people[4]?.email], displayName: 'Again' };
    expect((await send('POST', '/people', taken)).status).toBe(409);
    sandbox.settings.addressesUniqueIn = 'organization';
    expect((await send('POST', '/people', taken)).status).toBe(200);
  });

  it('are one without the option', async () => {
    await using alone = await startSandbox({ users: 3 });
    expect(() => alone.partner.people).toThrow('without a partner');
  });
});
