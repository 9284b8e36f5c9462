import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

interface Names {
  readonly nodes: readonly { readonly displayName: string }[];
}

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const live = () => world.webex.people;
const names = (connection: Names) => connection.nodes.map((node) => node.displayName);

describe('reading a user', () => {
  it('by e-mail address, with everything Webex tells', async () => {
    const person = live().find((each) => each.title !== undefined && each.timezone !== undefined);
    const { connector } = await world.ask<{ connector: { user: Record<string, unknown> } }>(
      `query ($email: EmailAddress!) { connector { user(email: $email) {
        webexId emails displayName firstName lastName nickName title department timezone avatar type status
        lastActivityAt invitePending loginEnabled siteUrls createdAt lastModifiedAt extension locationWebexId
        phoneNumbers { type value primary } addresses { type streetAddress locality region postalCode country }
        sipAddresses { type value primary }
      } } }`,
      { email: person?.email },
    );
    expect(connector.user).toMatchObject({
      webexId: person?.id,
      emails: [person?.email],
      displayName: person?.displayName,
      title: person?.title,
      department: person?.department ?? null,
      timezone: person?.timezone,
      type: 'PERSON',
      invitePending: person?.invitePending,
      loginEnabled: person?.loginEnabled,
      locationWebexId: person?.locationId ?? null,
      createdAt: expect.stringMatching(/^\d{4}-/),
    });
  });

  it('by id, by the id Webex uses, and again as a node', async () => {
    const person = live()[3];
    const { connector } = await world.ask<{ connector: { user: { id: string } } }>(
      'query ($id: ID!) { connector { user(id: $id) { id } } }',
      { id: person?.id },
    );
    const again = await world.ask<{ connector: { user: object }; node: object; nodes: object[] }>(
      `query ($id: ID!) {
        connector { user(id: $id) { webexId } }
        node(id: $id) { __typename id ... on User { webexId } }
        nodes(ids: [$id]) { id }
      }`,
      { id: connector.user.id },
    );
    expect(again).toEqual({
      connector: { user: { webexId: person?.id } },
      node: { __typename: 'User', id: connector.user.id, webexId: person?.id },
      nodes: [{ id: connector.user.id }],
    });
  });

  it('gives null, never an error, for what Webex leaves out', async () => {
    const { connector } = await world.ask<{
      connector: { users: { nodes: { nickName: string | null; timezone: string | null }[] } };
    }>(
      '{ connector { users(first: 250) { nodes { displayName firstName lastName nickName title department timezone avatar lastModifiedAt manager { displayName } } } } }',
    );
    const { nodes } = connector.users;
    expect(nodes).toHaveLength(250);
    expect(nodes.some((node) => node.nickName === null)).toBe(true);
    expect(nodes.some((node) => node.nickName !== null)).toBe(true);
    expect(nodes.some((node) => node.timezone === null)).toBe(true);
  });

  it('spells presence as an enum, whatever the case Webex uses', async () => {
    const { connector } = await world.ask<{ connector: { users: { nodes: { status: string | null }[] } } }>(
      '{ connector { users(first: 250) { nodes { status lastActivityAt } } } }',
    );
    const shown = new Set(connector.users.nodes.map((node) => node.status));
    expect([...shown]).toEqual(
      expect.arrayContaining(['ACTIVE', 'INACTIVE', 'DO_NOT_DISTURB', 'OUT_OF_OFFICE']),
    );
  });
});

describe('reading in every direction', () => {
  it('users → manager, licenses, roles, groups', async () => {
    const { connector } = await world.ask<{
      connector: {
        users: {
          nodes: {
            webexId: string;
            manager: { webexId: string } | null;
            licenses: { webexId: string }[];
            roles: { name: string }[];
            groups: { displayName: string }[];
          }[];
        };
      };
    }>(
      '{ connector { users(first: 250) { nodes { webexId manager { webexId } licenses { webexId name } roles { name } groups { displayName } } } } }',
    );
    for (const [index, person] of live().entries()) {
      const shown = connector.users.nodes[index];
      expect(shown?.webexId).toBe(person.id);
      expect(shown?.manager?.webexId).toBe(person.managerId);
      expect(shown?.licenses.map((license) => license.webexId).sort()).toEqual([...person.licenseIds].sort());
      expect(shown?.roles.map((role) => role.name).sort()).toEqual([...person.roleNames].sort());
      expect(shown?.groups.map((group) => group.displayName).sort()).toEqual([...person.groupNames].sort());
    }
    expect(live()).toHaveLength(250);
  });

  it('groups → members → their groups', async () => {
    const { connector } = await world.ask<{
      connector: {
        groups: {
          totalCount: number;
          nodes: { displayName: string; memberCount: number; members: { totalCount: number } & Names }[];
        };
      };
    }>(
      '{ connector { groups(first: 30) { totalCount nodes { displayName memberCount members(first: 1000) { totalCount nodes { displayName groups { displayName } } } } } } }',
    );
    const { groups } = world.webex;
    const order = connector.groups.nodes.map((group) => group.displayName);
    expect(connector.groups.totalCount).toBe(groups.length);
    expect(order).toEqual(
      groups.map((group) => group.displayName).sort((one, other) => one.localeCompare(other, 'en')),
    );
    const nameOf = new Map(live().map((person) => [person.id, person.displayName]));
    for (const group of groups) {
      const members = group.memberIds.map((id) => nameOf.get(id));
      const shown = connector.groups.nodes.find((each) => each.displayName === group.displayName);
      expect(shown?.memberCount).toBe(members.length);
      expect(shown?.members.totalCount).toBe(members.length);
      expect(shown && names(shown.members)).toEqual(members);
    }
  });

  it('licenses → holders', async () => {
    const { connector } = await world.ask<{
      connector: {
        licenses: {
          webexId: string;
          totalUnits: number;
          consumedUnits: number;
          availableUnits: number | null;
          users: { nodes: { emails: string[] }[] };
        }[];
      };
    }>(
      '{ connector { licenses { webexId name totalUnits consumedUnits availableUnits subscriptionWebexId siteUrl siteType users(first: 1000) { nodes { displayName emails } } } } }',
    );
    const { licenses } = world.webex;
    expect(connector.licenses.map((license) => license.webexId)).toEqual(licenses.map(({ id }) => id));
    for (const [index, license] of licenses.entries()) {
      const shown = connector.licenses[index];
      expect(shown?.users.nodes.flatMap((user) => user.emails)).toEqual(license.holders);
      expect(shown?.consumedUnits).toBe(license.consumedUnits);
      expect(shown?.availableUnits).toBe(
        license.totalUnits === undefined ? null : license.totalUnits - license.consumedUnits,
      );
    }
    expect(connector.licenses.some((license) => license.availableUnits === null)).toBe(true);
  });

  it('roles → holders', async () => {
    const { connector } = await world.ask<{
      connector: { roles: { name: string; users: { nodes: { emails: string[] }[] } }[] };
    }>('{ connector { roles { webexId name users(first: 1000) { nodes { emails } } } } }');
    for (const shown of connector.roles) {
      const holders = shown.users.nodes.flatMap((user) => user.emails);
      expect(holders.sort()).toEqual([...(world.webex.role(shown.name)?.holders ?? [])].sort());
    }
    expect(connector.roles.some((role) => role.users.nodes.length > 0)).toBe(true);
  });

  it('a license or a role by name, a group by name', async () => {
    const { connector } = await world.ask<{
      connector: Record<string, { name?: string; displayName?: string }>;
    }>(
      `{ connector {
        license(name: "Advanced Messaging") { name }
        role(name: "Full Administrator") { name }
        group(displayName: "All Employees") { displayName memberCount }
      } }`,
    );
    expect(connector).toMatchObject({
      license: { name: 'Advanced Messaging' },
      role: { name: 'Full Administrator' },
      group: { displayName: 'All Employees' },
    });
  });

  it('every type again as a node, and null for each that is gone', async () => {
    const { connector } = await world.ask<{ connector: Record<string, unknown> }>(
      `{ connector { id
        users(first: 1) { nodes { id } } groups(first: 1) { nodes { id } } licenses { id } roles { id }
        details { organization { id } }
      } }`,
    );
    const ids = JSON.stringify(connector).match(/(?<="id":")[^"]+/g) ?? [];
    const { nodes } = await world.ask<{ nodes: { __typename: string; id: string }[] }>(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }',
      { ids },
    );
    expect(nodes.map((node) => node.id)).toEqual(ids);
    expect(new Set(nodes.map((node) => node.__typename))).toEqual(
      new Set(['Connector', 'User', 'Group', 'License', 'Role', 'Organization']),
    );
    const gone = nodes.map(({ id }) => {
      const [type, connectorId] = Buffer.from(id, 'base64').toString().split(':');
      return Buffer.from(
        `${type}:${type === 'Connector' ? '00000000-0000-4000-8000-000000000000' : `${connectorId}:${randomUUID()}`}`,
      ).toString('base64');
    });
    const answer = await world.query<{ nodes: (object | null)[] }>(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
      { ids: gone },
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toEqual({ nodes: gone.map(() => null) });
  });
});

describe('filtering', () => {
  it('users by the beginning of their name, by address, by role', async () => {
    const admin = world.webex.role('Full Administrator');
    const holders = admin?.holders.map((email) => world.webex.person(email)) ?? [];
    const holder = holders[0];
    const { connector } = await world.ask<{ connector: { byName: Names; byEmail: Names; byRole: Names } }>(
      `query ($name: String, $email: EmailAddress, $roleId: ID) { connector {
        byName: users(filter: { displayNameStartsWith: $name }) { nodes { displayName } }
        byEmail: users(filter: { email: $email }) { nodes { displayName } }
        byRole: users(filter: { roleId: $roleId }) { nodes { displayName } }
      } }`,
      { name: holder?.displayName.slice(0, 3), email: holder?.email, roleId: admin?.id },
    );
    expect(names(connector.byEmail)).toEqual([holder?.displayName]);
    expect(names(connector.byName)).toContain(holder?.displayName);
    expect(
      names(connector.byName).every((name) => name.startsWith(holder?.displayName.slice(0, 3) ?? '?')),
    ).toBe(true);
    expect(names(connector.byRole).sort()).toEqual(holders.map((person) => person?.displayName).sort());
  });

  it('groups by the beginning of their name', async () => {
    const { connector } = await world.ask<{ connector: { groups: Names } }>(
      '{ connector { groups(filter: { displayNameStartsWith: "Office" }) { nodes { displayName } } } }',
    );
    expect(names(connector.groups).length).toBeGreaterThan(0);
    expect(names(connector.groups).every((name) => name.startsWith('Office'))).toBe(true);
  });
});

describe('paging', () => {
  it('reads every user exactly once, whatever the size of a page', async () => {
    for (const first of [7, 100]) {
      const seen: string[] = [];
      for (let after: string | null = null, more = true; more; ) {
        const page: {
          connector: {
            users: { nodes: { webexId: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
          };
        } = await world.ask(
          'query ($first: Int, $after: String) { connector { users(first: $first, after: $after) { nodes { webexId } pageInfo { hasNextPage endCursor } } } }',
          { first, after },
        );
        seen.push(...page.connector.users.nodes.map((node) => node.webexId));
        more = page.connector.users.pageInfo.hasNextPage;
        after = page.connector.users.pageInfo.endCursor;
      }
      expect(seen).toEqual(live().map((person) => person.id));
    }
  });

  it('goes on inside a group', async () => {
    const read = (after: string | null) =>
      world.ask<{
        connector: { group: { members: { edges: { cursor: string; node: { webexId: string } }[] } } };
      }>(
        'query ($after: String) { connector { group(displayName: "All Employees") { members(first: 30, after: $after) { edges { cursor node { webexId } } } } } }',
        { after },
      );
    const first = await read(null);
    const edges = first.connector.group.members.edges;
    const second = await read(edges[9]?.cursor ?? null);
    const overlap = second.connector.group.members.edges.slice(0, 20).map((edge) => edge.node.webexId);
    expect(overlap).toEqual(edges.slice(10).map((edge) => edge.node.webexId));
  });
});
