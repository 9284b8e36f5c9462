import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configure } from '../configuration.ts';
import { startWorld, type World } from '../world.ts';

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
const update = (input: object) => configure(world, 'updateConnector', { id: world.connectorId, ...input });

describe('two people who edit one connector at once', () => {
  it('the second gets the current values, and overwrites nothing', async () => {
    const seen = await version();
    expect(await update({ expectedVersion: seen, maximumConnections: 7 })).toMatchObject({
      connector: { version: seen + 1 },
    });
    expect(await update({ expectedVersion: seen, maximumConnections: 3 })).toMatchObject({
      connector: null,
      error: {
        __typename: 'Conflict',
        code: 'MODIFIED_MEANWHILE',
        retryable: false,
        current: { version: seen + 1, settings: { maximumConnections: 7 } },
      },
    });
  });

  it('of twenty at the same moment, exactly one changes it', async () => {
    const seen = await version();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        update({ expectedVersion: seen, maximumConnections: 10 + index }),
      ),
    );
    expect(answers.filter(({ error }) => error === null)).toHaveLength(1);
    expect(answers.filter(({ error }) => error?.code === 'MODIFIED_MEANWHILE')).toHaveLength(19);
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
      connector: {
        settings: {
          maximumConnections: 5,
          connectionTimeout: 9,
          proxyUrl: 'http://proxy.example:3128',
          readOnly: true,
        },
      },
    });
    expect(
      await update({ maximumConnections: null, proxyUrl: null, readOnly: null, clientSecret: null }),
    ).toMatchObject({
      connector: {
        settings: {
          maximumConnections: 10,
          connectionTimeout: 9,
          proxyUrl: null,
          readOnly: false,
          clientSecretSet: false,
        },
      },
    });
    expect(await update({ name: null })).toMatchObject({ error: { code: 'INVALID_INPUT' } });
  });
});
