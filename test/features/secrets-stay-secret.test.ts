import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { hashKey, newKey } from '../../src/access/key-format.ts';
import { ALL_SCOPES, startSandbox } from '../../src/sandbox/index.ts';
import { startCollector } from '../collector.ts';
import { freshFolder } from '../databases.ts';
import { askPort, createConnectorAt, freePort, kill, startProgram } from '../processes.ts';

/** A token endpoint in front of the sandbox's own, and what it was sent. */
async function watchTokenEndpoint(webexUrl: string) {
  const sent: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    const body = await readText(request);
    sent.push(new URLSearchParams(body));
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await fetch(`${webexUrl}/v1/access_token`, { method: 'POST', headers, body });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1/access_token`;
  return { url, sent, [Symbol.dispose]: () => void server.close() };
}

const CLIENT_ID = 'client-id-that-is-no-secret';
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
    integrations: [{ clientId: CLIENT_ID, clientSecret: CANARY, redirectUris, scopes: ALL_SCOPES }],
  });
  using tokenEndpoint = await watchTokenEndpoint(webex.url);
  const administrator = newKey();
  const headers = { Authorization: `Bearer ${administrator}` };
  const gateway = startProgram('server.ts', {
    PORT: port,
    METRICS_PORT: metricsPort,
    ACCESS_CONTROL: 'on',
    ADMIN_KEY_HASH: hashKey(administrator),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_SERVICE_NAME: 'canaries',
    DATA_DIR: folder.dataDir,
    LOG_LEVEL: 'trace',
  });
  const seen: string[] = [];
  const note = async (query: string, variables: object = {}) => {
    const answer = JSON.stringify(
      await askPort(port, query, variables, { ...headers, 'Webex-Explain': 'true' }),
    );
    seen.push(answer);
    return answer;
  };
  /** Those that are made on the way are added. */
  const secrets = [CANARY, PROXY_CANARY, IN_EVERY_TOKEN, administrator];
  try {
    await gateway.listening;
    const settings = {
      name: 'acme',
      clientId: CLIENT_ID,
      clientSecret: CANARY,
      tokenEndpoint: tokenEndpoint.url,
    };
    const id = await createConnectorAt(port, webex.url, settings, headers);
    const { data: begun } = await askPort<{ connect: { authorizationUrl: string } }>(
      port,
      'mutation ($id: ID!) { connect(input: { id: $id }) { authorizationUrl } }',
      { id },
      headers,
    );
    const { origin, pathname, searchParams } = new URL(begun.connect.authorizationUrl);
    searchParams.set('decision', 'approve');
    const approved = await fetch(`${origin}${pathname}`, {
      method: 'POST',
      body: searchParams,
      redirect: 'manual',
    });
    const back = new URL(approved.headers.get('location') ?? '');
    const page = await (await fetch(back)).text();
    expect(page).toContain('acme is connected');
    seen.push(page);
    const verifier = tokenEndpoint.sent[0]?.get('code_verifier');
    const { data: made } = await askPort<{ createApiKey: { key: string } }>(
      port,
      'mutation { createApiKey(input: { name: "reader", grants: [{ scope: READ }] }) { key } }',
      {},
      headers,
    );
    await askPort(port, '{ connectors { id } }', {}, { Authorization: `Bearer ${made.createApiKey.key}` });
    await note('{ apiKeys { name createdBy } auditEvents { nodes { actor } } }');
    for (const secret of [back.searchParams.get('state'), back.searchParams.get('code'), verifier]) {
      secrets.push(secret ?? '');
    }
    secrets.push(made.createApiKey.key);
    const { refreshToken } = webex.issueTokens({ clientId: CLIENT_ID });
    expect(refreshToken).toContain(IN_EVERY_TOKEN);
    const handOver = () =>
      note(
        'mutation ($input: ConnectWithRefreshTokenInput!) { connectWithRefreshToken(input: $input) { connector { status } error { message code } } }',
        { input: { id, refreshToken } },
      );
    expect(await handOver()).toContain('{"connector":{"status":"CONNECTED"},"error":null}');
    await note(
      '{ connectors { id name settings { clientId clientSecretSet proxyUrl } details { grantedScopes } } }',
    );
    await note(
      'mutation ($input: TestConnectorInput!) { testConnector(input: $input) { test { checks { message } } } }',
      { input: { id } },
    );
    webex.fail({
      route: 'GET /people',
      fault: { kind: 'status', status: 500 },
      times: Number.POSITIVE_INFINITY,
    });
    await note('{ connector { users { nodes { id } } } }');
    webex.revokeGrants();
    await note('{ connector { roles { name } } }');
    const proxied = await note(
      'mutation ($input: UpdateConnectorInput!) { updateConnector(input: $input) { connector { settings { proxyUrl } } } }',
      { input: { id, clientSecret: CANARY, proxyUrl: `http://user:${PROXY_CANARY}@127.0.0.1:1` } },
    );
    expect(proxied).toContain('{"connector":{"settings":{"proxyUrl":"http://127.0.0.1:1');
    // Nobody listens there.
    expect(await handOver()).toContain('UPSTREAM_UNAVAILABLE');
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
  const isKey = ({ name }: { readonly name: string }) => name === 'secret.key';
  const read = (entry: { readonly parentPath: string; readonly name: string }) =>
    readFileSync(join(entry.parentPath, entry.name), 'latin1');
  const [sealing = ''] = files.filter(isKey).map(read);
  secrets.push(sealing.trim().split(':')[1] ?? '');
  const onDisk = files.filter((entry) => !isKey(entry)).map(read);
  expect(files.length).toBeGreaterThan(100);
  // What is no secret is found in answers, logs, traces and on disk, or the search would find nothing at all.
  for (const places of [seen, onDisk]) expect(places.some((text) => text.includes(CLIENT_ID))).toBe(true);
  expect(collector.bodies.some((text) => text.includes('acme'))).toBe(true);
  expect(gateway.output.stdout).toContain('api-key:reader');
  expect([secrets.length, secrets.filter((secret) => secret.length < 6)]).toEqual([9, []]);
  for (const secret of secrets) {
    expect(seen.filter((text) => text.includes(secret))).toEqual([]);
    expect(onDisk.some((text) => text.includes(secret))).toBe(false);
  }
});
