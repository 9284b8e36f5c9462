import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ users: 20, token: 'admin' });
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.close());

async function send(method: string, path: string, body: object) {
  const response = await fetch(sandbox.serviceUri + path, {
    method,
    headers: { authorization: 'Bearer admin', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  return { status: response.status, body: answer };
}

/** A refusal in Webex's own shape. */
const refused = (sentence: string) => ({
  status: 400,
  body: {
    message: expect.stringContaining(sentence),
    errors: [{ description: expect.stringContaining(sentence) }],
    trackingId: expect.stringMatching(/^NA_/),
  },
});

const emails = ['new@acme.example'];

describe('texts that the sandbox refuses, as Webex does:', () => {
  it.each([
    ['a control character', 'An\u0007n'],
    ['a line break', 'Ann\nLee'],
    ['a line separator', 'Ann\u2028Lee'],
    ['a paragraph separator', 'Ann\u2029Lee'],
    ['half of an emoji', 'Ann \ud83d'],
    ['a no-break blank behind it', 'Ann\u00a0'],
    ['a zero-width blank in front', '\u200bAnn'],
  ])('%s, in names of people and groups', async (_, name) => {
    const [person] = sandbox.people;
    const [group] = sandbox.groups;
    const displayName = refused('The field displayName holds characters');
    expect(await send('POST', '/people', { emails, displayName: name })).toMatchObject(displayName);
    expect(await send('PUT', `/people/${person?.id}`, { displayName: 'Ann', title: name })).toMatchObject(
      refused('The field title holds characters'),
    );
    expect(await send('POST', '/groups', { displayName: name })).toMatchObject(displayName);
    expect(await send('PATCH', `/groups/${group?.id}`, { displayName: name })).toMatchObject(displayName);
    expect(sandbox.person('new@acme.example')).toBeUndefined();
    expect(sandbox.person(person?.id ?? '')).toEqual(person);
    expect(sandbox.groups.map(({ displayName: each }) => each)).not.toContain(name);
  });

  it.each([
    'n\u00fc@acme.example',
    'n w@acme.example',
    'nw\u200b@acme.example',
    'nw',
  ])('the address %j', async (email) => {
    const body = { emails: [email], displayName: 'Ann' };
    expect(await send('POST', '/people', body)).toMatchObject(refused('The field emails.0 is not valid'));
  });

  it.each([
    '+1 (555) 010-9999',
    '+49 30 901820',
    '+44\u00a02079460000',
    '030901820',
    '+1-555-010-9999',
  ])('the phone number %j, which is not in the form of E.164', async (value) => {
    const body = { displayName: 'Ann', phoneNumbers: [{ type: 'work', value }] };
    const expected = value.includes('\u00a0')
      ? refused('phone number')
      : refused('A phone number is not valid');
    expect(await send('PUT', `/people/${sandbox.people[3]?.id}`, body)).toMatchObject(expected);
    const [calling] = sandbox.licenses.filter(({ name }) => name === 'Webex Calling - Professional');
    const properties = { locationId: sandbox.locationIds[0], phoneNumber: value };
    const person = sandbox.people.find(({ locationId }) => locationId === undefined);
    const change = { personId: person?.id, licenses: [{ id: calling?.id, properties }] };
    expect(await send('PATCH', '/licenses/users', change)).toMatchObject(
      refused('phone number is not valid'),
    );
  });
});

describe('settings of what texts are taken', () => {
  it('let phone numbers have hyphens, and refuse no-break blanks inside of names', async () => {
    const numbered = { displayName: 'Ann', phoneNumbers: [{ type: 'work', value: '+1-555-010-9999' }] };
    const path = `/people/${sandbox.people[3]?.id}`;
    const joined = { displayName: 'Ann\u00a0Lee' };
    expect((await send('PUT', path, joined)).status).toBe(200);
    sandbox.settings.phoneNumberForm = 'digits';
    sandbox.settings.unseenBlanks = 'refuse';
    expect((await send('PUT', path, numbered)).status).toBe(200);
    expect(await send('PUT', path, joined)).toMatchObject(refused('The field displayName'));
  });
});

describe('booleans of a query', () => {
  it.each(['True', 'TRUE', 'true'])('are read without regard to case: %s', async (written) => {
    const created = await send('POST', `/people?minResponse=${written}`, { emails, displayName: 'Ann' });
    expect(created).toEqual({ status: 200, body: { id: sandbox.person('new@acme.example')?.id } });
    expect(
      (await send('POST', '/people?minResponse=yes', { emails: ['b@c.example'], displayName: 'B' })).status,
    ).toBe(400);
  });
});
