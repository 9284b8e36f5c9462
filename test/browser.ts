import { existsSync } from 'node:fs';
import { createAdaptorServer } from '@hono/node-server';
import { type Browser, chromium } from 'playwright-core';
import { ALL_SCOPES } from '../src/sandbox/index.ts';
import { freePort } from './processes.ts';
import { startWorld, type World, type WorldOptions } from './world.ts';

/** Where systems keep Chromium; CHROMIUM names another. */
const PLACES = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Chromium of this machine, started; undefined if it is not installed. The caller closes it. */
export async function startChromium(): Promise<Browser | undefined> {
  const executablePath = PLACES.find((place) => place !== undefined && existsSync(place));
  if (executablePath === undefined) return undefined;
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking'] });
}

/** A world whose gateway listens on a port, where browsers reach it. */
export async function startWorldOnPort(
  options: WorldOptions = {},
): Promise<World & { readonly url: string }> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const client = { clientId: 'test-integration', clientSecret: 'test-secret-canary', scopes: ALL_SCOPES };
  const integrations = [{ ...client, redirectUris: [`${url}/oauth/callback`] }];
  const world = await startWorld({ ...options, publicUrl: url, sandbox: { integrations } });
  const server = createAdaptorServer({ fetch: (request) => world.gateway.fetch(request) });
  await new Promise<void>((resolve) => server.listen(Number(port), '127.0.0.1', resolve));
  return {
    ...world,
    url,
    async [Symbol.asyncDispose]() {
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await world[Symbol.asyncDispose]();
    },
  };
}
