import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

const UPDATE = `mutation ($input: UpdateConnectorInput!) {
  updateConnector(input: $input) {
    __typename
    ... on Connector { version settings { maximumConnections connectionTimeout clientSecretSet proxyUrl readOnly } }
    ... on Error { code message }
    ... on SettingsConflict { current { version settings { maximumConnections } } }
  }
}`;

let world: World;

beforeAll(async () => {
  world = await startWorld({
    connect: false,
    upstream: { UPSTREAM_PROXIES: 'http://proxy.example:3128' },
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const version = async () =>
  (await world.ask<{ connector: { version: number } }>('{ connector { version } }')).connector.version;
const update = async (input: object) =>
  (await world.ask<{ updateConnector: object }>(UPDATE, { input: { id: world.connectorId, ...input } }))
    .updateConnector;

describe('two people who edit one connector at once', () => {
  it('the second gets the current values, and overwrites nothing', async () => {
    const seen = await version();
    expect(await update({ expectedVersion: seen, maximumConnections: 7 })).toMatchObject({
      version: seen + 1,
    });
    expect(await update({ expectedVersion: seen, maximumConnections: 3 })).toMatchObject({
      __typename: 'SettingsConflict',
      code: 'CONFLICT',
      current: { version: seen + 1, settings: { maximumConnections: 7 } },
    });
  });

  it('of twenty at the same moment, exactly one changes it', async () => {
    const seen = await version();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        update({ expectedVersion: seen, maximumConnections: 10 + index }),
      ),
    );
    const kinds = answers.map((answer) => ('__typename' in answer ? answer.__typename : undefined));
    expect(kinds.filter((kind) => kind === 'Connector')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'SettingsConflict')).toHaveLength(19);
  });
});

describe('a field of an update', () => {
  it('is left alone when absent, cleared or brought back to its default when null, set when given', async () => {
    const { clientSecret } = world;
    await update({
      clientSecret,
      maximumConnections: 5,
      proxyUrl: 'http://proxy.example:3128',
      readOnly: true,
    });
    expect(await update({ connectionTimeout: 9 })).toMatchObject({
      settings: {
        maximumConnections: 5,
        connectionTimeout: 9,
        proxyUrl: 'http://proxy.example:3128',
        readOnly: true,
      },
    });
    expect(
      await update({ maximumConnections: null, proxyUrl: null, readOnly: null, clientSecret: null }),
    ).toMatchObject({
      settings: {
        maximumConnections: 10,
        connectionTimeout: 9,
        proxyUrl: null,
        readOnly: false,
        clientSecretSet: false,
      },
    });
    expect(await update({ name: null })).toMatchObject({ code: 'INVALID_INPUT' });
  });
});
