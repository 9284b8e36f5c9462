import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';

const page = z.object({
  totalResults: z.number(),
  itemsPerPage: z.number(),
  startIndex: z.number(),
  Resources: z.array(
    z.looseObject({
      id: z.string(),
      userName: z.string(),
      groups: z.array(z.object({ value: z.string(), display: z.string() })).optional(),
    }),
  ),
});

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ users: 250, token: 'admin' });
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.close());

async function ask(query: Record<string, string>, token = 'admin', orgId = sandbox.org.uuid) {
  const address = `${sandbox.url}/identity/scim/${orgId}/v2/Users?${new URLSearchParams(query)}`;
  const response = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: await response.json() };
}

async function search(query: Record<string, string>) {
  return page.parse((await ask(query)).body);
}

describe('the SCIM search', () => {
  it('tells the groups of a person in one request, the group of everybody among them', async () => {
    const person = sandbox.people.find((each) => each.groupNames.length > 2);
    const { Resources } = await search({ filter: `id eq "${person?.uuid}"`, returnGroups: 'true' });
    const names = Resources[0]?.groups?.map((group) => group.display);
    expect(names).toEqual([...(person?.groupNames ?? []), 'All Org Users']);
  });

  it('uses bare UUIDs that are inside the public ids', async () => {
    const group = sandbox.group('All Employees');
    const { Resources } = await search({
      filter: `id eq "${sandbox.people[0]?.uuid}"`,
      returnGroups: 'true',
    });
    expect(Buffer.from(sandbox.people[0]?.id ?? '', 'base64').toString()).toContain(Resources[0]?.id);
    expect(Resources[0]?.groups?.map((each) => each.value)).toContain(group?.uuid);
  });

  it('leaves groups out unless asked for', async () => {
    expect((await search({ count: '1' })).Resources[0]).not.toHaveProperty('groups');
  });

  it('joins terms by or', async () => {
    const some = sandbox.people.slice(4, 24);
    const filter = some.map((person) => `id Eq "${person.uuid}"`).join(' or ');
    const { totalResults, Resources } = await search({ filter });
    expect(totalResults).toBe(20);
    expect(Resources.map((user) => user.id)).toEqual(some.map((person) => person.uuid));
  });

  it('compares names by eq, sw and ew, and refuses co', async () => {
    const person = sandbox.people[7];
    expect((await search({ filter: `userName eq "${person?.email}"` })).totalResults).toBe(1);
    const begin = person?.displayName.slice(0, 3).toUpperCase() ?? '';
    const { Resources } = await search({ filter: `displayName sw "${begin}"` });
    expect(Resources.map((user) => user.id)).toContain(person?.uuid);
    expect((await ask({ filter: 'displayName co "a"' })).status).toBe(400);
  });

  it('refuses attributes that users do not have with 400, such as constructor', async () => {
    for (const query of [{ filter: 'constructor eq "a"' }, { sortBy: 'constructor' }])
      expect((await ask(query)).status).toBe(400);
  });

  it('pages by start index and shrinks pages without a word', async () => {
    sandbox.settings.scimPageCeiling = 40;
    const { totalResults, itemsPerPage, startIndex, Resources } = await search({
      startIndex: '241',
      count: '500',
    });
    expect({ totalResults, itemsPerPage, startIndex }).toEqual({
      totalResults: 250,
      itemsPerPage: 10,
      startIndex: 241,
    });
    expect(Resources.at(-1)?.id).toBe(sandbox.people.at(-1)?.uuid);
    expect((await search({ count: '500' })).itemsPerPage).toBe(40);
  });

  it('sorts by user name in either direction', async () => {
    const { Resources } = await search({ sortBy: 'userName', sortOrder: 'descending', count: '250' });
    const names = Resources.map((user) => user.userName);
    expect(names).toEqual(names.toSorted().reverse());
  });

  it('takes the scope identity:people_read, and refuses spark-admin scopes', async () => {
    const refused = await ask({}, sandbox.issueToken({ scopes: ['spark-admin:people_read'] }));
    expect(refused).toMatchObject({ status: 403, body: { status: '403' } });
    expect((await ask({}, sandbox.issueToken({ scopes: ['identity:people_read'] }))).status).toBe(200);
  });

  it('takes the UUID of the organization, not its public id, by default', async () => {
    expect((await ask({}, 'admin', sandbox.org.id)).status).toBe(404);
    sandbox.settings.scimTakesPublicOrgId = true;
    expect((await ask({}, 'admin', sandbox.org.id)).status).toBe(200);
  });

  it('lives outside of /v1', async () => {
    const address = `${sandbox.serviceUri}/identity/scim/${sandbox.org.uuid}/v2/Users`;
    expect((await fetch(address, { headers: { authorization: 'Bearer admin' } })).status).toBe(404);
  });

  it('knows me', async () => {
    const response = await fetch(`${sandbox.url}/identity/scim/v2/Users/me`, {
      headers: { authorization: 'Bearer admin' },
    });
    expect(await response.json()).toMatchObject({ userName: sandbox.adminEmail });
  });
});
