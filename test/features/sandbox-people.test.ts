import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';

const peoplePage = z.object({
  items: z.array(z.looseObject({ id: z.string(), emails: z.array(z.string()) })),
  notFoundIds: z.array(z.string()).optional(),
});

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ users: 250, token: 'admin' });
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.close());

async function ask(path: string, token = 'admin') {
  const address = path.startsWith('http') ? path : `${sandbox.serviceUri}${path}`;
  const response = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
  const next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  return { status: response.status, body: await response.json(), headers: response.headers, next };
}

async function people(path: string, token?: string) {
  return peoplePage.parse((await ask(path, token)).body);
}

describe('people by id', () => {
  it('come without licenses, roles and presence, unlike single people', async () => {
    const { id } = sandbox.people[0] ?? { id: '' };
    const [listed] = (await people(`/people?id=${id}`)).items;
    for (const field of ['licenses', 'roles', 'department', 'status', 'lastActivity', 'invitePending']) {
      expect(listed).not.toHaveProperty(field);
    }
    expect(listed).toHaveProperty('userName');
    expect((await ask(`/people/${id}`)).body).toMatchObject({
      licenses: expect.any(Array),
      roles: [expect.any(String)],
    });
  });

  it('are 85 at most', async () => {
    const ids = sandbox.people.map((person) => person.id);
    expect((await people(`/people?id=${ids.slice(0, 85)}`)).items).toHaveLength(85);
    expect((await ask(`/people?id=${ids.slice(0, 86)}`)).status).toBe(400);
  });

  it('are named in notFoundIds when unknown or malformed', async () => {
    const { id } = sandbox.people[3] ?? { id: '' };
    const answer = await people(`/people?id=nonsense,${id}`);
    expect(answer.items.map((item) => item.id)).toEqual([id]);
    expect(answer.notFoundIds).toEqual(['nonsense']);
    sandbox.settings.malformedIds = 'refuse';
    expect((await ask(`/people?id=nonsense,${id}`)).status).toBe(400);
  });

  it('may be a bare UUID for a single person', async () => {
    const { id, uuid } = sandbox.people[3] ?? { id: '', uuid: '' };
    expect((await ask(`/people/${uuid}`)).body).toMatchObject({ id });
  });

  it('are 400 when malformed and 404 when unknown', async () => {
    const unknown = Buffer.from(`ciscospark://us/PEOPLE/${crypto.randomUUID()}`)
      .toString('base64')
      .replace(/=+$/, '');
    expect((await ask('/people/nonsense')).status).toBe(400);
    expect((await ask(`/people/${unknown}`)).status).toBe(404);
  });
});

describe('a list of people', () => {
  it('is led on by absolute links with a valueless before and an opaque cursor', async () => {
    const { next } = await ask('/people?displayName=a&max=2');
    expect(next).toMatch(
      new RegExp(`^${sandbox.serviceUri}/people\\?displayName=a&max=2&before&after=[\\w-]+$`),
    );
  });

  it('shows everybody once, page by page', async () => {
    const seen: string[] = [];
    for (let address: string | undefined = '/people?max=60'; address !== undefined; ) {
      const answer: Awaited<ReturnType<typeof ask>> = await ask(address);
      seen.push(...peoplePage.parse(answer.body).items.map((item) => item.id));
      address = answer.next;
    }
    expect(seen).toEqual(sandbox.people.map((person) => person.id));
  });

  it('goes on without a gap if the user on the border is deleted', async () => {
    const [, border, after] = sandbox.people;
    const { next = '' } = await ask('/people?max=2');
    await fetch(`${sandbox.serviceUri}/people/${border?.id}`, {
      method: 'DELETE',
      headers: { authorization: 'Bearer admin' },
    });
    expect((await people(next)).items[0]?.id).toBe(after?.id);
  });

  it('caps pages without a word', async () => {
    expect((await people('/people?max=9999&callingData=true')).items).toHaveLength(100);
    expect(
      (await people(`/people?max=9999&locationId=${sandbox.locationIds[0]}`)).items.length,
    ).toBeLessThanOrEqual(50);
    sandbox.settings.peoplePageCeiling = 70;
    expect((await people('/people?max=1000')).items).toHaveLength(70);
  });

  it('has calling data only when asked for', async () => {
    const caller = sandbox.people.find((person) => person.extension !== undefined);
    expect((await ask(`/people/${caller?.id}`)).body).not.toHaveProperty('extension');
    expect((await ask(`/people/${caller?.id}?callingData=true`)).body).toMatchObject({
      extension: caller?.extension,
      locationId: caller?.locationId,
      phoneNumbers: expect.arrayContaining([{ type: 'work_extension', value: `8${caller?.extension}` }]),
    });
  });

  it('leaves unset values out and never says null', async () => {
    const { body } = await ask('/people?max=250');
    expect(JSON.stringify(body)).not.toContain('null');
    const { items } = peoplePage.parse(body);
    for (const field of ['nickName', 'timezone', 'managerId', 'title', 'addresses', 'status']) {
      expect(items.some((item) => field in item)).toBe(true);
      expect(items.some((item) => !(field in item))).toBe(true);
    }
    expect(items.some((item) => item.invitePending === true)).toBe(true);
    expect(items.some((item) => item.loginEnabled === false)).toBe(true);
  });

  it('omits presence when told to', async () => {
    const { items } = await people('/people?max=250&excludeStatus=true');
    expect(items.some((item) => 'status' in item || 'lastActivity' in item)).toBe(false);
  });

  it('can be narrowed down by email, name and role', async () => {
    const admin = sandbox.people[0];
    const role = sandbox.role('Full Administrator');
    expect((await people(`/people?email=${admin?.email.toUpperCase()}`)).items).toHaveLength(1);
    const holders = (await people(`/people?roles=${role?.id}`)).items.map((item) => item.emails[0]);
    expect(holders).toEqual(role?.holders);
  });

  it('shows booleans as strings when told to', async () => {
    sandbox.settings.booleansAsStrings = true;
    expect((await people('/people?max=1')).items[0]).toMatchObject({ loginEnabled: 'true' });
  });

  it('can carry the known defect of next links: max=null, which is refused when followed', async () => {
    sandbox.settings.nextLinkMaxNull = true;
    const { next = '' } = await ask('/people?max=2');
    expect(next).toContain('max=null');
    expect((await ask(next)).status).toBe(400);
  });

  it('is closed to people without a role, except for looking up one person', async () => {
    const person = sandbox.people.find((each) => each.roleNames.length === 0)?.email ?? '';
    const token = sandbox.issueToken({ person, scopes: ['spark:people_read'] });
    expect((await ask('/people', token)).status).toBe(400);
    const [found] = (await people(`/people?email=${person}`, token)).items;
    expect(found).not.toHaveProperty('licenses');
    expect((await ask('/people/me', token)).body).toMatchObject({ emails: [person] });
  });
});

describe('answers', () => {
  it('are 403 for another organization, which only a partner may name', async () => {
    expect((await ask(`/people?orgId=${sandbox.org.id}`)).status).toBe(200);
    expect((await ask('/people?orgId=other')).status).toBe(403);
  });

  it('echo the tracking id of the request, twice when told to', async () => {
    const headers = { authorization: 'Bearer admin', trackingid: 'mine_1' };
    const address = `${sandbox.serviceUri}/people/me`;
    expect((await fetch(address, { headers })).headers.get('trackingid')).toBe('mine_1');
    sandbox.settings.doubledTrackingId = true;
    expect((await fetch(address, { headers })).headers.get('trackingid')).toBe('mine_1,mine_1');
  });

  it('say errors in either of the two shapes of Webex', async () => {
    expect((await ask('/people/nonsense')).body).toMatchObject({
      message: expect.any(String),
      errors: [{ description: expect.any(String) }],
      trackingId: expect.stringMatching(/^NA_/),
    });
    sandbox.settings.errorShape = 'keyed';
    expect((await ask('/people/nonsense')).body).toMatchObject({
      error: [{ key: '400', message: [{ description: expect.any(String) }] }],
    });
  });

  it('are 404 for addresses that do not exist', async () => {
    expect(await ask('/nothing')).toMatchObject({ status: 404, body: { message: expect.any(String) } });
  });
});
