import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';

const license = z.looseObject({
  id: z.string(),
  name: z.string(),
  totalUnits: z.number(),
  consumedUnits: z.number(),
});
const licenses = z.object({ items: z.array(license) });
const holders = z.object({
  users: z.array(z.object({ id: z.string(), type: z.string(), email: z.string() })),
});

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ users: 900, token: 'admin' });
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.close());

async function send(method: string, path: string, body?: object) {
  const response = await fetch(path.startsWith('http') ? path : `${sandbox.serviceUri}${path}`, {
    method,
    headers: { authorization: 'Bearer admin', 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  return { status: response.status, body: await response.json(), next };
}

function idOf(name: string): string {
  return sandbox.license(name)?.id ?? '';
}

/** A user without any of these licenses. */
function without(...names: string[]): string {
  const person = sandbox.people.find((each) => !names.some((name) => each.licenseNames.includes(name)));
  return person?.email ?? '';
}

async function listed(name: string) {
  const { items } = licenses.parse((await send('GET', '/licenses')).body);
  return items.find((item) => item.name === name);
}

describe('licenses', () => {
  it('may share a name: two subscriptions, two ids', async () => {
    const { items } = licenses.parse((await send('GET', '/licenses')).body);
    const meetings = items.filter((item) => item.name === 'Meeting - Webex Meeting Center');
    expect(new Set(meetings.map((item) => item.id)).size).toBe(2);
    expect(new Set(meetings.map((item) => item.siteUrl)).size).toBe(2);
  });

  it('show an unlimited total as -1 or 0', async () => {
    expect(await listed('Basic Messaging')).toMatchObject({ totalUnits: -1 });
    sandbox.settings.unlimitedUnits = 0;
    expect(await listed('Basic Messaging')).toMatchObject({ totalUnits: 0 });
  });

  it('count seats late when told to', async () => {
    sandbox.settings.licenseCountLag = 9;
    const email = without('Advanced Messaging');
    const before = (await listed('Advanced Messaging'))?.consumedUnits ?? 0;
    await send('PATCH', '/licenses/users', { email, licenses: [{ id: idOf('Advanced Messaging') }] });
    expect((await listed('Advanced Messaging'))?.consumedUnits).toBe(before);
    expect(sandbox.license('Advanced Messaging')?.consumedUnits).toBe(before + 1);
    sandbox.clock.advance(10);
    expect((await listed('Advanced Messaging'))?.consumedUnits).toBe(before + 1);
  });

  it('page their holders by 300, those of other organizations included', async () => {
    const name = 'Advanced Messaging';
    const seen: string[] = [];
    const sizes: number[] = [];
    for (
      let address: string | undefined = `/licenses/${idOf(name)}?includeAssignedTo=user&limit=999`;
      address;
    ) {
      const answer: Awaited<ReturnType<typeof send>> = await send('GET', address);
      const { users } = holders.parse(answer.body);
      seen.push(...users.map((user) => user.email));
      sizes.push(users.length);
      address = answer.next;
    }
    expect(sizes.slice(0, 2)).toEqual([300, 300]);
    expect(seen).toEqual(sandbox.license(name)?.holders);
    const emea = sandbox.licenses.findLast((each) => each.name === 'Meeting - Webex Meeting Center');
    const { users } = holders.parse((await send('GET', `/licenses/${emea?.id}?includeAssignedTo=user`)).body);
    expect(users.filter((user) => user.type === 'EXTERNAL')).toHaveLength(3);
  });
});

describe('changing the licenses of a user', () => {
  it('is a delta whose answer is the whole', async () => {
    const email = without('Advanced Space Meetings');
    const before = sandbox.person(email)?.licenseIds ?? [];
    const id = idOf('Advanced Space Meetings');
    const answer = await send('PATCH', '/licenses/users', { email, licenses: [{ id, operation: 'add' }] });
    expect(answer).toMatchObject({ status: 200, body: { email, licenses: [...before, id] } });
    const undone = await send('PATCH', '/licenses/users', { email, licenses: [{ id, operation: 'remove' }] });
    expect(undone).toMatchObject({ status: 200, body: { licenses: before } });
  });

  it('is a 206 when only some could be granted: the refused ones are just missing', async () => {
    sandbox.setTotalUnits('Webex Webinars 1000', 0);
    const email = without('Webex Webinars 1000', 'Customer Experience - Essential');
    const [full, free] = [idOf('Webex Webinars 1000'), idOf('Customer Experience - Essential')];
    const answer = await send('PATCH', '/licenses/users', { email, licenses: [{ id: full }, { id: free }] });
    expect(answer.status).toBe(206);
    const granted = z.object({ licenses: z.array(z.string()) }).parse(answer.body).licenses;
    expect(granted).toContain(free);
    expect(granted).not.toContain(full);
  });

  it('can be all or nothing, as it used to be', async () => {
    sandbox.settings.licenseGrants = 'all-or-nothing';
    sandbox.setTotalUnits('Webex Webinars 1000', 0);
    const email = without('Webex Webinars 1000', 'Customer Experience - Essential');
    const before = sandbox.person(email)?.licenseIds;
    const ids = [idOf('Customer Experience - Essential'), idOf('Webex Webinars 1000')];
    const answer = await send('PATCH', '/licenses/users', { email, licenses: ids.map((id) => ({ id })) });
    expect(answer.status).toBe(400);
    expect(sandbox.person(email)?.licenseIds).toEqual(before);
  });

  it('can be partial on demand', async () => {
    const email = without('Basic Messaging');
    sandbox.fail({
      route: 'PATCH /licenses/users',
      fault: { kind: 'partial-grant', refuse: [idOf('Basic Messaging')] },
    });
    const body = { email, licenses: [{ id: idOf('Basic Messaging') }] };
    expect((await send('PATCH', '/licenses/users', body)).status).toBe(206);
    expect((await send('PATCH', '/licenses/users', body)).status).toBe(200);
  });

  it('takes properties for calling, and refuses Professional beside Standard', async () => {
    const email = without('Webex Calling - Professional', 'Webex Calling - Standard');
    const properties = { locationId: sandbox.locationIds[1], extension: '4711' };
    const professional = { id: idOf('Webex Calling - Professional') };
    const standard = { id: idOf('Webex Calling - Standard'), properties };
    expect(await send('PATCH', '/licenses/users', { email, licenses: [professional] })).toMatchObject({
      status: 400,
      body: { errors: [{ errorCode: 400411 }] },
    });
    await send('PATCH', '/licenses/users', { email, licenses: [{ ...professional, properties }] });
    expect(sandbox.person(email)).toMatchObject(properties);
    expect(await send('PATCH', '/licenses/users', { email, licenses: [standard] })).toMatchObject({
      status: 400,
      body: { errors: [{ errorCode: 400404 }] },
    });
  });

  it('names the error for unknown licenses, and 404 for unknown users', async () => {
    const { email } = sandbox.people[4] ?? { email: '' };
    const answer = await send('PATCH', '/licenses/users', { email, licenses: [{ id: 'nonsense' }] });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ errorCode: 400000 }] } });
    expect((await send('PATCH', '/licenses/users', { email: 'nobody@acme.example' })).status).toBe(404);
  });

  it('waits for people of other organizations to accept', async () => {
    const body = { email: 'guest1@partner.example', licenses: [{ id: idOf('Advanced Messaging') }] };
    const answer = await send('PATCH', '/licenses/users', body);
    expect(answer.body).toMatchObject({ licenses: [], pendingLicenses: [idOf('Advanced Messaging')] });
  });
});
