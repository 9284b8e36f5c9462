import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
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
import { ROUNDS, random } from './rounds.ts';

// kill -9 at random moments while a token is being renewed, on the embedded database. Where Webex takes a
// refresh token more than once, the connector works after every kill. Where each is good once, a kill
// between Webex's answer and our disk loses it for good: then, and only then, it says RECONNECT_REQUIRED.

const QUERY = '{ connector { users(first: 1) { nodes { id } } } }';
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function startScene(rotateRefreshTokens: boolean) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'gateway-soak-'));
  folders.push(folder);
  const webex = await startSandboxFor([port], { rotateRefreshTokens, latencyMs: 15 });
  const environment = {
    DATA_DIR: folder,
    PORT: port,
    LOG_LEVEL: 'warn',
    SECRET_KEYS: newSecretKeys(),
  };
  const startGateway = async () => {
    const gateway = startProgram('server.ts', environment);
    await gateway.listening;
    return gateway;
  };
  return { port, webex, startGateway };
}

/** Kills the gateway up to so many milliseconds after requests have begun that need a new token. */
async function killDuringRenewal(
  port: string,
  webex: Sandbox,
  gateway: Running,
  mostMs = 120,
): Promise<void> {
  webex.expireAccessTokens();
  webex.requests.clear();
  const asked = Array.from({ length: 3 }, () => askPort(port, QUERY).catch(() => undefined));
  await sleep(random() * mostMs);
  await kill(gateway, 'SIGKILL');
  await Promise.all(asked);
}

const renewals = (webex: Sandbox) =>
  webex.requests.all.filter(
    (request) => request.route === 'POST /access_token' && request.status !== undefined,
  );

describe(`${ROUNDS} kills -9 during renewals`, () => {
  it('never lose the grant, where a refresh token is good more than once', async () => {
    const { port, webex, startGateway } = await startScene(false);
    await using _ = webex;
    let gateway = await startGateway();
    const id = await createConnectorAt(port, webex.url, { name: 'acme', ...INTEGRATION });
    await connectPort(port, id);
    let struck = 0;
    // A slow machine may not have come to a renewal yet: it is given longer, until one was struck.
    for (let round = 0; round < ROUNDS || struck === 0; round += 1) {
      await killDuringRenewal(port, webex, gateway, struck === 0 ? 120 * (round + 1) : 120);
      if (renewals(webex).length > 0) struck += 1;
      gateway = await startGateway();
      expect((await askPort(port, QUERY)).errors).toBeUndefined();
    }
    await kill(gateway, 'SIGTERM');
  });

  it('say RECONNECT_REQUIRED only where Webex has spent the refresh token, where each is good once', async () => {
    const { port, webex, startGateway } = await startScene(true);
    await using _ = webex;
    let gateway = await startGateway();
    const id = await createConnectorAt(port, webex.url, { name: 'acme', ...INTEGRATION });
    await connectPort(port, id);
    for (let round = 0; round < ROUNDS; round += 1) {
      await killDuringRenewal(port, webex, gateway);
      const spent = webex.requests.count('POST /access_token') > 0;
      gateway = await startGateway();
      const { errors } = await askPort(port, QUERY);
      if (errors === undefined) continue;
      expect(errors[0]?.extensions.code).toBe('RECONNECT_REQUIRED');
      expect(spent).toBe(true);
      expect(errors[0]?.message).toContain('connect it again');
      expect(await connectPort(port, id)).toContain('acme is connected');
    }
    await kill(gateway, 'SIGTERM');
  });
});
