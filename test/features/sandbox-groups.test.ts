import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';

const group = z.looseObject({
  id: z.string(),
  displayName: z.string(),
  memberSize: z.number(),
  members: z.array(z.object({ id: z.string(), type: z.literal('user'), displayName: z.string() })).optional(),
});
const groupPage = z.object({ totalResults: z.number(), groups: z.array(group) });

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ users: 1_000, token: 'admin' });
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.close());

async function send(method: string, path: string, body?: object) {
  const response = await fetch(path.startsWith('http') ? path : `${sandbox.serviceUri}${path}`, {
    method,
    headers: { authorization: 'Bearer admin', 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: unknown = text === '' ? undefined : JSON.parse(text);
  const next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  return { status: response.status, body: answer, next };
}

function filtered(filter: string): string {
  return `/groups?filter=${encodeURIComponent(filter)}`;
}

describe('groups', () => {
  it('are listed under the key groups, in pages that links lead through', async () => {
    const first = await send('GET', '/groups?count=3');
    const second = await send('GET', first.next ?? '');
    const names = [first, second].flatMap(({ body }) =>
      groupPage.parse(body).groups.map((each) => each.displayName),
    );
    expect(names).toEqual(sandbox.groups.slice(0, 6).map((each) => each.displayName));
  });

  it('number at least 24 of 20 members or more at the default size', async () => {
    await using small = await startSandbox();
    expect(small.groups.filter((each) => each.memberIds.length >= 20).length).toBeGreaterThanOrEqual(24);
  });

  it('can be found by the name or its beginning, and by nothing else', async () => {
    const found = groupPage.parse((await send('GET', filtered('displayName eq "all employees"'))).body);
    expect(found.groups.map((each) => each.displayName)).toEqual(['All Employees']);
    const offices = groupPage.parse((await send('GET', filtered('displayName sw "Office "'))).body);
    expect(offices.totalResults).toBe(4);
    expect((await send('GET', filtered('displayName co "e"'))).status).toBe(400);
  });

  it('hide the group of everybody, which only SCIM shows', async () => {
    const found = groupPage.parse((await send('GET', filtered('displayName eq "All Org Users"'))).body);
    expect(found.groups).toEqual([]);
  });

  it('show 500 members inline at most; memberSize tells the truth', async () => {
    const { body } = await send('GET', '/groups?includeMembers=true&count=2');
    const [all] = groupPage.parse(body).groups;
    expect(all?.members).toHaveLength(500);
    expect(all?.memberSize).toBe(sandbox.group('All Employees')?.memberIds.length);
  });

  it('can share those 500 between all groups of an answer', async () => {
    sandbox.settings.membersCeilingPer = 'response';
    const { groups } = groupPage.parse((await send('GET', '/groups?includeMembers=true')).body);
    expect(groups.flatMap((each) => each.members ?? [])).toHaveLength(500);
  });

  it.each(['members', 'Members'])('page their members under /%s', async (word) => {
    const { id, memberIds = [] } = sandbox.group('All Employees') ?? { id: '' };
    const first = await send('GET', `/groups/${id}/${word}`);
    const second = await send('GET', first.next ?? '');
    const members = [first, second].flatMap(({ body }) => group.parse(body).members ?? []);
    expect(members.map((member) => member.id)).toEqual(memberIds);
    expect(second.next).toBeUndefined();
  });

  it('can repeat groups from page to page, as the paging of Webex is known to do', async () => {
    sandbox.settings.groupsPageOverlap = 1;
    const first = groupPage.parse((await send('GET', '/groups?count=3')).body);
    const second = groupPage.parse((await send('GET', '/groups?count=3&startIndex=4')).body);
    expect(second.groups[0]?.id).toBe(first.groups[2]?.id);
  });
});

describe('changing groups', () => {
  async function create(members: readonly string[] = []) {
    const body = { displayName: 'Analysts', members: members.map((id) => ({ id })) };
    return group.parse((await send('POST', '/groups', body)).body);
  }

  it('creates with 201, and refuses a second group of the name with 409', async () => {
    const body = { displayName: 'Analysts' };
    expect(await send('POST', '/groups', body)).toMatchObject({
      status: 201,
      body: { ...body, memberSize: 0 },
    });
    expect((await send('POST', '/groups', body)).status).toBe(409);
  });

  it('takes 500 members at once and no more', async () => {
    const ids = sandbox.people.map((person) => ({ id: person.id }));
    expect((await send('POST', '/groups', { displayName: 'A', members: ids.slice(0, 501) })).status).toBe(
      400,
    );
    expect((await send('POST', '/groups', { displayName: 'A', members: ids.slice(0, 500) })).status).toBe(
      201,
    );
  });

  it('adds and deletes members in one call, and leaves the others', async () => {
    const [one, two, three] = sandbox.people.map((person) => person.id);
    const { id } = await create([one ?? '', two ?? '']);
    const members = [{ id: one, operation: 'delete' }, { id: three }];
    const answer = await send('PATCH', `/groups/${id}`, { members });
    expect(group.parse(answer.body).members?.map((member) => member.id)).toEqual([two, three]);
  });

  it('says delete, not remove', async () => {
    const [one] = sandbox.people.map((person) => person.id);
    const { id } = await create([one ?? '']);
    expect(
      (await send('PATCH', `/groups/${id}`, { members: [{ id: one, operation: 'remove' }] })).status,
    ).toBe(400);
  });

  it('takes repetition for success by default', async () => {
    const [one] = sandbox.people.map((person) => person.id);
    const { id } = await create([one ?? '']);
    expect((await send('PATCH', `/groups/${id}`, { members: [{ id: one }] })).status).toBe(200);
    sandbox.settings.repeatedMembershipStatus = 409;
    expect((await send('PATCH', `/groups/${id}`, { members: [{ id: one }] })).status).toBe(409);
  });

  it('refuses members who do not exist', async () => {
    const unknown = Buffer.from(`ciscospark://us/PEOPLE/${crypto.randomUUID()}`)
      .toString('base64')
      .replace(/=+$/, '');
    const { id } = await create();
    expect((await send('PATCH', `/groups/${id}`, { members: [{ id: unknown }] })).status).toBe(400);
    sandbox.settings.unknownMemberStatus = 404;
    expect((await send('PATCH', `/groups/${id}`, { members: [{ id: unknown }] })).status).toBe(404);
  });

  it('deletes with 204', async () => {
    const { id } = await create();
    expect((await send('DELETE', `/groups/${id}`)).status).toBe(204);
    expect((await send('GET', `/groups/${id}`)).status).toBe(404);
  });
});
