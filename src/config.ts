import { getHeapStatistics } from 'node:v8';
import { type AccessConfig, readAccess } from './config/access.ts';
import { readMetricsPlace, readTracing } from './config/observing.ts';
import { readSync, type SyncConfig } from './config/sync.ts';
import {
  readCount,
  readDatabaseUrl,
  readNumber,
  readOrigins,
  readPort,
  readPublicUrl,
  readSwitch,
} from './config/values.ts';
import { InvalidConfiguration } from './errors/start.ts';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

export interface Config {
  readonly host: string;
  readonly port: number;
  /** Where browsers and Webex reach the gateway, without a trailing slash. */
  readonly publicUrl: string;
  /** Origins that a browser may be sent to after connecting, beside the gateway's own. */
  readonly returnOrigins: readonly string[];
  /** A PostgreSQL URL. Undefined: the embedded database in `dataDir`. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  /** Who is let in; undefined: everybody, as this machine alone reaches the gateway. */
  readonly access: AccessConfig | undefined;
  /** As written in SECRET_KEYS; the store parses it. Undefined: the embedded store keeps a key file. */
  readonly secretKeys: string | undefined;
  /** YAML or JSON that declares connectors. Undefined: none are declared. */
  readonly connectorsFile: string | undefined;
  /** Where requests to Webex may go, as written in UPSTREAM_ORIGINS and the like; the connectors parse it. */
  readonly upstream: {
    readonly origins: string;
    readonly privateOrigins: string;
    readonly proxies: string;
  };
  readonly logLevel: LogLevel;
  /** Where /metrics is served, and nothing else. Undefined: beside everything else. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  /** Where traces are sent. Undefined: none are made. */
  readonly tracing: { readonly endpoint: string; readonly serviceName: string } | undefined;
  /** Seconds that a client has to send a request. */
  readonly requestTimeout: number;
  /** Seconds after which a client that reads nothing of its answer is cut off. */
  readonly responseTimeout: number;
  /** How many clients may be connected at once. */
  readonly maxConnections: number;
  readonly limits: {
    /** Seconds that an operation has, unless its request says otherwise. */
    readonly deadline: number;
    /** Seconds that a request may ask for. */
    readonly longestDeadline: number;
    /** How many requests to Webex one query may take. */
    readonly cost: number;
    /** Objects and scalars that one answer may hold. */
    readonly values: number;
    /** Bytes of memory that requests under way may need, in one process. */
    readonly memory: number;
    /** Operations a minute that one caller may ask for. */
    readonly rate: number;
    /** Changes a minute that one caller may ask for. */
    readonly changeRate: number;
    /** Operations that one caller may have running in one process. */
    readonly concurrent: number;
  };
  readonly sync: SyncConfig;
  /** What is open to whom. */
  readonly exposure: {
    /** Whether clients may ask for the schema. */
    readonly introspection: boolean;
    readonly graphiql: boolean;
    /** Origins whose pages may use the gateway. */
    readonly corsOrigins: readonly string[];
    /** Manifest of operations that may be asked for by their ids. Undefined: no manifest. */
    readonly persistedOperations: string | undefined;
    /** Whether no others may be asked for. */
    readonly persistedOnly: boolean;
  };
  /** Seconds that licenses, roles and memberships are kept once they were read. */
  readonly catalogueLifetime: number;
  /** Seconds after which Webex applies no write any more that it has not answered. */
  readonly lateWriteGrace: number;
  /** Days that the audit trail is kept. */
  readonly auditRetention: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration from environment variables; the only place that does.
 * An empty variable counts as unset. Throws InvalidConfiguration, which names the variable.
 */
export function loadConfig(environment: Environment): Config {
  const read = (name: string) => environment[name]?.trim() || undefined;
  const port = readPort('PORT', read('PORT') ?? '4000');
  const host = read('HOST') ?? '127.0.0.1';
  const publicUrl = readPublicUrl(read('PUBLIC_URL') ?? `http://localhost:${port}`);
  return {
    host,
    port,
    publicUrl,
    returnOrigins: readOrigins('RETURN_ORIGINS', read('RETURN_ORIGINS')),
    databaseUrl: readDatabaseUrl(read('DATABASE_URL')),
    dataDir: read('DATA_DIR') ?? '.data',
    access: readAccess(read, host, publicUrl),
    secretKeys: read('SECRET_KEYS'),
    connectorsFile: read('CONNECTORS_FILE'),
    upstream: {
      origins: read('UPSTREAM_ORIGINS') ?? 'https://webexapis.com',
      privateOrigins: read('UPSTREAM_PRIVATE_ORIGINS') ?? '',
      proxies: read('UPSTREAM_PROXIES') ?? '',
    },
    logLevel: readLogLevel(read('LOG_LEVEL') ?? 'info'),
    metrics: readMetricsPlace(read('METRICS_HOST') ?? '127.0.0.1', read('METRICS_PORT'), port),
    tracing: readTracing(read('OTEL_EXPORTER_OTLP_ENDPOINT'), read('OTEL_SERVICE_NAME')),
    requestTimeout: readNumber('REQUEST_TIMEOUT', read('REQUEST_TIMEOUT') ?? '30', 3_600, 'seconds'),
    responseTimeout: readNumber('RESPONSE_TIMEOUT', read('RESPONSE_TIMEOUT') ?? '30', 3_600, 'seconds'),
    maxConnections: readCount('MAX_CONNECTIONS', read('MAX_CONNECTIONS') ?? '10000', 'connections'),
    catalogueLifetime: readNumber('CATALOGUE_LIFETIME', read('CATALOGUE_LIFETIME') ?? '30', 3_600, 'seconds'),
    lateWriteGrace: readNumber('LATE_WRITE_GRACE', read('LATE_WRITE_GRACE') ?? '60', 3_600, 'seconds'),
    auditRetention: readRetention(read('AUDIT_RETENTION') ?? '365'),
    limits: {
      ...readDeadlines(read('OPERATION_DEADLINE'), read('OPERATION_DEADLINE_MAX')),
      cost: readNumber('QUERY_COST_LIMIT', read('QUERY_COST_LIMIT') ?? '1000', 1_000_000, 'requests'),
      values: readCount('RESULT_VALUES_LIMIT', read('RESULT_VALUES_LIMIT') ?? '250000', 'values'),
      memory: readMemory(read('MEMORY_BUDGET')),
      rate: readCount('RATE_LIMIT', read('RATE_LIMIT') ?? '60000', 'operations a minute'),
      changeRate: readCount('CHANGE_RATE', read('CHANGE_RATE') ?? '6000', 'changes a minute'),
      concurrent: readCount('CONCURRENT_OPERATIONS', read('CONCURRENT_OPERATIONS') ?? '50', 'operations'),
    },
    sync: readSync(read),
    exposure: {
      introspection: readSwitch('INTROSPECTION', read('INTROSPECTION') ?? 'true'),
      graphiql: readSwitch('GRAPHIQL', read('GRAPHIQL') ?? 'true'),
      corsOrigins: readOrigins('CORS_ORIGINS', read('CORS_ORIGINS')),
      ...readPersisted(read('PERSISTED_OPERATIONS'), read('PERSISTED_ONLY')),
    },
  };
}

const MEGABYTE = 1024 * 1024;

/** A quarter of what the process may have for objects leaves room for what is kept, and for what is not counted. */
function readMemory(megabytes: string | undefined): number {
  if (megabytes === undefined) return Math.floor(getHeapStatistics().heap_size_limit / 4);
  return MEGABYTE * readNumber('MEMORY_BUDGET', megabytes, 1_000_000, 'megabytes');
}

function readPersisted(persistedOperations: string | undefined, only: string | undefined) {
  const persistedOnly = readSwitch('PERSISTED_ONLY', only ?? 'false');
  if (persistedOnly && persistedOperations === undefined) {
    throw new InvalidConfiguration(
      'PERSISTED_ONLY',
      'needs PERSISTED_OPERATIONS, the file of those operations.',
    );
  }
  return { persistedOperations, persistedOnly };
}

function readDeadlines(usual: string | undefined, most: string | undefined) {
  const longestDeadline = readNumber('OPERATION_DEADLINE_MAX', most ?? '300', 3_600, 'seconds');
  if (usual === undefined) return { deadline: Math.min(30, longestDeadline), longestDeadline };
  const deadline = readNumber('OPERATION_DEADLINE', usual, 3_600, 'seconds');
  if (deadline > longestDeadline) {
    throw new InvalidConfiguration(
      'OPERATION_DEADLINE',
      `must not be more than OPERATION_DEADLINE_MAX, which is ${longestDeadline} seconds.`,
    );
  }
  return { deadline, longestDeadline };
}

/** Keys of changes are kept for a day, and mean nothing without the events of the changes. */
function readRetention(text: string): number {
  const days = readNumber('AUDIT_RETENTION', text, 36_500, 'days');
  if (days < 2) throw new InvalidConfiguration('AUDIT_RETENTION', 'must be two days at least.');
  return days;
}

function readLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text.toLowerCase());
  if (level === undefined) {
    throw new InvalidConfiguration(
      'LOG_LEVEL',
      `must be one of ${LOG_LEVELS.join(', ')}, not ${JSON.stringify(text)}.`,
    );
  }
  return level;
}
