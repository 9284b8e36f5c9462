import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ALL_SCOPES, startSandbox } from '../../src/sandbox/index.ts';
import { startCollector } from '../collector.ts';
import { freshFolder } from '../databases.ts';
import { askPort, connectPort, createConnectorAt, freePort, kill, startProgram } from '../processes.ts';

const CANARY = 'client-secret-canary-7f3a';
/** As in Webex's own tokens; the sandbox puts it into each. */
const IN_EVERY_TOKEN = '_PF84_';
const PROXY_CANARY = 'proxy-password-canary-9b1c';

it('a connector’s secrets and tokens are in no answer, log, error, metric, trace, or, unsealed, on disk', async () => {
  await using folder = await freshFolder();
  const port = await freePort();
  const metricsPort = await freePort();
  await using collector = await startCollector();
  const redirectUris = [`http://localhost:${port}/oauth/callback`];
  await using webex = await startSandbox({
    integrations: [{ clientId: 'c', clientSecret: CANARY, redirectUris, scopes: ALL_SCOPES }],
  });
  const gateway = startProgram('server.ts', {
    PORT: port,
    METRICS_PORT: metricsPort,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_SERVICE_NAME: 'canaries',
    DATA_DIR: folder.dataDir,
    LOG_LEVEL: 'trace',
  });
  const seen: string[] = [];
  const note = async (query: string, variables: object = {}) => {
    seen.push(JSON.stringify(await askPort(port, query, variables, { 'Webex-Explain': 'true' })));
  };
  try {
    await gateway.listening;
    const id = await createConnectorAt(port, webex.url, {
      name: 'acme',
      clientId: 'c',
      clientSecret: CANARY,
    });
    seen.push(await connectPort(port, id));
    const { refreshToken } = webex.issueTokens({ clientId: 'c' });
    expect(refreshToken).toContain(IN_EVERY_TOKEN);
    await note(
      'mutation ($input: ConnectWithRefreshTokenInput!) { connectWithRefreshToken(input: $input) { __typename ... on Error { message code } } }',
      { input: { connectorId: id, refreshToken } },
    );
    await note(
      '{ connectors { id name connection { clientId clientSecretSet proxyUrl } details { grantedScopes } } }',
    );
    await note(
      'mutation ($input: TestConnectorInput!) { testConnector(input: $input) { ... on ConnectorTest { checks { message } } } }',
      {
        input: { connectorId: id },
      },
    );
    webex.fail({
      route: 'GET /people',
      fault: { kind: 'status', status: 500 },
      times: Number.POSITIVE_INFINITY,
    });
    await note('{ connector { users { nodes { id } } } }');
    webex.revokeGrants();
    await note('{ connector { roles { name } } }');
    await note(
      'mutation ($input: UpdateConnectorInput!) { updateConnector(input: $input) { ... on Error { message } } }',
      {
        input: { id, proxyUrl: `http://user:${PROXY_CANARY}@127.0.0.1:1` },
      },
    );
    await note('{ connector { roles { name } } }');
    const metrics = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
    const text = await metrics.text();
    expect([metrics.status, text]).toEqual([200, expect.stringContaining('process_resident_memory_bytes')]);
    seen.push(text);
    // They are there and nowhere else, and nothing else is there.
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${metricsPort}/graphql`)).status).toBe(404);
  } finally {
    await kill(gateway, 'SIGTERM');
  }
  seen.push(gateway.output.stdout, gateway.output.stderr, ...collector.bodies);
  // What was not sent before is sent when the gateway stops.
  const traced = collector.spansOf().map(({ name }) => name);
  expect(traced).toEqual(expect.arrayContaining(['query', 'mutation', 'POST /access_token', 'GET /people']));
  expect(collector.bodies.join()).toContain('canaries');
  const files = readdirSync(folder.dataDir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const onDisk = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  expect(files.length).toBeGreaterThan(100);
  for (const secret of [CANARY, PROXY_CANARY, IN_EVERY_TOKEN]) {
    expect(seen.filter((text) => text.includes(secret))).toEqual([]);
    expect(onDisk.some((text) => text.includes(secret))).toBe(false);
  }
});
