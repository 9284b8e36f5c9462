import { Hono } from 'hono';
import { ApiKeys } from './access/api-keys.ts';
import { CallerRates } from './access/caller-rates.ts';
import { createGatekeeper, OPEN_HOUSE } from './access/gatekeeper.ts';
import { createTokenVerifier, type IssuerSettings } from './access/tokens.ts';
import type { Destinations } from './connectors/allowed-origins.ts';
import { Connect } from './connectors/connect.ts';
import { Connectors } from './connectors/connectors.ts';
import { Doctor } from './connectors/doctor/doctor.ts';
import { LiveConnections } from './connectors/live-connections.ts';
import { Organizations } from './connectors/organizations.ts';
import { Provisioning } from './provisioning/provisioning.ts';
import { serveAuditExport } from './routes/audit-export.ts';
import { serveGraphql } from './routes/graphql/graphql.ts';
import type { Sender } from './routes/graphql/memory-budget.ts';
import type { OperationLimits } from './routes/graphql/operation-headers.ts';
import { readManifest } from './routes/graphql/persisted-manifest.ts';
import { allowHosts } from './routes/guards/allowed-hosts.ts';
import { allowOrigins, refuseCrossSite } from './routes/guards/cross-origin.ts';
import { refuse } from './routes/guards/refusal.ts';
import { secureAnswers } from './routes/guards/secure-answers.ts';
import { serveHealth } from './routes/health.ts';
import { metricsAlone, serveMetrics } from './routes/metrics.ts';
import { serveGraphiql } from './routes/pages/graphiql/graphiql.ts';
import { serveOAuthCallback } from './routes/pages/oauth-callback.ts';
import { type AppEnvironment, logRequests } from './routes/request-log.ts';
import { SCHEMA_FILES, serveSchemaFiles } from './routes/schema-files.ts';
import { serveSyncExports } from './routes/sync-export.ts';
import { serveSyncFiles, UPLOAD_PATH } from './routes/sync-files.ts';
import { schema } from './schema/index.ts';
import type { Store } from './store/store.ts';
import { Sync, type SyncSettings } from './sync/sync.ts';
import { describeError } from './telemetry/error-facts.ts';
import type { Logger } from './telemetry/logger.ts';
import { Telemetry } from './telemetry/telemetry.ts';

export { UPLOAD_PATH };

export interface GatewayOptions {
  readonly store: Store;
  readonly logger: Logger;
  /** Where browsers reach the gateway, without a trailing slash. */
  readonly publicUrl: string;
  /** Origins that a browser may be sent to after connecting, beside the gateway's own. */
  readonly returnOrigins?: readonly string[];
  /** Who is let in; undefined: everybody, and may do everything. */
  readonly access: AccessOptions | undefined;
  /** Where requests to Webex may go. */
  readonly destinations: Destinations;
  /** Seconds that licenses, roles and memberships are kept once they were read. */
  readonly catalogueLifetime: number;
  /** Seconds after which Webex applies no write any more that it has not answered. */
  readonly lateWriteGrace: number;
  /** Days that the audit trail is kept. */
  readonly auditRetention: number;
  /** What one operation may take, and one caller. */
  readonly limits: OperationLimits;
  /** How synchronization is configured. */
  readonly sync: SyncSettings;
  /** Logs, metrics and traces. Default: metrics without traces. */
  readonly telemetry?: Telemetry;
  /** Whether `fetch` serves /metrics, too. Default: true. */
  readonly servesMetrics?: boolean;
  readonly exposure: Exposure;
}

/** What is open to whom. */
export interface Exposure {
  /** Whether clients may ask for the schema. */
  readonly introspection: boolean;
  readonly graphiql: boolean;
  /** Origins whose pages may use the gateway. */
  readonly corsOrigins: readonly string[];
  /** Manifest of operations that may be asked for by their ids. Undefined: no manifest. */
  readonly persistedOperations: string | undefined;
  /** Whether no others may be asked for. */
  readonly persistedOnly: boolean;
}

/** Whom the gateway lets in, beside those with a key that it has made. */
export interface AccessOptions {
  /** SHA-256, hexadecimal, of a key with all scopes. */
  readonly adminKeyHash: string | undefined;
  /** An identity provider whose tokens are taken. */
  readonly issuer: IssuerSettings | undefined;
}

export interface Gateway {
  /** Answers one request; tests call it without a port, and without what a server adds to the request. */
  readonly fetch: (request: Request, server?: { readonly outgoing?: Sender }) => Response | Promise<Response>;
  /** Answers /metrics and nothing else, for a port of its own. */
  readonly fetchMetrics: (request: Request) => Response | Promise<Response>;
  /** Says at /ready that no new work is wanted; what comes all the same is answered. */
  drain(): void;
  /**
   * Ends what is under way without a client and closes the connections to Webex. The store stays open. Resolves
   * within nine seconds: changes have five to end, and are then cut off and recorded.
   */
  close(): Promise<void>;
}

const MISSING_KEY =
  'Something stored is sealed with a key that this gateway does not have. Its log says which: add it to SECRET_KEYS.';
const DAY_MS = 86_400_000;
/** How long changes whose clients have gone may take to end when the gateway closes, in milliseconds. */
const CHANGES_END_MS = 5_000;
/** How long it may take then to cut them off, and to record what became of them, in milliseconds. */
const RECORDED_MS = 2_000;

/**
 * Puts store, connectors, schema and routes together to one handler of HTTP requests.
 * Throws InvalidConfiguration for a broken manifest of persisted operations.
 */
export function createGateway(options: GatewayOptions): Gateway {
  const { store, logger, publicUrl, returnOrigins = [], destinations, limits, auditRetention } = options;
  const { telemetry = new Telemetry(), servesMetrics = true } = options;
  const { introspection, graphiql, corsOrigins, persistedOnly } = options.exposure;
  const operations = readManifest(options.exposure.persistedOperations, schema, logger);
  const { metrics } = telemetry;
  const unobserve = store.observe((sql) => telemetry.queried(sql));
  const unwatch = store.onLocksLost((held) => {
    metrics.store.locksLost();
    logger.warn({ locks: held }, 'the database connection that holds the locks was lost');
  });
  tellOfRecovery(store, logger, telemetry);
  const keepMs = 1_000 * options.catalogueLifetime;
  const live = new LiveConnections(store, logger, telemetry, destinations, keepMs);
  const connectors = new Connectors(store, live, logger, destinations);
  const connect = new Connect(store, live, { publicUrl, returnOrigins, destinations });
  const doctor = new Doctor(live, connectors, logger);
  const organizations = new Organizations(store, live, connectors);
  const open = (connectorId: string) => organizations.open(connectorId, { lane: 'background' });
  const graceMs = 1_000 * options.lateWriteGrace;
  const provisioning = new Provisioning({ store, logger, metrics, graceMs, open });
  const { access } = options;
  const apiKeys = new ApiKeys(store, logger, access?.adminKeyHash);
  const verifier = access?.issuer && createTokenVerifier(access.issuer, logger);
  const gatekeeper = access === undefined ? OPEN_HOUSE : createGatekeeper(apiKeys, verifier);
  const rates = new CallerRates(store, logger, { operations: limits.rate, changes: limits.changeRate });
  const sync = new Sync({ store, organizations, connectors, provisioning, logger, metrics }, options.sync);
  const services = {
    ...{ connectors, organizations, connect, live, doctor, provisioning },
    ...{ apiKeys, sync, publicUrl, logger },
  };
  metrics.watch({
    pools: () => live.readPools(),
    standings: () => connectors.standings(),
    runs: () => store.sync.runs.states(),
  });
  let draining = false;
  const streams = new AbortController();
  const keepHouse = () => {
    connectors.warnOfEnds().catch((error: unknown) => {
      logger.warn({ error: describeError(error) }, 'could not check for connections that expire soon');
    });
    provisioning.forgetOld(auditRetention).catch((error: unknown) => {
      logger.warn({ error: describeError(error) }, 'could not delete old audit events and idempotency keys');
    });
    sync.forgetOld().catch((error: unknown) => {
      logger.warn({ error: describeError(error) }, 'could not delete expired data of synchronization');
    });
  };
  keepHouse();
  const daily = setInterval(keepHouse, DAY_MS);
  daily.unref();

  const isReady = async () => {
    if (draining) return 'The gateway is shutting down.';
    try {
      await store.ping();
      if ((await store.missingKey()) !== undefined) return MISSING_KEY;
    } catch {
      return 'The database does not answer.';
    }
    const { trouble } = provisioning;
    return trouble && `Changes cannot be recorded, so they are refused: ${trouble}. Reads are answered.`;
  };

  const app = new Hono<AppEnvironment>();
  app.use(
    logRequests(logger, metrics),
    secureAnswers(publicUrl),
    allowHosts(publicUrl, access !== undefined),
  );
  app.use('/graphql', allowOrigins(corsOrigins));
  for (const path of ['/graphql', '/audit/events', '/metrics', '/sync/*', ...Object.keys(SCHEMA_FILES)])
    app.use(path, refuseCrossSite(corsOrigins));
  serveHealth(app, isReady);
  serveOAuthCallback(app, connect, provisioning.audit, logger);
  if (servesMetrics) serveMetrics(app, metrics, gatekeeper);
  serveAuditExport(app, provisioning.audit, gatekeeper, logger);
  serveSyncExports(app, { exports: sync.exports, connectors, gatekeeper, rates, limits, logger });
  serveSyncFiles(app, { files: sync.files, gatekeeper, rates, limits, logger });
  if (introspection) serveSchemaFiles(app, schema, gatekeeper);
  if (graphiql) serveGraphiql(app, access !== undefined);
  const persisted = { operations, only: persistedOnly };
  serveGraphql(app, {
    ...{ schema, gatekeeper, rates, services, logger, telemetry },
    ...{ limits, introspection, persisted, draining: streams.signal },
  });

  app.onError((error, c) => {
    const { requestId } = c.var.notes;
    logger.error({ requestId, error: describeError(error) }, 'a bug: the client received a masked error');
    const message = `Something went wrong in the gateway. Its log says more under the id ${requestId}.`;
    return refuse(c, 500, 'INTERNAL', message, { errorId: requestId });
  });

  return {
    fetch: (request, server = {}) => app.fetch(request, server),
    fetchMetrics: metricsAlone(metrics, publicUrl),
    drain: () => {
      draining = true;
      streams.abort();
      sync.close().catch(() => undefined);
    },
    close: async () => {
      clearInterval(daily);
      streams.abort();
      await within(CHANGES_END_MS, Promise.all([sync.close(), connect.idle(), provisioning.close()]));
      // Cuts what is still under way, which is then recorded as such.
      await within(RECORDED_MS, live.close());
      await within(RECORDED_MS, Promise.all([provisioning.close(), rates.close()]));
      unobserve();
      unwatch();
    },
  };
}

/** After an unclean stop: acknowledged writes that are missing must not go unnoticed. */
function tellOfRecovery(store: Store, logger: Logger, { metrics }: Telemetry): void {
  const recovery = store.takeRecovery();
  if (recovery === undefined) return;
  metrics.store.recovered(recovery.bytesLost);
  if (recovery.bytesLost === 0) {
    logger.info(
      { ...recovery },
      'the last process was killed or crashed; the database has recovered all acknowledged writes',
    );
    return;
  }
  logger.error(
    { ...recovery },
    'the last process was killed or crashed, and acknowledged writes are missing: the end of the write-ahead log is damaged. Compare Webex with the last changes, or restore a backup',
  );
}

/** Resolves when `work` has ended, well or not, after so many milliseconds at the latest. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work.catch(() => undefined), promise]);
  clearTimeout(timer);
}
