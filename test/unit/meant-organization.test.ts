import { describe, expect, it } from 'vitest';
import { MeantOrganization } from '../../src/datasources/webex/meant-organization.ts';
import { OtherOrganization, UpstreamNotFound } from '../../src/errors/upstream.ts';

const id = (text: string) => Buffer.from(`ciscospark://${text}`).toString('base64').replace(/=+$/, '');
const UUID = '9cb1a8bd-0c3e-4ab5-b3f8-0f8f0b3f0d8a';
const OURS = id(`us/ORGANIZATION/${UUID}`);
const OTHER = id('us/ORGANIZATION/11111111-0c3e-4ab5-b3f8-0f8f0b3f0d8a');
const call = { method: 'GET', path: '/v1/people', status: 200 };

const partner = new MeantOrganization(OURS, undefined);
const own = new MeantOrganization(null, OURS);
const unknown = new MeantOrganization(null, undefined);

describe('the organization that a connector means', () => {
  it.each([
    ['POST', '/people', true],
    ['POST', '/groups', true],
    ['PATCH', '/licenses/users', true],
    ['PUT', '/people/x', false],
    ['PATCH', '/groups/x', false],
    ['DELETE', '/people/x', false],
  ] as const)('stands in the body of %s %s: %s, and never for an account of its own', (method, path, isNamed) => {
    expect(partner.inBody(method, path, { a: 1 })).toEqual(isNamed ? { a: 1, orgId: OURS } : { a: 1 });
    expect(own.inBody(method, path, { a: 1 })).toEqual({ a: 1 });
  });

  it.each([
    ['/people', true],
    ['/groups', true],
    ['/licenses', true],
    ['/roles', false],
    ['/people/x', false],
    ['/organizations/x', false],
  ])('stands in the query of GET %s: %s', (path, isNamed) => {
    expect(partner.inQuery(path, { max: 1 })).toEqual(isNamed ? { max: 1, orgId: OURS } : { max: 1 });
    expect(own.inQuery(path, { max: 1 })).toEqual({ max: 1 });
  });

  it.each([
    ['the same id', OURS],
    ['the id in another region', id(`eu/ORGANIZATION/${UUID}`)],
    ['the padded id', Buffer.from(`ciscospark://us/ORGANIZATION/${UUID}`).toString('base64')],
    ['the bare UUID', UUID],
    ['no organization', undefined],
  ])('takes a record with %s for one of its own', (_, orgId) => {
    const body = { id: 'x', ...(orgId === undefined ? {} : { orgId }) };
    expect(partner.checkRead('/people/x', {}, body, call)).toBe(body);
    expect(() => partner.checkWritten(body, call)).not.toThrow();
  });

  it.each([
    '/people/x',
    '/groups/x',
    '/groups/x/members',
  ])('does not find a record of another organization at GET %s', (path) => {
    for (const meant of [partner, own]) {
      expect(() => meant.checkRead(path, {}, { id: 'x', orgId: OTHER }, call)).toThrow(UpstreamNotFound);
    }
    expect(unknown.checkRead(path, {}, { id: 'x', orgId: OTHER }, call)).toEqual({ id: 'x', orgId: OTHER });
  });

  it('lets everybody ask who they are, wherever they belong', () => {
    const me = { id: 'x', orgId: OTHER };
    expect(partner.checkRead('/people/me', {}, me, call)).toBe(me);
  });

  it.each([
    ['by address', { email: 'a@b.example' }, {}],
    ['by id', { id: 'x,y' }, { notFoundIds: ['z', 'y'] }],
  ])('leaves people of other organizations out of a look-up %s', (_, query, more) => {
    const ours = { id: 'x', orgId: OURS };
    const body = {
      items: [ours, { id: 'y', orgId: OTHER }],
      ...('id' in query ? { notFoundIds: ['z'] } : {}),
    };
    expect(partner.checkRead('/people', query, body, call)).toEqual({ items: [ours], ...more });
  });

  it.each([
    ['/people', 'items'],
    ['/groups', 'groups'],
  ])('refuses a list %s of another organization where it has named its own', (path, field) => {
    const body = {
      [field]: [
        { id: 'x', orgId: OURS },
        { id: 'y', orgId: OTHER },
      ],
    };
    expect(() => partner.checkRead(path, {}, body, call)).toThrow(OtherOrganization);
    expect(own.checkRead(path, {}, body, call)).toEqual({ [field]: [{ id: 'x', orgId: OURS }] });
  });

  it('says which organization a change was made in, which was meant, and what was made', () => {
    const answer = { personId: 'x', orgId: OTHER };
    expect.assertions(1);
    try {
      partner.checkWritten(answer, { ...call, method: 'PATCH' });
    } catch (error) {
      expect(error).toMatchObject({
        code: 'OTHER_ORGANIZATION',
        expectedOrganizationId: OURS,
        organizationId: OTHER,
        recordId: 'x',
        message: expect.stringContaining('Webex made the change in the organization'),
      });
    }
  });
});
