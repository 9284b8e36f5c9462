import { describe, expect, it } from 'vitest';
import type { WireObject } from '../../src/datasources/rest/json.ts';
import { type PersonChanges, replacementBody } from '../../src/datasources/webex/people/body.ts';
import { Random } from '../../src/sandbox/random.ts';

const READ_ONLY = ['id', 'created', 'lastModified', 'timezone', 'lastActivity', 'sipAddresses', 'status'];
const TEXTS = [
  'displayName',
  'firstName',
  'lastName',
  'title',
  'department',
  'manager',
  'managerId',
  'avatar',
  'extension',
] as const;
const LISTS = ['emails', 'licenses', 'roles'] as const;

/** Anybody: any of the fields that Webex shows, some that nobody has heard of, and nulls where there should be none. */
function anybody(random: Random): WireObject {
  const text = () => `text ${random.between(0, 1e9)}`;
  const maybe = (value: unknown) => (random.chance(0.7) ? value : random.chance(0.5) ? undefined : null);
  return Object.fromEntries([
    ['displayName', text()],
    ...[...READ_ONLY, 'type', 'userName', 'invitePending', 'loginEnabled'].map((name) => [
      name,
      maybe(text()),
    ]),
    ...TEXTS.slice(1).map((name) => [name, maybe(text())]),
    ...LISTS.map((name) => [name, maybe(Array.from({ length: random.between(0, 4) }, text))]),
    ['siteUrls', maybe([text()])],
    ['addresses', maybe([{ type: 'work', locality: text(), somethingNew: text() }])],
    [
      'phoneNumbers',
      maybe(['work', 'mobile', 'work_extension', 'fax'].map((type) => ({ type, value: text() }))),
    ],
    [`new${random.between(0, 9)}`, maybe({ nested: [text()] })],
  ]);
}

/** Any changes of any of the fields that can be written. */
function anything(random: Random): PersonChanges {
  const text = () => `changed ${random.between(0, 1e9)}`;
  const some = <T>(name: string, value: () => T) => (random.chance(0.3) ? [[name, value()] as const] : []);
  return Object.fromEntries([
    ...some('displayName', text),
    ...TEXTS.slice(1).flatMap((name) => some(name, () => (random.chance(0.3) ? null : text()))),
    ...LISTS.flatMap((name) => some(name, () => [text(), text()])),
    ...some('phoneNumbers', () => (random.chance(0.3) ? null : [text()])),
    ...some('addresses', () => (random.chance(0.3) ? null : [{ locality: text() }])),
    ...some('siteUrls', () => (random.chance(0.3) ? null : [text()])),
    ...some('loginEnabled', () => random.chance(0.5)),
  ]);
}

describe('the body that replaces a person', () => {
  it('differs from what Webex has shown in the changed fields only, for any person and any changes', () => {
    const random = new Random(20_261_125);
    for (let round = 0; round < 2_000; round += 1) {
      const shown = anybody(random);
      const before = structuredClone(shown);
      const changes = anything(random);
      const body = replacementBody(shown, changes);
      const scene = JSON.stringify({ shown, changes, body });
      // What it was made of is left alone.
      expect(shown, scene).toEqual(before);
      for (const [name, value] of Object.entries(shown)) {
        if (name in changes) continue;
        const isKept = value != null && !READ_ONLY.includes(name);
        const isOurs = ['type', 'userName', 'invitePending', 'loginEnabled'].includes(name);
        const kept =
          name === 'phoneNumbers' && Array.isArray(value)
            ? value.filter(({ type }) => type === 'work')
            : value;
        expect(body[name], `${name}: ${scene}`).toEqual(isKept && !isOurs ? kept : undefined);
      }
      for (const [name, value] of Object.entries(changes)) {
        const isList = ['phoneNumbers', 'addresses', 'siteUrls'].includes(name);
        const numbers = (list: unknown) =>
          Array.isArray(list) ? list.map((each) => ({ type: 'work', value: each })) : [];
        const wanted = name === 'phoneNumbers' ? numbers(value) : (value ?? (isList ? [] : ''));
        expect(body[name], `${name}: ${scene}`).toEqual(wanted);
      }
      const known = new Set([...Object.keys(shown), ...Object.keys(changes)]);
      expect(
        Object.keys(body).filter((name) => !known.has(name)),
        scene,
      ).toEqual([]);
      expect(Object.values(body), scene).not.toContain(null);
    }
  });

  it('holds no display name that Webex has not shown', () => {
    const shown = { firstName: 'Ada', lastName: 'Lovelace', emails: ['ada@acme.example'] };
    expect(replacementBody(shown, { title: 'Countess' })).toEqual({ ...shown, title: 'Countess' });
  });
});
