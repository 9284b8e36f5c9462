import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

const world: World = await startWorld({
  partner: false,
  connect: false,
  sandbox: { users: 5, partner: { users: 3 } },
});
afterAll(() => world[Symbol.asyncDispose]());

const CLIENT = 'test-integration';
const own = world.webex.org.id;
const other = world.webex.partner.org.id;

/** What connecting answers: the connector, or why it is not connected. */
interface Connected {
  readonly connector: object | null;
  readonly error: object | null;
}
const CONNECTION = 'connector { status } error { ... on AuthorizationFailed { reason message } }';

async function handOver(person: string, expectOrganization?: string) {
  const { refreshToken } = world.webex.issueTokens({ person, clientId: CLIENT });
  const { connectWithRefreshToken } = await world.ask<{ connectWithRefreshToken: Connected }>(
    `mutation ($input: ConnectWithRefreshTokenInput!) { connectWithRefreshToken(input: $input) { ${CONNECTION} } }`,
    { input: { id: world.connectorId, refreshToken, expectOrganization } },
  );
  return connectWithRefreshToken.error ?? connectWithRefreshToken.connector;
}

/** Begins, approves as a user on Webex's page, and resolves with the address that the browser is sent back to. */
async function approve(person: string, expectOrganization?: string): Promise<URL> {
  const { connect } = await world.ask<{ connect: { authorizationUrl: string } }>(
    'mutation ($input: ConnectInput!) { connect(input: $input) { authorizationUrl } }',
    { input: { id: world.connectorId, expectOrganization } },
  );
  const { origin, pathname, searchParams } = new URL(connect.authorizationUrl);
  searchParams.set('decision', 'approve');
  searchParams.set('person', person);
  const init = { method: 'POST', body: searchParams, redirect: 'manual' } as const;
  return new URL((await fetch(`${origin}${pathname}`, init)).headers.get('location') ?? '');
}

async function complete(back: URL, expectOrganization?: string) {
  const [code, state] = ['code', 'state'].map((name) => back.searchParams.get(name));
  const { completeConnect } = await world.ask<{ completeConnect: Connected }>(
    `mutation ($input: CompleteConnectInput!) { completeConnect(input: $input) { ${CONNECTION} } }`,
    { input: { code, state, expectOrganization } },
  );
  return completeConnect.error ?? completeConnect.connector;
}

async function organization(): Promise<{ id: string; webexId: string }> {
  const { connector } = await world.ask<{
    connector: { details: { organization: { id: string; webexId: string } } };
  }>('{ connector { details { organization { id webexId } } } }');
  return connector.details.organization;
}
const { adminEmail } = world.webex;
const otherAdmin = world.webex.partner.adminEmail;
const REFUSED = { reason: 'OTHER_ORGANIZATION' };
const CONNECTED = { status: 'CONNECTED' };

describe('a connector that is connected to an organization', () => {
  beforeEach(async () => {
    expect(await handOver(adminEmail, own)).toEqual(CONNECTED);
  });

  it('is connected again to the same one without a word', async () => {
    expect(await handOver(adminEmail)).toEqual(CONNECTED);
    expect((await world.gateway.fetch(new Request(await approve(adminEmail)))).status).toBe(200);
  });

  it('is not moved to another one by a refresh token, unless that one is named', async () => {
    expect(await handOver(otherAdmin)).toMatchObject({
      ...REFUSED,
      message: expect.stringContaining(`start again with expectOrganization "${other}"`),
    });
    expect((await organization()).webexId).toBe(own);
    expect(await handOver(otherAdmin, other)).toEqual(CONNECTED);
    expect((await organization()).webexId).toBe(other);
  });

  it('is not moved to another one in a browser, unless that one is named at the beginning', async () => {
    const refused = await world.gateway.fetch(new Request(await approve(otherAdmin)));
    expect(await refused.text()).toContain('is connected to');
    expect((await organization()).webexId).toBe(own);
    expect((await world.gateway.fetch(new Request(await approve(otherAdmin, other)))).status).toBe(200);
    expect((await organization()).webexId).toBe(other);
  });

  it('is not moved to another one by completeConnect, unless that one is named there or at the beginning', async () => {
    expect(await complete(await approve(otherAdmin))).toMatchObject(REFUSED);
    expect(await complete(await approve(otherAdmin, other), own)).toMatchObject(REFUSED);
    expect((await organization()).webexId).toBe(own);
    expect(await complete(await approve(otherAdmin), other)).toEqual(CONNECTED);
  });

  it.each([
    'acme',
    '',
    Buffer.from('User:1:2').toString('base64'),
  ])('refuses %j as the expected organization before anything is sent', async (expected) => {
    const asked = world.webex.requests.count();
    const { data } = await world.query<{ connect: object }>(
      'mutation ($input: ConnectInput!) { connect(input: $input) { error { ... on InvalidInput { problems { path } } } } }',
      { input: { id: world.connectorId, expectOrganization: expected } },
    );
    expect(data?.connect).toEqual({ error: { problems: [{ path: 'input.expectOrganization' }] } });
    expect(world.webex.requests.count()).toBe(asked);
  });

  it('takes the id of the gateway for an organization as well', async () => {
    const { id } = await organization();
    expect(await handOver(adminEmail, id)).toEqual(CONNECTED);
    expect(await handOver(otherAdmin, id)).toMatchObject(REFUSED);
  });
});
