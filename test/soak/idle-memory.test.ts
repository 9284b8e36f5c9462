import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ALL_SCOPES, startSandbox } from '../../src/sandbox/index.ts';
import { freshFolder } from '../databases.ts';
import { askPort, createConnectorAt, freePort, kill, type Running, startProgram } from '../processes.ts';

const CLIENT_ID = 'client-id-of-the-idle';
const CLIENT_SECRET = 'client-secret-canary-of-the-idle';

/** Everything that the heap of a gateway holds at this moment. It writes it down at a signal, and does nothing else meanwhile. */
async function heapOf({ child }: Running, port: string, folder: string): Promise<Buffer> {
  const snapshots = async () => (await readdir(folder)).filter((name) => name.endsWith('.heapsnapshot'));
  child.kill('SIGUSR2');
  await expect.poll(snapshots, { timeout: 10_000 }).toHaveLength(1);
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  const [name = ''] = await snapshots();
  const heap = await readFile(join(folder, name));
  await rm(join(folder, name));
  return heap;
}

it('an idle gateway has neither refresh tokens nor client secrets in its heap', async () => {
  await using folder = await freshFolder();
  const port = await freePort();
  await using webex = await startSandbox({
    integrations: [
      { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, redirectUris: [], scopes: ALL_SCOPES },
    ],
  });
  const gateway = startProgram('server.ts', {
    PORT: port,
    DATA_DIR: folder.dataDir,
    NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder.dataDir}`,
  });
  try {
    await gateway.listening;
    const client = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET };
    const id = await createConnectorAt(port, webex.url, { name: 'acme', ...client });
    const { refreshToken } = webex.issueTokens({ clientId: CLIENT_ID });
    const connected = await askPort(
      port,
      'mutation ($input: ConnectWithRefreshTokenInput!) { connectWithRefreshToken(input: $input) { connector { status } error { message } } }',
      { input: { id, refreshToken } },
    );
    expect(connected.data).toEqual({
      connectWithRefreshToken: { connector: { status: 'CONNECTED' }, error: null },
    });
    // Both are used once more, to renew the access token.
    webex.expireAccessTokens();
    webex.requests.clear();
    expect(await askPort(port, '{ connector { roles { name } } }')).not.toHaveProperty('errors');
    expect(webex.requests.count('POST /access_token')).toBe(1);
    // And read once more, with the records that they are in.
    await askPort(port, '{ connector { licenses { name } } }');
    const found = async () => {
      const heap = await heapOf(gateway, port, folder.dataDir);
      return [CLIENT_ID, refreshToken, CLIENT_SECRET].map((text) => heap.includes(text));
    };
    await expect.poll(found, { timeout: 20_000, interval: 1_000 }).toEqual([true, false, false]);
  } finally {
    await kill(gateway);
  }
});
