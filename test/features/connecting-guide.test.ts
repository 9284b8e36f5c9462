import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { isEnumType, isInputObjectType, parse, validate } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { ALL_SCOPES, startSandbox } from '../../src/sandbox/index.ts';
import { schema } from '../../src/schema/index.ts';
import { freshFolder } from '../databases.ts';
import { freePort, kill, type Running, startProgram } from '../processes.ts';
import { startWorld } from '../world.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const guide = readFileSync(join(ROOT, 'docs/connecting.md'), 'utf8');
const hasTools = ['bash', 'curl'].every((tool) => spawnSync(tool, ['--version']).status === 0);

function blocks(language: string): string[] {
  return [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    (match) => match[1] ?? '',
  );
}

describe('the guide to connecting', () => {
  let folder: string | undefined;
  let server: Running | undefined;
  afterEach(async () => {
    if (server !== undefined) await kill(server);
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it('leads through GraphiQL from the first setting to disconnecting', async () => {
    await using world = await startWorld({ connect: false });
    let connectorId = '';
    const inThisWorld = (text: string) =>
      text
        .replaceAll('https://webexapis.com', world.webex.url)
        .replace('C0123456789', 'test-integration')
        .replace('from developer.webex.com', 'test-secret-canary');
    const [settings = ''] = blocks('json');
    const run = async (block: string) => {
      const variables = block.includes('$input') ? JSON.parse(inThisWorld(settings)) : {};
      const answer = await world.ask<Record<string, { connector?: { id: string } }>>(
        inThisWorld(block),
        variables,
      );
      connectorId ||= answer.createConnector?.connector?.id ?? '';
      if ('connect' in answer) await Object.assign(world, { connectorId }).connect();
      return answer;
    };
    for (const step of blocks('graphql')) expect(validate(schema, parse(step))).toEqual([]);
    // What testConnector answers has tests of its own.
    const steps = blocks('graphql').filter((block) => !block.includes('testConnector'));
    const answers: object[] = [];
    for (const step of steps) answers.push(await run(step));
    expect(answers).toEqual([
      {
        createConnector: {
          connector: { id: connectorId, redirectUri: 'http://gateway.test/oauth/callback' },
          error: null,
        },
      },
      { connect: { authorizationUrl: expect.any(String), expiresAt: expect.any(String), error: null } },
      {
        connector: {
          status: 'CONNECTED',
          details: expect.objectContaining({ missingScopes: [], endsSoon: false }),
        },
      },
      {
        updateConnector: {
          connector: {
            version: 2,
            status: 'CONNECTED',
            settings: { maximumConnections: 20, connectionTimeout: 60 },
          },
          error: null,
        },
      },
      { disconnect: { connector: { status: 'DISCONNECTED' }, error: null } },
    ]);
  });

  it.skipIf(!hasTools)('leads through the same with curl, in commands that can be copied', async () => {
    folder = mkdtempSync(join(tmpdir(), 'gateway-guide-test-'));
    const port = await freePort();
    await using webex = await startSandbox({
      integrations: [
        {
          clientId: 'C0123456789',
          clientSecret: 'guide-secret',
          redirectUris: [`http://localhost:${port}/oauth/callback`],
          scopes: ALL_SCOPES,
        },
      ],
    });
    await using database = await freshFolder();
    server = startProgram('server.ts', { DATA_DIR: database.dataDir, PORT: port, ACCESS_CONTROL: 'on' });
    await server.listening;
    const key = /webexgw_[\w-]+/.exec(server.output.stderr)?.[0];
    writeFileSync(join(folder, 'api-key.txt'), `${key}\n`);
    writeFileSync(join(folder, 'client-secret.txt'), 'guide-secret\n');
    writeFileSync(
      join(folder, 'refresh-token.txt'),
      webex.issueTokens({ clientId: 'C0123456789' }).refreshToken,
    );
    // The administrator approves in a browser that cannot reach the gateway, and copies where it ended.
    const approve = `RETURNED=$(curl -sS -o redirect.txt -w '%{redirect_url}' --data "decision=approve&\${AUTHORIZATION_URL#*\\?}" "\${AUTHORIZATION_URL%%\\?*}")`;
    const script = blocks('sh')
      .join('')
      .replaceAll('http://localhost:4000', `http://localhost:${port}`)
      .replaceAll('https://webexapis.com', webex.url)
      .replace(/^RETURNED=.*$/m, () => approve);
    writeFileSync(join(folder, 'guide.sh'), script);
    const { stdout, stderr } = await promisify(execFile)('bash', ['-eu', 'guide.sh'], {
      cwd: folder,
      env: { PATH: process.env.PATH },
    });
    await kill(server);
    const answers = stdout.trim().split('\n');
    expect(stderr).toBe('');
    expect(answers.map((answer) => JSON.parse(answer).data)).toEqual([
      {
        createConnector: {
          connector: { id: expect.any(String), redirectUri: `http://localhost:${port}/oauth/callback` },
          error: null,
        },
      },
      { connect: { authorizationUrl: expect.any(String), expiresAt: expect.any(String), error: null } },
      { completeConnect: { connector: { status: 'CONNECTED' }, error: null } },
      { connector: { status: 'CONNECTED', details: expect.objectContaining({ missingScopes: [] }) } },
      { updateConnector: { connector: { version: 2, status: 'CONNECTED' }, error: null } },
      { disconnect: { connector: { status: 'DISCONNECTED' }, error: null } },
      { connectWithRefreshToken: { connector: { status: 'CONNECTED' }, error: null } },
    ]);
  });

  it('explains every reason for which connecting fails, and every setting that may be refused', () => {
    const reasons = schema.getType('AuthorizationFailureReason');
    const input = schema.getType('CreateConnectorInput');
    const names = [
      ...(isEnumType(reasons) ? reasons.getValues().map(({ name }) => name) : []),
      ...(isInputObjectType(input) ? Object.keys(input.getFields()) : []),
    ];
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !new RegExp(`\`(input\\.)?${name}\``).test(guide))).toEqual([]);
  });
});
