import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';

const withId = z.object({ id: z.string() });
const ADA = {
  emails: ['ada@acme.example'],
  displayName: 'Ada Lovelace',
  firstName: 'Ada',
  lastName: 'Lovelace',
};

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ users: 60, token: 'admin' });
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.close());

async function send(method: string, path: string, body?: object) {
  const response = await fetch(`${sandbox.serviceUri}${path}`, {
    method,
    headers: { authorization: 'Bearer admin', 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, body: answer };
}

async function createAda(more: object = {}): Promise<string> {
  return withId.parse((await send('POST', '/people', { ...ADA, ...more })).body).id;
}

function license(name: string): string {
  return sandbox.license(name)?.id ?? '';
}

describe('creating a person', () => {
  it('answers 200, not 201, with a user who has yet to accept', async () => {
    const answer = await send('POST', '/people', ADA);
    expect(answer).toMatchObject({ status: 200, body: { ...ADA, invitePending: true, status: 'pending' } });
  });

  it('is refused with 409 when the address is taken', async () => {
    await createAda();
    expect((await send('POST', '/people', ADA)).status).toBe(409);
  });

  it('leaves licenses that cannot be granted out without a word', async () => {
    sandbox.setTotalUnits('Advanced Space Meetings', 0);
    const licenses = [license('Advanced Messaging'), license('Advanced Space Meetings')];
    const answer = await send('POST', '/people', { ...ADA, licenses });
    expect(answer).toMatchObject({ status: 200, body: { licenses: licenses.slice(0, 1) } });
  });

  it('takes a location and an extension together with a calling license', async () => {
    const licenses = [license('Webex Calling - Professional')];
    const locationId = sandbox.locationIds[0];
    const answer = await send('POST', '/people?callingData=true', {
      ...ADA,
      licenses,
      locationId,
      extension: '77',
    });
    expect(answer).toMatchObject({ status: 200, body: { locationId, extension: '77' } });
  });

  it('may answer 400 and have created the person: a bad phone number does it', async () => {
    const phoneNumbers = [{ type: 'work', value: 'call me' }];
    expect((await send('POST', '/people', { ...ADA, phoneNumbers })).status).toBe(400);
    expect(sandbox.person('ada@acme.example')).toMatchObject({ displayName: 'Ada Lovelace' });
  });

  it('does the same on demand', async () => {
    sandbox.fail({ route: 'POST /people', fault: { kind: 'created-but-400' } });
    expect((await send('POST', '/people', ADA)).status).toBe(400);
    expect(sandbox.person('ada@acme.example')).toBeDefined();
  });

  it('shows in lists after a while only, but at once by id and by email', async () => {
    sandbox.settings.listLag = 15;
    const id = await createAda();
    const listed = async () =>
      JSON.stringify((await send('GET', '/people?displayName=ada')).body).includes(id);
    expect(await listed()).toBe(false);
    expect((await send('GET', `/people/${id}`)).status).toBe(200);
    expect((await send('GET', '/people?email=ada@acme.example')).body).toMatchObject({ items: [{ id }] });
    sandbox.clock.advance(16);
    expect(await listed()).toBe(true);
  });

  it('can be missed by a number of list requests instead', async () => {
    sandbox.settings.listLagRequests = 2;
    await createAda();
    const counts: number[] = [];
    for (let request = 0; request < 3; request += 1) {
      const { body } = await send('GET', '/people?displayName=ada%20love');
      counts.push(z.object({ items: z.array(z.unknown()) }).parse(body).items.length);
    }
    expect(counts).toEqual([0, 0, 1]);
  });

  it('gives SIP addresses later', async () => {
    const id = await createAda();
    expect((await send('GET', `/people/${id}`)).body).not.toHaveProperty('sipAddresses');
    sandbox.clock.advance(6);
    expect((await send('GET', `/people/${id}`)).body).toHaveProperty('sipAddresses');
  });

  it('answers with the id alone when asked for little', async () => {
    const { body } = await send('POST', '/people?minResponse=true', ADA);
    expect(Object.keys(withId.strict().parse(body))).toEqual(['id']);
  });
});

describe('replacing a person', () => {
  it('keeps plain fields that it lacks and takes away licenses and roles that it lacks', async () => {
    const id = await createAda({ title: 'Analyst', licenses: [license('Advanced Messaging')] });
    const answer = await send('PUT', `/people/${id}`, { displayName: 'Ada King' });
    expect(answer).toMatchObject({
      status: 200,
      body: { displayName: 'Ada King', title: 'Analyst', lastName: 'Lovelace', licenses: [], roles: [] },
    });
  });

  it('keeps licenses and roles that it lacks when told to', async () => {
    sandbox.settings.putOmission = 'keeps';
    const licenses = [license('Advanced Messaging')];
    const id = await createAda({ licenses });
    expect((await send('PUT', `/people/${id}`, { displayName: 'Ada King' })).body).toMatchObject({
      licenses,
    });
  });

  it('answers 204 without a body when asked for little', async () => {
    const id = await createAda();
    const answer = await send('PUT', `/people/${id}?minResponse=true`, { displayName: 'Ada King' });
    expect(answer).toEqual({ status: 204, body: undefined });
  });

  it('can be applied by half: 400, and the person has changed', async () => {
    const id = await createAda();
    sandbox.fail({ route: 'PUT /people/:id', fault: { kind: 'half-applied', fields: ['title'] } });
    const answer = await send('PUT', `/people/${id}`, { displayName: 'Ada King', title: 'Countess' });
    expect(answer.status).toBe(400);
    expect(sandbox.person(id)).toMatchObject({ displayName: 'Ada Lovelace', title: 'Countess' });
  });

  it('refuses what cannot be written: other phone types, a location without a calling license', async () => {
    const id = await createAda();
    const phoneNumbers = [{ type: 'work_extension', value: '8123' }];
    const locationId = sandbox.locationIds[0];
    expect((await send('PUT', `/people/${id}`, { displayName: 'Ada', phoneNumbers })).status).toBe(400);
    expect((await send('PUT', `/people/${id}`, { displayName: 'Ada', locationId })).status).toBe(400);
  });

  it('refuses a list of licenses without an implicit one that is held', async () => {
    const id = await createAda({ licenses: [license('Screen Share')] });
    const answer = await send('PUT', `/people/${id}`, { displayName: 'Ada', licenses: [] });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ errorCode: 700006 }] } });
  });

  it('takes the location away with the calling license', async () => {
    const id = await createAda({
      licenses: [license('Webex Calling - Professional')],
      locationId: sandbox.locationIds[0],
      extension: '77',
    });
    await send('PUT', `/people/${id}`, { displayName: 'Ada', licenses: [] });
    expect(sandbox.person(id)).toMatchObject({ locationId: undefined, extension: undefined });
  });
});

describe('deleting a person', () => {
  it('frees licenses, roles and memberships, and answers 404 the second time', async () => {
    const victim = sandbox.people.find(
      (person) => person.licenseNames.length > 1 && person.groupNames.length > 0,
    );
    const groupName = victim?.groupNames[0] ?? '';
    const before = sandbox.license(victim?.licenseIds[0] ?? '')?.consumedUnits ?? 0;
    expect((await send('DELETE', `/people/${victim?.id}`)).status).toBe(204);
    expect(sandbox.license(victim?.licenseIds[0] ?? '')?.consumedUnits).toBe(before - 1);
    expect(sandbox.group(groupName)?.memberIds).not.toContain(victim?.id);
    expect((await send('DELETE', `/people/${victim?.id}`)).status).toBe(404);
  });

  it('leaves a stale managerId behind, and memberships when told to', async () => {
    sandbox.settings.danglingMembers = true;
    const boss = sandbox.people[1];
    const report = sandbox.people.find((person) => person.managerId === boss?.id);
    await send('DELETE', `/people/${boss?.id}`);
    expect((await send('GET', `/people/${report?.id}`)).body).toMatchObject({ managerId: boss?.id });
    const group = sandbox.group(boss?.groupNames[0] ?? '');
    const { body } = await send('GET', `/groups/${group?.id}?includeMembers=true`);
    expect(body).toMatchObject({ members: expect.arrayContaining([{ id: boss?.id, type: 'user' }]) });
  });

  it('takes an administrator who may write', async () => {
    const reader = sandbox.role('Read-only Administrator')?.holders[0] ?? '';
    const headers = { authorization: `Bearer ${sandbox.issueToken({ person: reader })}` };
    const address = `${sandbox.serviceUri}/people/${sandbox.people[5]?.id}`;
    expect((await fetch(address, { headers })).status).toBe(200);
    expect((await fetch(address, { method: 'DELETE', headers })).status).toBe(403);
  });
});
