import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { startCollector } from '../collector.ts';
import { freshFolder } from '../databases.ts';
import { askPort, createConnectorAt, freePort, kill, startProgram } from '../processes.ts';

const CLIENT_SECRET = 'client-secret+canary/7f3a';
const REFRESH_TOKEN = 'refresh-token-canary-11d2';
const ACCESS_TOKENS = ['access-token-canary-c0de', 'access-token-canary-beef'];
const PROXY_PASSWORD = 'proxy-password-canary-9b1c';
/** Is no secret, and shows that the upstream's words arrive. */
const MARK = 'echo-mark';

const publicId = (kind: string) =>
  Buffer.from(`ciscospark://us/${kind}/${crypto.randomUUID()}`).toString('base64url');
const PERSON = publicId('PEOPLE');
const ORGANIZATION = publicId('ORGANIZATION');

/** An upstream, its token endpoint and a proxy in one, which repeats all that it was sent wherever it can. */
async function startEcho() {
  let [host, tokens] = ['', 0];
  const server = createServer(async (request, response) => {
    const body = await readText(request);
    const credentials = [request.headers.authorization, request.headers['proxy-authorization']];
    const plain = credentials.map((each) => Buffer.from(each?.split(' ')[1] ?? '', 'base64').toString());
    const all = [MARK, JSON.stringify(request.headers), ...credentials, ...plain, body].join(' ');
    const { status, answer } = answerTo(request, all);
    const bearer = request.headers.authorization?.split(' ')[1] ?? 'none';
    response.writeHead(status, { 'content-type': 'application/json', trackingid: bearer });
    response.end(JSON.stringify(answer));
  });
  const answerTo = ({ method, url: address = '' }: IncomingMessage, all: string) => {
    // A proxy is asked for the whole address.
    const url = address.replace(`http://${host}`, '');
    if (url.startsWith('/v1/access_token')) {
      const access_token = ACCESS_TOKENS[tokens];
      tokens += 1;
      if (access_token === undefined)
        return { status: 400, answer: { error: 'invalid_grant', error_description: all, message: all } };
      return {
        status: 200,
        answer: { access_token, expires_in: 3_600, refresh_token: REFRESH_TOKEN },
      };
    }
    if (method === 'GET' && url.startsWith('/v1/people')) {
      const created = '2026-01-01T00:00:00.000Z';
      const person = {
        id: PERSON,
        orgId: ORGANIZATION,
        emails: ['a@example.com'],
        displayName: all,
        firstName: all,
        title: all,
        created,
      };
      return {
        status: 200,
        answer: url.includes('?') ? { items: url.includes('email=') ? [] : [person] } : person,
      };
    }
    return { status: 400, answer: { message: all, errors: [{ description: all }], trackingId: all } };
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  return {
    host,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const ERROR = 'error { code message ... on WebexFailure { webexMessage trackingIds } }';

it('secrets that an upstream repeats are in no answer, log, metric, trace, audit event or database file', async () => {
  await using folder = await freshFolder();
  await using collector = await startCollector();
  await using echo = await startEcho();
  const port = await freePort();
  const gateway = startProgram('server.ts', {
    PORT: port,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    DATA_DIR: folder.dataDir,
    LOG_LEVEL: 'trace',
  });
  const seen: string[] = [];
  const note = async (query: string, variables: object = {}) => {
    const answer = JSON.stringify(await askPort(port, query, variables, { 'Webex-Explain': 'true' }));
    seen.push(answer);
    return answer;
  };
  const change = (field: string, type: string, input: object) =>
    note(`mutation ($input: ${type}!) { ${field}(input: $input) { ${ERROR} } }`, { input });
  const page = async (path: string) => {
    seen.push(await (await fetch(`http://127.0.0.1:${port}${path}`)).text());
  };
  try {
    await gateway.listening;
    const connectorId = await createConnectorAt(port, `http://${echo.host}`, {
      name: 'acme',
      clientId: 'c',
      clientSecret: CLIENT_SECRET,
      clientAuthentication: 'CLIENT_SECRET_BASIC',
      proxyUrl: `http://user:${PROXY_PASSWORD}@${echo.host}`,
    });
    const input = { id: connectorId, refreshToken: REFRESH_TOKEN };
    expect(await change('connectWithRefreshToken', 'ConnectWithRefreshTokenInput', input)).toContain(
      '"error":null',
    );
    const { data } = await askPort<{
      connector: { users: { nodes: { id: string; displayName: string }[] } };
    }>(port, '{ connector { users { nodes { id displayName } } } }');
    const [user] = data.connector.users.nodes;
    expect(user?.displayName).toContain(MARK);
    await note(
      '{ connector { users { nodes { displayName firstName title } } details { connectedBy { displayName } } } }',
    );
    expect(await note('{ connector { roles { name } } }')).toContain('UPSTREAM_REJECTED');
    await note('{ connector { licenses { name } groups { nodes { displayName } } } }');
    expect(
      await change('createUser', 'CreateUserInput', {
        connector: connectorId,
        user: { emails: ['b@example.com'], displayName: 'B' },
      }),
    ).toContain(MARK);
    await change('createGroup', 'CreateGroupInput', { connector: connectorId, displayName: 'G' });
    await change('updateUser', 'UpdateUserInput', { id: user?.id, user: { title: 'T' } });
    await change('deleteUser', 'DeleteUserInput', { id: user?.id });
    await change('testConnector', 'TestConnectorInput', { id: connectorId });
    await note(
      'mutation ($input: TestConnectorInput!) { testConnector(input: $input) { test { checks { message } } } }',
      { input: { id: connectorId } },
    );
    // The second one answers with the second token, the third one refuses.
    await change('connectWithRefreshToken', 'ConnectWithRefreshTokenInput', input);
    await change('connectWithRefreshToken', 'ConnectWithRefreshTokenInput', input);
    await note(
      '{ auditEvents { nodes { targetName changes { field before after } trackingIds errorCode } } }',
    );
    for (const path of [
      '/audit/events',
      '/metrics',
      `/oauth/callback?error=x&error_description=${CLIENT_SECRET}`.slice(0, 30),
    ])
      await page(path);
  } finally {
    await kill(gateway, 'SIGTERM');
  }
  seen.push(gateway.output.stdout, gateway.output.stderr, ...collector.bodies);
  const onDisk = readdirSync(folder.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  expect(seen.some((text) => text.includes('[removed]'))).toBe(true);
  const basic = Buffer.from(`c:${encodeURIComponent(CLIENT_SECRET)}`).toString('base64');
  const proxy = Buffer.from(`user:${PROXY_PASSWORD}`).toString('base64');
  const secrets = [
    CLIENT_SECRET,
    encodeURIComponent(CLIENT_SECRET),
    REFRESH_TOKEN,
    ...ACCESS_TOKENS,
    PROXY_PASSWORD,
    basic,
    proxy,
  ];
  for (const secret of secrets) {
    expect(seen.filter((text) => text.includes(secret))).toEqual([]);
    expect(onDisk.some((text) => text.includes(secret))).toBe(false);
  }
});
