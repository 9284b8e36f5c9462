import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';

describe('the configuration', () => {
  it('runs without any', () => {
    expect(loadConfig({})).toEqual({
      host: '127.0.0.1',
      port: 4000,
      access: { adminKeyHash: undefined, issuer: undefined },
      publicUrl: 'http://localhost:4000',
      returnOrigins: [],
      databaseUrl: undefined,
      dataDir: '.data',
      secretKeys: undefined,
      connectorsFile: undefined,
      upstream: { origins: 'https://webexapis.com', privateOrigins: '', proxies: '' },
      logLevel: 'info',
      metrics: undefined,
      tracing: undefined,
      limits: {
        deadline: 30,
        longestDeadline: 300,
        cost: 1000,
        rate: 60_000,
        values: 250_000,
        memory: expect.any(Number),
        changeRate: 6_000,
        concurrent: 50,
      },
      sync: {
        fileLimits: { rows: 250_000, bytes: 256 * 1024 * 1024 },
        worker: true,
        atOnce: 2,
        planLifetime: 86_400,
        history: 90,
        selfApproval: false,
      },
      exposure: {
        introspection: true,
        graphiql: true,
        corsOrigins: [],
        persistedOperations: undefined,
        persistedOnly: false,
      },
      requestTimeout: 30,
      responseTimeout: 30,
      maxConnections: 10_000,
      catalogueLifetime: 30,
      lateWriteGrace: 60,
      auditRetention: 365,
    });
  });

  it('takes the public URL from the port by default', () => {
    expect(loadConfig({ PORT: '8080' }).publicUrl).toBe('http://localhost:8080');
    expect(loadConfig({ PORT: '8080', PUBLIC_URL: 'https://gateway.example.com/' }).publicUrl).toBe(
      'https://gateway.example.com',
    );
  });

  it('takes what operations may take, in seconds and requests', () => {
    expect(
      loadConfig({ OPERATION_DEADLINE: '2.5', OPERATION_DEADLINE_MAX: '60', QUERY_COST_LIMIT: '50' }),
    ).toMatchObject({ limits: { deadline: 2.5, longestDeadline: 60, cost: 50 } });
    expect(loadConfig({ OPERATION_DEADLINE_MAX: '10' }).limits.deadline).toBe(10);
  });

  it('the configuration sets a port for metrics, and an address for traces', () => {
    expect(loadConfig({ HOST: '10.0.0.1', METRICS_PORT: '9464' }).metrics).toEqual({
      host: '127.0.0.1',
      port: 9464,
    });
    expect(loadConfig({ METRICS_HOST: '0.0.0.0', METRICS_PORT: '9464' }).metrics?.host).toBe('0.0.0.0');
    const endpoint = 'https://collector.example.com:4318/otlp';
    expect(loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).tracing).toEqual({
      endpoint,
      serviceName: 'webex-gateway',
    });
    expect(
      loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: 'gw' }).tracing?.serviceName,
    ).toBe('gw');
  });

  it('takes what is open to whom', () => {
    const environment = {
      INTROSPECTION: 'false',
      GRAPHIQL: 'off',
      CORS_ORIGINS: 'https://admin.example.com, http://localhost:5173/',
      PERSISTED_OPERATIONS: 'manifest.json',
      PERSISTED_ONLY: 'true',
    };
    expect(loadConfig(environment).exposure).toEqual({
      introspection: false,
      graphiql: false,
      corsOrigins: ['https://admin.example.com', 'http://localhost:5173'],
      persistedOperations: 'manifest.json',
      persistedOnly: true,
    });
  });

  it.each([
    [{ PORT: 'http' }, /^PORT must be a port number/],
    [{ PORT: '70000' }, /^PORT must be a port number/],
    [{ PORT: '0' }, /^PORT must be a port number/],
    [{ PUBLIC_URL: 'https://example.com/gateway' }, /^PUBLIC_URL must be an http/],
    [{ PUBLIC_URL: 'gateway.example.com' }, /^PUBLIC_URL must be an http/],
    [{ RETURN_ORIGINS: 'https://a.example, b.example' }, /^RETURN_ORIGINS must be origins/],
    [{ CORS_ORIGINS: 'https://a.example/path' }, /^CORS_ORIGINS must be origins/],
    [{ CORS_ORIGINS: '*' }, /^CORS_ORIGINS must be origins/],
    [{ INTROSPECTION: 'perhaps' }, /^INTROSPECTION must be true or false, not "perhaps"/],
    [{ GRAPHIQL: 'no' }, /^GRAPHIQL must be true or false/],
    [{ PERSISTED_ONLY: 'true' }, /^PERSISTED_ONLY needs PERSISTED_OPERATIONS/],
    [{ RATE_LIMIT: '0' }, /^RATE_LIMIT must be a whole number of operations a minute from 1/],
    [{ SYNC_ROWS_LIMIT: '0' }, /^SYNC_ROWS_LIMIT must be a whole number of records from 1/],
    [{ SYNC_FILE_LIMIT: '2001' }, /^SYNC_FILE_LIMIT must be a number of megabytes above 0, up to 2000/],
    [{ SYNC_WORKER: 'perhaps' }, /^SYNC_WORKER must be true or false/],
    [{ SYNC_RUNS_AT_ONCE: '21' }, /^SYNC_RUNS_AT_ONCE must be at most 20, not 21/],
    [{ PLAN_LIFETIME: '721' }, /^PLAN_LIFETIME must be a number of hours above 0, up to 720/],
    [{ SYNC_HISTORY: '0' }, /^SYNC_HISTORY must be a number of days above 0/],
    [{ SYNC_SELF_APPROVAL: 'no' }, /^SYNC_SELF_APPROVAL must be true or false/],
    [{ CONCURRENT_OPERATIONS: '1.5' }, /^CONCURRENT_OPERATIONS must be a whole number of operations from 1/],
    [{ MAX_CONNECTIONS: 'many' }, /^MAX_CONNECTIONS must be a whole number of connections from 1/],
    [{ RESPONSE_TIMEOUT: '0' }, /^RESPONSE_TIMEOUT must be a number of seconds above 0, up to 3600/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of fatal, error/],
    [{ OPERATION_DEADLINE: 'soon' }, /^OPERATION_DEADLINE must be a number of seconds above 0, up to 3600/],
    [{ OPERATION_DEADLINE: '0' }, /^OPERATION_DEADLINE must be a number of seconds/],
    [{ OPERATION_DEADLINE: '301' }, /^OPERATION_DEADLINE must not be more than OPERATION_DEADLINE_MAX/],
    [{ CATALOGUE_LIFETIME: '0' }, /^CATALOGUE_LIFETIME must be a number of seconds/],
    [{ REQUEST_TIMEOUT: '0' }, /^REQUEST_TIMEOUT must be a number of seconds above 0, up to 3600/],
    [{ OPERATION_DEADLINE_MAX: '-1' }, /^OPERATION_DEADLINE_MAX must be a number of seconds/],
    [{ QUERY_COST_LIMIT: 'none' }, /^QUERY_COST_LIMIT must be a number of requests above 0/],
    [{ METRICS_PORT: '0' }, /^METRICS_PORT must be a port number/],
    [{ METRICS_PORT: '4000' }, /^METRICS_PORT must not be PORT, which is 4000/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' }, /^OTEL_EXPORTER_OTLP_ENDPOINT must be the http/],
    [{ DATABASE_URL: 'mysql://root:hunter2@host/db' }, /^DATABASE_URL must be a PostgreSQL URL/],
  ])('names the variable that is wrong: %o', (environment, sentence) => {
    expect(() => loadConfig(environment)).toThrow(sentence);
  });

  it('does not repeat a password in its complaint', () => {
    const endpoint = 'http://user:hunter2@collector:4318/?x';
    expect(() => loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toThrow(/^(?!.*hunter2)/);
    expect(() => loadConfig({ DATABASE_URL: 'mysql://root:hunter2@host/db' })).not.toThrow(/hunter2/);
  });
});
