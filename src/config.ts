import { type AccessConfig, readAccess } from './config/access.ts';
import { InvalidConfiguration } from './errors.ts';

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
  readonly limits: {
    /** Seconds that an operation has, unless its request says otherwise. */
    readonly deadline: number;
    /** Seconds that a request may ask for. */
    readonly longestDeadline: number;
    /** How many requests to Webex one query may take. */
    readonly cost: number;
  };
  /** Seconds that licenses, roles and memberships are kept once they were read. */
  readonly catalogueLifetime: number;
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
  return {
    host,
    port,
    publicUrl: readPublicUrl(read('PUBLIC_URL') ?? `http://localhost:${port}`),
    returnOrigins: readOrigins(read('RETURN_ORIGINS')),
    databaseUrl: readDatabaseUrl(read('DATABASE_URL')),
    dataDir: read('DATA_DIR') ?? '.data',
    access: readAccess(read),
    secretKeys: read('SECRET_KEYS'),
    connectorsFile: read('CONNECTORS_FILE'),
    upstream: {
      origins: read('UPSTREAM_ORIGINS') ?? 'https://webexapis.com',
      privateOrigins: read('UPSTREAM_PRIVATE_ORIGINS') ?? '',
      proxies: read('UPSTREAM_PROXIES') ?? '',
    },
    logLevel: readLogLevel(read('LOG_LEVEL') ?? 'info'),
    metrics: readMetricsPlace(read('METRICS_HOST') ?? host, read('METRICS_PORT'), port),
    tracing: readTracing(read('OTEL_EXPORTER_OTLP_ENDPOINT'), read('OTEL_SERVICE_NAME')),
    requestTimeout: readNumber('REQUEST_TIMEOUT', read('REQUEST_TIMEOUT') ?? '30', 3_600, 'seconds'),
    catalogueLifetime: readNumber('CATALOGUE_LIFETIME', read('CATALOGUE_LIFETIME') ?? '30', 3_600, 'seconds'),
    auditRetention: readRetention(read('AUDIT_RETENTION') ?? '365'),
    limits: {
      ...readDeadlines(read('OPERATION_DEADLINE'), read('OPERATION_DEADLINE_MAX')),
      cost: readNumber('QUERY_COST_LIMIT', read('QUERY_COST_LIMIT') ?? '1000', 1_000_000, 'requests'),
    },
  };
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

function readNumber(variable: string, text: string, most: number, unit: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value <= 0 || value > most) {
    throw new InvalidConfiguration(
      variable,
      `must be a number of ${unit} above 0, up to ${most}, not ${JSON.stringify(text)}.`,
    );
  }
  return value;
}

function readMetricsPlace(host: string, text: string | undefined, mainPort: number) {
  if (text === undefined) return undefined;
  const port = readPort('METRICS_PORT', text);
  if (port === mainPort) {
    throw new InvalidConfiguration(
      'METRICS_PORT',
      `must not be PORT, which is ${port}. Leave it unset to serve the metrics there.`,
    );
  }
  return { host, port };
}

function readTracing(endpoint: string | undefined, serviceName = 'webex-gateway') {
  if (endpoint === undefined) return undefined;
  const url = URL.parse(endpoint);
  // The value may hold a password, so it is never repeated in the message.
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new InvalidConfiguration(
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'must be the http or https URL of a collector that takes OTLP over HTTP, like http://localhost:4318. Leave it unset to make no traces.',
    );
  }
  return { endpoint, serviceName };
}

function readPort(variable: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new InvalidConfiguration(
      variable,
      `must be a port number from 1 to 65535, not ${JSON.stringify(text)}.`,
    );
  }
  return port;
}

function readPublicUrl(text: string): string {
  const url = URL.parse(text);
  if (
    url === null ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new InvalidConfiguration(
      'PUBLIC_URL',
      `must be an http or https URL without path or query, like https://webex-gateway.example.com, not ${JSON.stringify(text)}.`,
    );
  }
  return url.origin;
}

function readOrigins(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap((each) => {
    if (each.trim() === '') return [];
    const url = URL.parse(each.trim());
    if (url === null || !['http:', 'https:'].includes(url.protocol) || url.pathname !== '/') {
      throw new InvalidConfiguration(
        'RETURN_ORIGINS',
        `must be origins like https://admin.example.com, with commas between them, not ${JSON.stringify(each.trim())}.`,
      );
    }
    return [url.origin];
  });
}

function readDatabaseUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  // The value may hold a password, so it is never repeated in the message.
  if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    throw new InvalidConfiguration(
      'DATABASE_URL',
      'must be a PostgreSQL URL like postgres://user:password@host:5432/database. Leave it unset for the embedded database.',
    );
  }
  return text;
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
