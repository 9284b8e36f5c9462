import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { change, idOf } from '../changes.ts';
import { lastingDatabase } from '../databases.ts';
import {
  askPort,
  connectPort,
  createConnectorAt,
  freePort,
  INTEGRATION,
  kill,
  newSecretKeys,
  startProgram,
  startSandboxFor,
} from '../processes.ts';
import { startWorld } from '../world.ts';

const LICENSES = [
  'Customer Experience - Essential',
  'Basic Messaging',
  'Advanced Space Meetings',
  'Webex Webinars 1000',
];
const ROLES = [
  'Support Administrator',
  'Device Administrator',
  'Compliance Officer',
  'Location Administrator',
];

/** Twenty changes of one user, each of another field, license or role. */
function changesOf(id: string, email: string) {
  const fields = {
    emails: [email, `second.${email}`],
    displayName: 'All At Once',
    firstName: 'All',
    lastName: 'At Once',
    title: 'Juggler',
    department: 'Circus',
    managerName: 'The Director',
    avatar: 'https://pictures.example/me.png',
    phoneNumbers: ['+1 555 010 0199'],
    addresses: [{ locality: 'Bergen' }],
    siteUrls: ['acme.webex.com#attendee'],
    loginEnabled: false,
  };
  return [
    ...Object.entries(fields).map(
      ([name, value]) => ['updateUser', { id, user: { [name]: value } }] as const,
    ),
    ...LICENSES.map((license) => ['updateUserLicenses', { id, add: [{ license }] }] as const),
    ...ROLES.map((role) => ['updateUserRoles', { id, add: [role] }] as const),
  ];
}

/** A user who has none of these values yet. */
function someUser(webex: Sandbox) {
  const found = webex.people.find(
    ({ licenseNames, roleNames, locationId }) =>
      locationId === undefined &&
      roleNames.length === 0 &&
      !licenseNames.some((name) => LICENSES.slice(0, 2).includes(name)),
  );
  if (found === undefined) throw new Error('nobody suits');
  return found;
}

function expectAll(webex: Sandbox, id: string): void {
  expect(webex.person(id)).toMatchObject({
    displayName: 'All At Once',
    firstName: 'All',
    lastName: 'At Once',
    title: 'Juggler',
    department: 'Circus',
    manager: 'The Director',
    loginEnabled: false,
    licenseNames: expect.arrayContaining(LICENSES),
    roleNames: expect.arrayContaining(ROLES),
  });
}

/** What the sandbox's own view does not show. */
const REST = `query ($id: ID!) { connector { user(id: $id) {
  emails avatar phoneNumbers { type value } addresses { locality } siteUrls
} } }`;

function expectRest(answer: { connector: { user: object } }, email: string): void {
  expect(answer.connector.user).toMatchObject({
    emails: [email, `second.${email}`],
    avatar: 'https://pictures.example/me.png',
    phoneNumbers: expect.arrayContaining([{ type: 'work', value: '+15550100199' }]),
    addresses: [{ locality: 'Bergen' }],
    siteUrls: ['acme.webex.com#attendee'],
  });
}

describe('a change through one gateway', () => {
  it('is seen through another on the same database, though that keeps its catalogues', async () => {
    await using world = await startWorld({ sandbox: { users: 30 } });
    const other = await world.restart();
    const { id: webexId } = someUser(world.webex);
    const id = await idOf(world, 'user', webexId);
    const [license = ''] = LICENSES;
    const seats = async () => {
      const { connector } = await other.ask<{ connector: { license: { consumedUnits: number } } }>(
        'query ($license: String!) { connector { license(name: $license) { consumedUnits } } }',
        { license },
      );
      return connector.license.consumedUnits;
    };
    const before = await seats();
    expect((await change(world, 'updateUserLicenses', { id, add: [{ license }] })).outcome).toBe('APPLIED');
    await expect.poll(seats, { interval: 5, timeout: 10_000 }).toBe(before + 1);
  });
});

describe('twenty changes of one user at once', () => {
  it('are all there in the end, from two gateways', async () => {
    await using world = await startWorld({
      sandbox: { settings: { latencyMs: 2 } },
    });
    const other = await world.restart();
    const { id: webexId, email } = someUser(world.webex);
    const id = await idOf(world, 'user', webexId);
    const outcomes = await Promise.all(
      changesOf(id, email).map(([mutation, input], index) =>
        change(index % 2 === 0 ? world : other, mutation, input),
      ),
    );
    expect(outcomes.filter(({ outcome }) => !['APPLIED', 'NOTHING_CHANGED'].includes(outcome))).toEqual([]);
    expectAll(world.webex, webexId);
    expectRest(await world.ask(REST, { id: webexId }), email);
  });

  it.runIf(process.env.TEST_DATABASE_URL)('are all there in the end, from two processes', async () => {
    await using database = await lastingDatabase();
    const ports = [await freePort(), await freePort()];
    await using webex = await startSandboxFor(ports, { latencyMs: 2 });
    const environment = {
      DATABASE_URL: database.options.databaseUrl ?? '',
      SECRET_KEYS: newSecretKeys(),
      LOG_LEVEL: 'warn',
    };
    const gateways = ports.map((port) => startProgram('server.ts', { ...environment, PORT: port }));
    try {
      await Promise.all(gateways.map(({ listening }) => listening));
      const [port = ''] = ports;
      const connectorId = await createConnectorAt(port, webex.url, { name: 'acme', ...INTEGRATION });
      await connectPort(port, connectorId);
      const { id: webexId, email } = someUser(webex);
      const { data } = await askPort<{ connector: { user: { id: string } } }>(
        port,
        'query ($id: ID!) { connector { user(id: $id) { id } } }',
        { id: webexId },
      );
      const { id } = data.connector.user;
      const answers = await Promise.all(
        changesOf(id, email).map(([mutation, input], index) => {
          const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;
          const query = `mutation ($input: ${type}) { ${mutation}(input: $input) { error { code message } } }`;
          return askPort<Record<string, { error: { code: string } | null }>>(ports[index % 2] ?? '', query, {
            input,
          });
        }),
      );
      for (const answer of answers) {
        expect(answer.errors).toBeUndefined();
        expect(Object.values(answer.data)).toEqual([{ error: null }]);
      }
      expectAll(webex, webexId);
      const { data: rest } = await askPort<{ connector: { user: object } }>(port, REST, { id: webexId });
      expectRest(rest, email);
    } finally {
      await Promise.all(gateways.map((gateway) => kill(gateway)));
    }
  });
});
