import { describe, expect, it } from 'vitest';
import { patched } from '../../src/sandbox/webex/routes/scim/patch.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';

const user = {
  userName: 'ann@acme.example',
  title: 'Engineer',
  name: { givenName: 'Ann', familyName: 'Lee' },
  emails: [{ value: 'ann@acme.example', primary: true }, { value: 'ann@home.example' }],
  [ENTERPRISE]: { department: 'Research' },
};

const one = (operation: object) => patched(user, { Operations: [operation] });

describe('the operations of a SCIM PATCH', () => {
  it.each([
    ['replace an attribute', { op: 'replace', path: 'title', value: 'Head' }, { title: 'Head' }],
    ['take names without regard to case', { op: 'Add', path: 'TITLE', value: 'Head' }, { title: 'Head' }],
    [
      'take the name of the core schema',
      { op: 'add', path: `${CORE}:title`, value: 'Head' },
      { title: 'Head' },
    ],
    [
      'replace a part and leave the others',
      { op: 'replace', path: 'name.familyName', value: 'Ray' },
      { name: { givenName: 'Ann', familyName: 'Ray' } },
    ],
    [
      'change an extension, with a colon or a full stop behind its name',
      { op: 'replace', path: `${ENTERPRISE}.department`, value: 'Sales' },
      { [ENTERPRISE]: { department: 'Sales' } },
    ],
    [
      'add what is not in a list yet',
      { op: 'add', path: 'emails', value: [{ value: 'ann@home.example' }, { value: 'a@b.example' }] },
      { emails: [...user.emails, { value: 'a@b.example' }] },
    ],
    [
      'change the entry that a filter finds',
      { op: 'replace', path: 'emails[value eq "ann@home.example"].value', value: 'new@home.example' },
      { emails: [user.emails[0], { value: 'new@home.example' }] },
    ],
    [
      'remove the entries that a filter finds',
      { op: 'remove', path: 'emails[value eq "ANN@home.example"]' },
      { emails: [user.emails[0]] },
    ],
    [
      'remove the entries of their value',
      { op: 'remove', path: 'emails', value: [{ value: 'ann@home.example' }] },
      { emails: [user.emails[0]] },
    ],
    [
      'merge an object without a path, extensions included',
      { op: 'add', value: { title: 'Head', [ENTERPRISE]: { division: 'North' } } },
      { title: 'Head', [ENTERPRISE]: { department: 'Research', division: 'North' } },
    ],
  ])('%s', (_, operation, changed) => {
    expect(one(operation)).toEqual({ ...user, ...changed });
  });

  it('remove an attribute, and change nothing of what they were given', () => {
    const before = structuredClone(user);
    expect(one({ op: 'remove', path: 'title' })).not.toHaveProperty('title');
    expect(user).toEqual(before);
  });

  it.each([
    ['an unknown operation', { op: 'move', path: 'title' }],
    ['a removal of everything', { op: 'remove' }],
    ['a path that cannot be read', { op: 'replace', path: 'emails[value co "a"]', value: 'x' }],
    ['a value without a path that is no object', { op: 'add', value: 'x' }],
    [
      'a filter that finds nothing to change',
      { op: 'replace', path: 'emails[value eq "x"].value', value: 'y' },
    ],
  ])('refuse %s', (_, operation) => {
    expect(() => one(operation)).toThrow(expect.objectContaining({ status: 400 }));
  });
});
