import { once } from 'node:events';
import { createServer, type Server, type ServerOptions } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { type Config, loadConfig } from './config.ts';
import { declareConnectors } from './connectors/declared/declare.ts';
import { InvalidConfiguration, StartError } from './errors.ts';
import { createGateway } from './gateway.ts';
import { parseSecretKeys } from './store/secrets.ts';
import { openStore } from './store/store.ts';
import { createLogger } from './telemetry/logger.ts';

/** How long requests under way may take to end after a signal to stop, in milliseconds. */
const DRAIN_MS = 30_000;

async function run(config: Config): Promise<void> {
  const logger = createLogger(config.logLevel);
  await using store = await openStore({
    databaseUrl: config.databaseUrl,
    dataDir: config.dataDir,
    secretKeys: config.secretKeys === undefined ? [] : parseSecretKeys(config.secretKeys),
    log: logger,
  });
  await declareConnectors({ file: config.connectorsFile, environment: process.env, store, logger });
  const gateway = createGateway({
    store,
    logger,
    publicUrl: config.publicUrl,
    returnOrigins: config.returnOrigins,
    catalogueLifetime: config.catalogueLifetime,
    auditRetention: config.auditRetention,
    limits: config.limits,
  });
  const server = createServer(
    timeoutsOf(config),
    getRequestListener((request) => gateway.fetch(request)),
  );
  await listen(server, config);
  logger.info(
    { host: config.host, port: config.port, publicUrl: config.publicUrl, store: store.kind },
    'listening',
  );
  if (!isLoopback(config.host)) {
    logger.warn(
      { host: config.host },
      'anyone who reaches this address may use the gateway: it has no access control yet',
    );
  }
  // Whoever started us as a child process may be waiting for this.
  process.send?.('listening');

  const [signal] = await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  logger.info({ signal }, 'stopping: requests under way are finished');
  gateway.drain();
  const drained = once(server, 'close');
  server.close();
  const cutOff = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await drained;
  clearTimeout(cutOff);
  await gateway.close();
}

/** A client that sends its request too slowly is answered 408 and cut off. */
function timeoutsOf({ requestTimeout }: Config): ServerOptions {
  const ms = Math.ceil(requestTimeout * 1_000);
  return { requestTimeout: ms, headersTimeout: ms, connectionsCheckingInterval: Math.min(ms, 1_000) };
}

async function listen(server: Server, { host, port }: Config): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new InvalidConfiguration('HOST and PORT', `cannot be listened on: ${host}:${port} (${reason}).`);
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

try {
  await run(loadConfig(process.env));
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
