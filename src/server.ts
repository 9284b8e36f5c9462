import { once } from 'node:events';
import { makeFirstKey } from './access/first-key.ts';
import { parseScopeMap } from './access/scope-map.ts';
import { type Config, loadConfig } from './config.ts';
import { readDestinations } from './connectors/allowed-origins.ts';
import { declareConnectors } from './connectors/declared/declare.ts';
import { StartError } from './errors/start.ts';
import { createGateway, type Gateway, type GatewayOptions, UPLOAD_PATH } from './gateway.ts';
import { drainable } from './listening/drain.ts';
import { createHttpServer, listen } from './listening/http-server.ts';
import { parseSecretKeys } from './store/secrets/secrets.ts';
import { openStore, type Store } from './store/store.ts';
import { describeError } from './telemetry/error-facts.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';
import { Telemetry } from './telemetry/telemetry.ts';

/** How long requests under way may take to end after a signal to stop, in milliseconds. */
const DRAIN_MS = 30_000;
/** How long the process may take to end after a signal to stop, in milliseconds, whatever it waits for. */
const LONGEST_STOP_MS = 39_000;
/** How many clients may be connected to the port of the metrics at once. */
const METRICS_CONNECTIONS = 20;
/** Makes plans and carries out runs, and answers no clients. */
const IS_WORKER = process.argv[2] === 'worker';
/** A parent process that has ended is a signal, too. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'disconnect'] as const;

async function run(config: Config): Promise<void> {
  const logger = createLogger(config.logLevel);
  const destinations = readDestinations(config.upstream);
  await using ends = new AsyncDisposableStack();
  const telemetry = await startTelemetry(config, logger);
  ends.defer(() => telemetry.close());
  await using store = await openStore({
    databaseUrl: config.databaseUrl,
    dataDir: config.dataDir,
    secretKeys: config.secretKeys === undefined ? [] : parseSecretKeys(config.secretKeys),
    log: logger,
  });
  await declareConnectors({
    file: config.connectorsFile,
    environment: process.env,
    destinations,
    store,
    logger,
  });
  const gateway = createGateway({
    store,
    logger,
    publicUrl: config.publicUrl,
    access: accessOf(config),
    returnOrigins: config.returnOrigins,
    destinations,
    catalogueLifetime: config.catalogueLifetime,
    auditRetention: config.auditRetention,
    lateWriteGrace: config.lateWriteGrace,
    limits: config.limits,
    sync: IS_WORKER ? { ...config.sync, worker: true } : config.sync,
    telemetry,
    servesMetrics: config.metrics === undefined,
    exposure: config.exposure,
  });
  if (config.metrics !== undefined) {
    const few = { ...config, maxConnections: METRICS_CONNECTIONS };
    const metricsServer = createHttpServer(gateway.fetchMetrics, few);
    await listen(metricsServer, config.metrics, 'METRICS_HOST and METRICS_PORT');
    ends.defer(() => {
      metricsServer.close();
      metricsServer.closeAllConnections();
    });
  }
  const stopped = untilStopped();
  const drain = IS_WORKER ? undefined : await serve(gateway, config, store, logger);
  if (IS_WORKER) {
    logger.info({ metricsPort: config.metrics?.port, store: store.kind }, 'working');
    // Nothing else keeps a process running that waits for work.
    const waiting = setInterval(() => undefined, DRAIN_MS);
    ends.defer(() => clearInterval(waiting));
  }
  // A parent process may be waiting for this.
  process.send?.('listening');

  const reason = await Promise.race([stopped, store.lost]);
  if (typeof reason === 'string') {
    logger.info({ signal: reason }, 'stopping: finishing current requests');
  } else {
    logger.error({ error: describeError(reason) }, 'the database is lost: finishing current requests');
    end(reason);
  }
  gateway.drain();
  endAfter(LONGEST_STOP_MS, logger);
  await drain?.(DRAIN_MS);
  await gateway.close();
}

/** Answers clients. Returns what lets the requests under way end. */
async function serve(gateway: Gateway, config: Config, store: Store, logger: Logger) {
  const server = createHttpServer(gateway.fetch, config, UPLOAD_PATH);
  const drain = drainable(server);
  await listen(server, config, 'HOST and PORT');
  const { host, port, metrics, publicUrl, access } = config;
  logger.info({ host, port, metricsPort: metrics?.port, publicUrl, store: store.kind }, 'listening');
  if (access === undefined) {
    logger.warn({ host }, 'access control is off: every program on this machine may do everything');
  } else if (access.adminKeyHash === undefined && access.issuer === undefined) {
    const key = await makeFirstKey(store);
    // Not a line of the log, which is kept: nobody can read the key again.
    if (key !== undefined) process.stderr.write(firstKeyNotice(key));
  }
  return drain;
}

/** The next signal to stop, which from now on ends the process no longer by itself. */
async function untilStopped(): Promise<string> {
  const signalled = Promise.race(STOP_SIGNALS.map((signal) => once(process, signal)));
  for (const signal of STOP_SIGNALS) process.off(signal, endStart);
  const [signal = 'disconnect'] = await signalled;
  return signal;
}

/** Ends the process if it is still there after so many milliseconds: a database may never answer again. */
function endAfter(milliseconds: number, logger: Logger): void {
  const timer = setTimeout(() => {
    logger.error({}, 'requests did not end in time; the process exits now');
    process.exit(1);
  }, milliseconds);
  timer.unref();
}

/** Ends a start, wherever it is: nothing in it minds that, as nothing minds kill -9. */
function endStart(): void {
  process.exit(0);
}

/** What makes traces is loaded only if they are wanted. */
async function startTelemetry({ tracing }: Config, logger: Logger): Promise<Telemetry> {
  const { Tracing } = tracing === undefined ? {} : await import('./telemetry/tracing.ts');
  const telemetry = new Telemetry(Tracing && tracing && new Tracing({ ...tracing, logger }));
  telemetry.metrics.watchProcess();
  return telemetry;
}

/** The configuration of access, read to the end. Throws InvalidConfiguration. */
function accessOf({ access }: Config): GatewayOptions['access'] {
  if (access === undefined) return undefined;
  const { adminKeyHash, issuer } = access;
  return {
    adminKeyHash,
    issuer: issuer && { ...issuer, scopeMap: parseScopeMap(issuer.scopeMap) },
  };
}

function firstKeyNotice(key: string): string {
  return [
    '',
    'There is no API key yet, so one was made, with all scopes. It is shown this once:',
    '',
    `    ${key}`,
    '',
    'Send it as the header Authorization: Bearer KEY. Make others with the mutation createApiKey.',
    '',
    '',
  ].join('\n');
}

/** Prints why the process ends, or logs it if it is a bug. */
function end(error: unknown): void {
  if (error instanceof StartError) process.stderr.write(`${error.message}\n`);
  else createLogger('error').error({ error: describeError(error) }, 'a bug: the process ends');
  process.exitCode = 1;
}

// The first process of a container is not ended by a signal that it does not listen to.
for (const signal of STOP_SIGNALS) process.on(signal, endStart);
// To wait for the parent's end keeps nobody running.
process.channel?.unref();
// Node.js would print the whole error, with whatever a library has put into it.
process.on('uncaughtException', (error) => {
  end(error);
  process.exit();
});
try {
  await run(loadConfig(process.env));
} catch (error) {
  end(error);
}
