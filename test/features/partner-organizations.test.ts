import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { change, idOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ partner: true, sandbox: { users: 40, partner: { users: 15 } } });
});
beforeEach(async () => {
  world.webex.reset();
  await world.connect();
  world.webex.requests.clear();
});
afterAll(() => world[Symbol.asyncDispose]());

const partner = () => world.webex.partner;

function someUser(more: object = {}) {
  const user = { emails: ['new@acme.example'], displayName: 'New', ...more };
  return { connector: world.connectorId, user };
}

/** The gateway's id of something that this connector does not show. */
function unseenId(type: 'User' | 'Group', webexId: string): string {
  const [, connector] = Buffer.from(world.connectorId, 'base64').toString().split(':');
  return Buffer.from(`${type}:${connector}:${webexId}`).toString('base64');
}

/** What the audit trail says of the newest change. */
async function lastEvent() {
  const { auditEvents } = await world.ask<{ auditEvents: { nodes: object[] } }>(
    '{ auditEvents(first: 1) { nodes { outcome errorCode } } }',
  );
  return auditEvents.nodes[0];
}

describe('a partner’s connector changes the organization that it is for, and', () => {
  it('createUser creates the user there and not in the partner’s own', async () => {
    expect(await change(world, 'createUser', someUser())).toMatchObject({ outcome: 'APPLIED' });
    expect(world.webex.person('new@acme.example')).toBeDefined();
    expect(partner().person('new@acme.example')).toBeUndefined();
  });

  it('createGroup creates the group there and not in the partner’s own', async () => {
    const members = world.webex.people.slice(0, 3).map(({ id }) => id);
    const input = { connector: world.connectorId, displayName: 'New group', members };
    expect(await change(world, 'createGroup', input)).toMatchObject({
      outcome: 'APPLIED',
      group: { memberCount: 3 },
    });
    expect(world.webex.group('New group')?.memberIds).toEqual(members);
    expect(partner().group('New group')).toBeUndefined();
  });

  it('updateUserLicenses gives a license of that organization, of whose name the partner has one, too', async () => {
    const name = 'Webex Webinars 1000';
    const person = world.webex.people.find(({ licenseNames }) => !licenseNames.includes(name));
    const held = partner().license(name)?.consumedUnits;
    const userId = await idOf(world, 'user', person?.id ?? '');
    const outcome = await change(world, 'updateUserLicenses', { id: userId, add: [{ license: name }] });
    expect(outcome).toMatchObject({ outcome: 'APPLIED' });
    expect(world.webex.license(name)?.holders).toContain(person?.email);
    expect(partner().license(name)?.consumedUnits).toBe(held);
  });

  it('a dry run looks for the address and the name there', async () => {
    const dryRun = { dryRun: true };
    const taken = { ...someUser({ emails: [world.webex.people[5]?.email] }), ...dryRun };
    expect(await change(world, 'createUser', taken)).toMatchObject({ error: { code: 'EMAIL_TAKEN' } });
    const ofPartner = { ...someUser({ emails: [partner().people[5]?.email] }), ...dryRun };
    expect(await change(world, 'createUser', ofPartner)).toMatchObject({ outcome: 'DRY_RUN' });
    const group = { connector: world.connectorId, displayName: 'Sales', ...dryRun };
    expect(await change(world, 'createGroup', group)).toMatchObject({ error: { code: 'NAME_TAKEN' } });
    await change(world, 'deleteGroup', {
      id: await idOf(world, 'group', world.webex.group('Sales')?.id ?? ''),
    });
    expect(partner().group('Sales')).toBeDefined();
    expect(await change(world, 'createGroup', group)).toMatchObject({ outcome: 'DRY_RUN' });
  });

  it('an address that the partner’s own organization has is taken, by nobody who can be seen here', async () => {
    const input = someUser({ emails: [partner().people[5]?.email] });
    expect(await change(world, 'createUser', input)).toMatchObject({
      error: { code: 'EMAIL_TAKEN', current: null },
    });
    expect(world.webex.requests.count('POST /people')).toBe(1);
  });

  it('a creation that nobody has answered is looked for there', async () => {
    world.webex.settings.addressesUniqueIn = 'organization';
    const email = partner().people[5]?.email;
    world.webex.fail({ route: 'POST /people', fault: { kind: 'reset', when: 'before' } });
    expect(await change(world, 'createUser', someUser({ emails: [email] }))).toMatchObject({
      error: { code: 'OUTCOME_UNKNOWN' },
    });
    world.webex.fail({ route: 'POST /people', fault: { kind: 'reset', when: 'after' } });
    expect(await change(world, 'createUser', someUser({ emails: [email] }))).toMatchObject({
      outcome: 'APPLIED',
      user: { webexId: world.webex.person(email ?? '')?.id },
    });
  });
});

describe('what belongs to the partner’s own organization', () => {
  it('is not found by id or address in a connector for another organization', async () => {
    const [person] = partner().people;
    const [group] = partner().groups;
    const { connector, nodes } = await world.ask<{ connector: object; nodes: readonly unknown[] }>(
      `query ($user: ID!, $group: ID!, $email: EmailAddress!, $ids: [ID!]!) {
        connector { user(id: $user) { id } group(id: $group) { id } byEmail: user(email: $email) { id } }
        nodes(ids: $ids) { id }
      }`,
      {
        user: person?.id,
        group: group?.id,
        email: person?.email,
        ids: partner()
          .people.slice(0, 5)
          .map(({ id }) => unseenId('User', id)),
      },
    );
    expect(connector).toEqual({ user: null, group: null, byEmail: null });
    expect(nodes).toEqual([null, null, null, null, null]);
  });

  it('is not changed or deleted through it, though Webex would do so', async () => {
    const user = unseenId('User', partner().people[5]?.id ?? '');
    const group = unseenId('Group', partner().groups[0]?.id ?? '');
    const before = { people: partner().people, groups: partner().groups };
    expect(await change(world, 'updateUser', { id: user, user: { title: 'Ours' } })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    });
    expect(await change(world, 'updateGroup', { id: group, displayName: 'Ours' })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    });
    for (const [mutation, id] of [
      ['deleteUser', user],
      ['deleteGroup', group],
    ] as const) {
      expect(await change(world, mutation, { id })).toMatchObject({
        outcome: 'NOTHING_CHANGED',
        error: null,
        ...(mutation === 'deleteUser' ? { user: null } : { group: null }),
      });
    }
    expect({ people: partner().people, groups: partner().groups }).toEqual(before);
    expect(world.webex.requests.all.filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});

describe('an answer of Webex about another organization than was meant', () => {
  const wrong = () => ({
    outcome: 'PARTIALLY_APPLIED',
    error: { code: 'OTHER_ORGANIZATION', message: expect.stringContaining(partner().org.id) },
  });

  it('to a creation is an error that names both, and no user or group of ours', async () => {
    world.webex.settings.ignoresOrgId = true;
    const created = await change(world, 'createUser', someUser());
    expect(created).toMatchObject({ ...wrong(), user: null });
    expect(await lastEvent()).toEqual({ outcome: 'PARTIALLY_APPLIED', errorCode: 'OTHER_ORGANIZATION' });
    const group = await change(world, 'createGroup', {
      connector: world.connectorId,
      displayName: 'New group',
    });
    expect(group).toMatchObject({ ...wrong(), group: null });
    expect(world.webex.person('new@acme.example')).toBeUndefined();
  });

  it('to a list of users or groups is an error, and not their list', async () => {
    world.webex.settings.ignoresOrgId = true;
    for (const list of ['users', 'groups']) {
      const { data, errors } = await world.query(`{ connector { ${list} { nodes { id } } } }`);
      expect(data).toEqual({ connector: { [list]: null } });
      expect(errors?.[0]?.extensions).toMatchObject({
        code: 'OTHER_ORGANIZATION',
        expectedOrganizationId: world.webex.org.id,
        organizationId: partner().org.id,
      });
    }
  });
});

describe('a connector to the partner’s own organization', () => {
  it('does not show people of the managed one, whom Webex finds by their address', async () => {
    await using own = await startWorld({
      partner: true,
      sandbox: { users: 40, partner: { users: 15 } },
      connector: { organizationWebexId: null },
    });
    const [person] = own.webex.people;
    const query =
      'query ($email: EmailAddress!) { connector { user(email: $email) { id } users(filter: { email: $email }) { nodes { id } } } }';
    const { connector } = await own.ask<{ connector: object }>(query, { email: person?.email });
    expect(connector).toEqual({ user: null, users: { nodes: [] } });
  });
});
