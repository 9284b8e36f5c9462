import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { DEFECTS, UNDOCUMENTED } from './defects.ts';
import { readSpecification } from './specification.ts';

const specification = readSpecification();
if (specification === undefined) {
  process.stdout.write(
    'Contract tests skipped: the published specification (webex-openapi.json) is not here.\n',
  );
}

interface Exchange {
  /** As the specification names it. */
  readonly operation: string;
  /** Tells cases of one operation apart. */
  readonly variant?: string;
  readonly status: number;
  readonly path: (sandbox: Sandbox) => string;
  readonly body?: (sandbox: Sandbox) => object;
}

const withId = z.object({ id: z.string() });
const ada = { emails: ['ada@acme.example'], displayName: 'Ada Lovelace', firstName: 'Ada' };
const grace = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: 'grace@acme.example',
  userType: 'user',
};
const crew = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'Crew' };
const patchOf = (operation: object) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [operation],
});
const personId = (sandbox: Sandbox) => sandbox.people[8]?.id ?? '';
const groupId = (sandbox: Sandbox) => sandbox.group('All Employees')?.id ?? '';
const licenseId = (sandbox: Sandbox) => sandbox.license('Advanced Messaging')?.id ?? '';
const scim = (sandbox: Sandbox) => `${sandbox.url}/identity/scim`;

const EXCHANGES: readonly Exchange[] = [
  { operation: 'GET /people', status: 200, path: () => '/people?max=250' },
  {
    operation: 'GET /people',
    variant: 'with calling data',
    status: 200,
    path: () => '/people?callingData=true',
  },
  { operation: 'GET /people', variant: '?id', status: 200, path: (s) => `/people?id=${personId(s)},none` },
  { operation: 'GET /people/me', status: 200, path: () => '/people/me' },
  {
    operation: 'GET /people/{personId}',
    status: 200,
    path: (s) => `/people/${personId(s)}?callingData=true`,
  },
  { operation: 'POST /people', status: 200, path: () => '/people', body: () => ada },
  {
    operation: 'PUT /people/{personId}',
    status: 200,
    path: (s) => `/people/${s.person(ada.emails[0] ?? '')?.id}`,
    body: () => ({ ...ada, title: 'Countess' }),
  },
  { operation: 'GET /groups', status: 200, path: () => '/groups?includeMembers=true' },
  {
    operation: 'GET /groups/{groupId}',
    status: 200,
    path: (s) => `/groups/${groupId(s)}?includeMembers=true`,
  },
  { operation: 'GET /groups/{groupId}/members', status: 200, path: (s) => `/groups/${groupId(s)}/members` },
  {
    operation: 'POST /groups',
    status: 201,
    path: () => '/groups',
    body: (s) => ({ displayName: 'Analysts', description: 'They count', members: [{ id: personId(s) }] }),
  },
  {
    operation: 'PATCH /groups/{groupId}',
    status: 200,
    path: (s) => `/groups/${groupId(s)}`,
    body: (s) => ({ members: [{ id: personId(s), operation: 'delete' }] }),
  },
  { operation: 'GET /licenses', status: 200, path: () => '/licenses' },
  { operation: 'GET /licenses/{licenseId}', status: 200, path: (s) => `/licenses/${licenseId(s)}` },
  {
    operation: 'GET /licenses/{licenseId}',
    variant: 'with holders',
    status: 200,
    path: (s) => `/licenses/${licenseId(s)}?includeAssignedTo=user`,
  },
  {
    operation: 'PATCH /licenses/users',
    status: 200,
    path: () => '/licenses/users',
    body: (s) => ({ email: s.adminEmail, licenses: [{ id: licenseId(s), operation: 'add' }] }),
  },
  { operation: 'GET /roles', status: 200, path: () => '/roles' },
  { operation: 'GET /roles/{roleId}', status: 200, path: (s) => `/roles/${s.roles[0]?.id}` },
  { operation: 'GET /organizations', status: 200, path: () => '/organizations' },
  { operation: 'GET /organizations/{orgId}', status: 200, path: (s) => `/organizations/${s.org.id}` },
  {
    operation: 'GET /authorizations',
    status: 200,
    path: (s) => `/authorizations?personEmail=${encodeURIComponent(s.adminEmail)}`,
  },
  { operation: 'GET /authorizations/tokenExpiry', status: 200, path: () => '/authorizations/tokenExpiry' },
  {
    operation: 'GET /identity/scim/{orgId}/v2/Users',
    status: 200,
    path: (s) => `${scim(s)}/${s.org.uuid}/v2/Users?returnGroups=true&count=250`,
  },
  {
    operation: 'GET /identity/scim/{orgId}/v2/Users/{userId}',
    status: 200,
    path: (s) => `${scim(s)}/${s.org.uuid}/v2/Users/${s.people[8]?.uuid}`,
  },
  {
    operation: 'POST /identity/scim/{orgId}/v2/Users',
    status: 201,
    path: (s) => `${scim(s)}/${s.org.uuid}/v2/Users`,
    body: () => grace,
  },
  {
    operation: 'PUT /identity/scim/{orgId}/v2/Users/{userId}',
    status: 200,
    path: (s) => `${scim(s)}/${s.org.uuid}/v2/Users/${s.person(grace.userName)?.uuid}`,
    body: () => ({ ...grace, title: 'Admiral' }),
  },
  {
    operation: 'PATCH /identity/scim/{orgId}/v2/Users/{userId}',
    status: 200,
    path: (s) => `${scim(s)}/${s.org.uuid}/v2/Users/${s.person(grace.userName)?.uuid}`,
    body: () => patchOf({ op: 'add', path: 'roles', value: [{ value: 'id_user_admin', type: 'cirole' }] }),
  },
  {
    operation: 'GET /identity/scim/{orgId}/v2/Groups',
    status: 200,
    path: (s) => `${scim(s)}/${s.org.uuid}/v2/Groups?includeMembers=true&count=200`,
  },
  {
    operation: 'POST /identity/scim/{orgId}/v2/Groups',
    status: 201,
    path: (s) => `${scim(s)}/${s.org.uuid}/v2/Groups`,
    body: (s) => ({ ...crew, members: [{ value: s.people[8]?.uuid, type: 'user' }] }),
  },
  {
    operation: 'GET /identity/scim/{orgId}/v2/Groups/{groupId}',
    status: 200,
    path: (s) => `${scim(s)}/${s.org.uuid}/v2/Groups/${s.group(crew.displayName)?.uuid}`,
  },
  {
    operation: 'PUT /identity/scim/{orgId}/v2/Groups/{groupId}',
    status: 200,
    path: (s) => `${scim(s)}/${s.org.uuid}/v2/Groups/${s.group(crew.displayName)?.uuid}`,
    body: (s) => ({ ...crew, members: [{ value: s.people[9]?.uuid, type: 'user' }] }),
  },
  {
    operation: 'PATCH /identity/scim/{orgId}/v2/Groups/{groupId}',
    status: 200,
    path: (s) => `${scim(s)}/${s.org.uuid}/v2/Groups/${s.group(crew.displayName)?.uuid}`,
    body: (s) => patchOf({ op: 'add', path: 'members', value: [{ value: s.people[8]?.uuid, type: 'user' }] }),
  },
  {
    operation: 'GET /identity/scim/{orgId}/v2/Groups/{groupId}/Members',
    status: 200,
    path: (s) => `${scim(s)}/${s.org.uuid}/v2/Groups/${s.group(crew.displayName)?.uuid}/Members`,
  },
  { operation: 'GET /identity/scim/v2/Users/me', status: 200, path: (s) => `${scim(s)}/v2/Users/me` },
];

describe.skipIf(specification === undefined)('the sandbox, by the published specification,', () => {
  let sandbox: Sandbox;
  let token: string;
  const unusedDefects = new Set(DEFECTS);
  beforeAll(async () => {
    sandbox = await startSandbox({ users: 250 });
    token = sandbox.issueToken();
  });
  afterAll(() => sandbox.close());

  async function send(method: string, path: string, body?: object) {
    const response = await fetch(path.startsWith('http') ? path : `${sandbox.serviceUri}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: unknown = text === '' ? undefined : JSON.parse(text);
    return { status: response.status, body: answer };
  }

  it.each(
    EXCHANGES.map((each) => ({ ...each, name: `${each.operation} ${each.variant ?? ''}` })),
  )('answers $name', async ({ operation, variant, status, path, body }) => {
    const method = operation.split(' ')[0] ?? '';
    const answer = await send(method, path(sandbox), body?.(sandbox));
    expect(answer.status).toBe(status);
    const errors = specification?.errors(operation, status, answer.body) ?? [];
    const defects = DEFECTS.filter((defect) => defect.operation.test(operation));
    const serious = errors.filter((error) => {
      const excuse = defects.find((defect) => defect.excuses(error));
      if (excuse !== undefined) unusedDefects.delete(excuse);
      return excuse === undefined;
    });
    expect(serious).toEqual([]);
    const unknown = specification?.unknownMembers(operation, status, answer.body) ?? [];
    const key = variant === '?id' ? `${operation}?id` : operation;
    expect(unknown.filter((member) => UNDOCUMENTED[`${key} ${member}`] === undefined)).toEqual([]);
  });

  it('answers a partial grant of licenses', async () => {
    sandbox.fail({ route: 'PATCH /licenses/users', fault: { kind: 'partial-grant' } });
    const licenses = sandbox.licenses.slice(1, 3).map(({ id }) => ({ id }));
    const answer = await send('PATCH', '/licenses/users', { email: sandbox.people[8]?.email, licenses });
    expect(answer.status).toBe(206);
    expect(specification?.errors('PATCH /licenses/users', 206, answer.body)).toEqual([]);
  });

  it('answers a refused grant with an error code of the list', async () => {
    const answer = await send('PATCH', '/licenses/users', {
      email: sandbox.adminEmail,
      licenses: [{ id: 'none' }],
    });
    expect(answer.status).toBe(400);
    expect(specification?.errors('PATCH /licenses/users', 400, answer.body)).toEqual([]);
  });

  it('answers deletions with 204 and no body', async () => {
    const group = withId.parse((await send('POST', '/groups', { displayName: 'For a day' })).body);
    const tokens = await send('GET', `/authorizations?personEmail=${encodeURIComponent(sandbox.adminEmail)}`);
    expect(tokens.status).toBe(200);
    for (const path of [
      `/people/${sandbox.people[20]?.id}`,
      `/groups/${group.id}`,
      '/authorizations?clientId=other',
    ]) {
      expect(await send('DELETE', path)).toEqual({ status: 204, body: undefined });
    }
  });

  it('takes bodies for groups that the specification refuses: its schema there is that of SCIM', async () => {
    const body = { displayName: 'Refused on paper' };
    expect(specification?.requestErrors('POST /groups', body)).not.toEqual([]);
    const answer = await send('POST', '/groups', body);
    expect(answer.status).toBe(201);
    const change = { members: [{ id: personId(sandbox) }] };
    expect(specification?.requestErrors('PATCH /groups/{groupId}', change)).not.toEqual([]);
    expect((await send('PATCH', `/groups/${withId.parse(answer.body).id}`, change)).status).toBe(200);
  });

  it('needs every excuse that is listed', () => {
    expect([...unusedDefects].map((defect) => defect.reason)).toEqual([]);
  });
});
