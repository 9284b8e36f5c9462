import { afterEach, describe, expect, it } from 'vitest';
import { lastingDatabase } from '../databases.ts';
import {
  askPort,
  connectPort,
  createConnectorAt,
  freePort,
  INTEGRATION,
  kill,
  newSecretKeys,
  type Running,
  startProgram,
  startSandboxFor,
} from '../processes.ts';

const running: Running[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => kill(each)));
});

// Several gateways need a database that several processes can share.
describe.runIf(process.env.TEST_DATABASE_URL)('four gateways on one PostgreSQL', () => {
  it('renew an expired token once, and fail no request, though a refresh token is good once', async () => {
    await using database = await lastingDatabase();
    const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    await using webex = await startSandboxFor(ports, {
      rotateRefreshTokens: true,
      reuseRevokesGrant: true,
      latencyMs: 20,
    });
    const environment = {
      DATABASE_URL: database.options.databaseUrl ?? '',
      SECRET_KEYS: newSecretKeys(),
    };
    for (const port of ports) {
      const gateway = startProgram('server.ts', { ...environment, PORT: port });
      running.push(gateway);
      await gateway.listening;
    }
    const [first = ''] = ports;
    const id = await createConnectorAt(first, webex.url, { name: 'acme', ...INTEGRATION });
    expect(await connectPort(first, id)).toContain('acme is connected');
    // Every process knows the token before it expires.
    for (const port of ports) await askPort(port, '{ connector { roles { name } } }');

    for (let round = 1; round <= 3; round += 1) {
      webex.expireAccessTokens();
      webex.requests.clear();
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, index) => {
          const query =
            'query ($name: String) { connector { users(filter: { displayNameStartsWith: $name }) { nodes { id } } } }';
          return askPort(ports[index % ports.length] ?? '', query, {
            name: String.fromCharCode(65 + (index % 26)),
          });
        }),
      );
      expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
      expect(webex.requests.count('POST /access_token')).toBe(1);
    }
  });
});
