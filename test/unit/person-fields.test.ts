import { describe, expect, it } from 'vitest';
import type { WireObject } from '../../src/datasources/rest/json.ts';
import type { PersonChanges } from '../../src/datasources/webex/people/body.ts';
import { Person } from '../../src/datasources/webex/people/person.ts';
import { personChanges, personDifferences, personStanding } from '../../src/provisioning/users/fields.ts';

const personOf = (wire: WireObject) =>
  Person.read(
    { id: 'p', created: '2026-01-01T00:00:00.000Z', ...wire },
    { basic: true, admin: true, presence: true, calling: true },
    { method: 'GET', path: '/people/p' },
  );
const OWN = 'https://avatars.webex.example/1';

describe('a field that Webex writes in its own way', () => {
  it.each<readonly [what: string, asked: PersonChanges, kept: WireObject]>([
    ['accents are composed', { displayName: 'Jose\u0301' }, { displayName: 'Jos\u00e9' }],
    ['blanks are joined', { department: 'R  and  D' }, { department: 'R and D' }],
    ['addresses are in lower case', { emails: ['Ann@ACME.example'] }, { emails: ['ann@acme.example'] }],
    [
      'sites are in lower case',
      { siteUrls: ['ACME.webex.com#attendee'] },
      { siteUrls: ['acme.webex.com#attendee'] },
    ],
    [
      'a phone number has its blanks back',
      { phoneNumbers: ['+15550109999'] },
      { phoneNumbers: [{ type: 'work', value: '+1 555 010 9999' }] },
    ],
    [
      'a picture has its host in lower case',
      { avatar: 'https://A.example/Me' },
      { avatar: 'https://a.example/Me' },
    ],
    [
      'the parts of a postal address are in another order',
      {
        addresses: [
          {
            type: 'work',
            locality: 'Oslo',
            country: 'NO',
            region: undefined,
            streetAddress: undefined,
            postalCode: undefined,
          },
        ],
      },
      { addresses: [{ country: 'NO', locality: 'Oslo ', type: 'work' }] },
    ],
    ['licenses are in another order', { licenses: ['a', 'b'] }, { licenses: ['b', 'a'] }],
    ['a cleared text is left out', { title: null }, {}],
    ['a cleared text is empty', { title: null }, { title: '' }],
  ])('is as asked for, and not different: %s', (_what, asked, kept) => {
    const person = personOf(kept);
    expect(personDifferences(person, asked)).toEqual([]);
    expect(personStanding(person, personChanges(null, asked)).missing).toEqual([]);
  });
});

describe('what Webex does beside what it was asked for', () => {
  it.each<
    readonly [what: string, before: WireObject, asked: PersonChanges, after: WireObject, missing: string[]]
  >([
    [
      'a picture is kept under an address of its own',
      {},
      { avatar: 'https://a.example/me' },
      { avatar: OWN },
      [],
    ],
    [
      'a picture is replaced, under another address',
      { avatar: OWN },
      { avatar: 'https://a.example/me' },
      { avatar: `${OWN}2` },
      [],
    ],
    [
      'a picture stays as it was',
      { avatar: OWN },
      { avatar: 'https://a.example/me' },
      { avatar: OWN },
      ['avatar'],
    ],
    ['a picture is gone', { avatar: OWN }, { avatar: 'https://a.example/me' }, {}, ['avatar']],
    ['a picture is not cleared', { avatar: OWN }, { avatar: null }, { avatar: `${OWN}2` }, ['avatar']],
    [
      'a license comes beside those asked for',
      { licenses: ['a'] },
      { licenses: ['a', 'b'] },
      { licenses: ['a', 'b', 'c'] },
      [],
    ],
    [
      'a license is not taken',
      { licenses: ['a', 'x'] },
      { licenses: ['a', 'b'] },
      { licenses: ['a', 'b', 'x'] },
      ['licenses'],
    ],
    [
      'a license is not given',
      { licenses: ['a'] },
      { licenses: ['a', 'b'] },
      { licenses: ['a'] },
      ['licenses'],
    ],
    [
      'the site of a license comes beside those asked for',
      { siteUrls: [] },
      { siteUrls: ['a.webex.com'] },
      { siteUrls: ['a.webex.com', 'b.webex.com'] },
      [],
    ],
    [
      'a role comes that nobody asked for',
      { roles: ['a'] },
      { roles: ['b'] },
      { roles: ['a', 'b'] },
      ['roles'],
    ],
    [
      'the first of two addresses is another',
      { emails: ['a@x.example'] },
      { emails: ['a@x.example', 'b@x.example'] },
      { emails: ['b@x.example', 'a@x.example'] },
      ['emails'],
    ],
  ])('%s', (_what, before, asked, after, missing) => {
    const changes = personChanges(personOf(before), asked);
    expect(personStanding(personOf(after), changes).missing).toEqual(missing);
  });

  it('is foreign if a field is neither as it was nor as asked for, whatever its spelling', () => {
    const changes = personChanges(personOf({ title: 'Old  title' }), { title: 'New' });
    expect(personStanding(personOf({ title: 'Old title' }), changes).isForeign).toBe(false);
    expect(personStanding(personOf({ title: 'Another' }), changes).isForeign).toBe(true);
  });

  it.each([
    ['a part of what was added', ['a', 'b', 'c'], true, false],
    ['a part of what was removed', ['a'], true, false],
    ['what was neither there nor asked for', ['a', 'b', 'x'], true, true],
    ['not all of what was to stay', ['b', 'c'], true, true],
    ['what it held before', ['b', 'a'], false, false],
  ])('a list has moved, and is foreign or a part of the change, if it holds %s', (_what, licenses, hasMoved, isForeign) => {
    const changes = personChanges(personOf({ licenses: ['a', 'b'] }), { licenses: ['a', 'c', 'd'] });
    expect(personStanding(personOf({ licenses }), changes)).toMatchObject({ hasMoved, isForeign });
  });
});
