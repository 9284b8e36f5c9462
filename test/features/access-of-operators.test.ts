import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { freshFolder } from '../databases.ts';
import { askPort, freePort, kill, type Running, startProgram } from '../processes.ts';

const COMMAND = join(import.meta.dirname, '../../src/cli/key.ts');
const KEY = /webexgw_[\w-]{51}/;
const VIEWER = '{ viewer { name } }';

const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => kill(each)));
});

async function start(environment: Readonly<Record<string, string>>) {
  const port = await freePort();
  const server = startProgram('server.ts', { PORT: port, ACCESS_CONTROL: 'on', ...environment });
  running.push(server);
  return { port, server };
}

/** Runs npm run key. */
async function key(environment: Readonly<Record<string, string>>, ...given: readonly string[]) {
  const env = { PATH: process.env.PATH, ...environment };
  const failed = (error: { stdout: string; stderr: string; code?: number }) => error;
  const run = promisify(execFile)(process.execPath, [COMMAND, ...given], { env });
  const { stdout, stderr } = await run.catch(failed);
  return { stdout, stderr };
}

const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

describe('a gateway that starts for the first time', () => {
  it('shows a key once, and never again; npm run key makes, lists and revokes others', async () => {
    await using folder = await freshFolder();
    const environment = { DATA_DIR: folder.dataDir };
    const first = await start(environment);
    await first.server.listening;
    const shown = KEY.exec(first.server.output.stderr)?.[0] ?? '';
    expect(await askPort(first.port, VIEWER, {}, bearer(shown))).toMatchObject({
      data: { viewer: { name: 'api-key:first key' } },
    });
    expect(first.server.output.stdout).not.toContain(shown);
    const busy = await key(environment, 'list');
    expect(busy.stderr).toMatch(/in use by another gateway process[\s\S]*createApiKey/);
    await kill(first.server, 'SIGTERM');

    const made = await key(environment, 'create', 'nightly', '--scope', 'read', '--days', '7');
    expect(made.stdout.trim()).toMatch(KEY);
    expect((await key(environment, 'revoke', 'first key')).stdout).toContain('Revoked first key.');
    const listed = await key(environment, 'list');
    expect(listed.stdout).toMatch(/nightly\twebexgw_.{6}…\tread\texpires 20.*\tnever used\t[\da-f-]{36}$/m);
    expect(listed.stdout).toMatch(/first key\t.*\trevoked\tlast used 20/);

    const second = await start(environment);
    await second.server.listening;
    expect(second.server.output.stderr).not.toMatch(KEY);
    expect(await askPort(second.port, VIEWER, {}, bearer(made.stdout.trim()))).toMatchObject({
      data: { viewer: { name: 'api-key:nightly' } },
    });
    expect((await askPort(second.port, VIEWER, {}, bearer(shown))).errors?.[0]?.extensions.code).toBe(
      'UNAUTHENTICATED',
    );
  });

  it('takes the hash of a key from its configuration, and shows none', async () => {
    await using folder = await freshFolder();
    const { stdout } = await key({}, 'generate');
    const made = KEY.exec(stdout)?.[0] ?? '';
    const hash = /ADMIN_KEY_HASH=(\w+)/.exec(stdout)?.[1] ?? '';
    expect(hash).toBe(createHash('sha256').update(made).digest('hex'));
    const { port, server } = await start({ DATA_DIR: folder.dataDir, ADMIN_KEY_HASH: hash });
    await server.listening;
    expect(server.output.stderr).not.toMatch(KEY);
    expect(await askPort(port, VIEWER, {}, bearer(made))).toMatchObject({
      data: { viewer: { name: 'configured-key' } },
    });
  });
});

describe('access control', () => {
  it('may be off on this machine, and the log says so', async () => {
    await using folder = await freshFolder();
    const { port, server } = await start({ DATA_DIR: folder.dataDir, ACCESS_CONTROL: 'off' });
    await server.listening;
    expect(await askPort(port, VIEWER)).toMatchObject({ data: { viewer: { name: 'anonymous' } } });
    await expect.poll(() => server.output.stdout).toContain('access control is off');
  });
});
