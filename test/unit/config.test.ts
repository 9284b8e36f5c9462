import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';

describe('the configuration', () => {
  it('runs without any', () => {
    expect(loadConfig({})).toEqual({
      host: '127.0.0.1',
      port: 4000,
      publicUrl: 'http://localhost:4000',
      returnOrigins: [],
      databaseUrl: undefined,
      dataDir: '.data',
      secretKeys: undefined,
      connectorsFile: undefined,
      logLevel: 'info',
    });
  });

  it('takes the public URL from the port unless told', () => {
    expect(loadConfig({ PORT: '8080' }).publicUrl).toBe('http://localhost:8080');
    expect(loadConfig({ PORT: '8080', PUBLIC_URL: 'https://gateway.example.com/' }).publicUrl).toBe(
      'https://gateway.example.com',
    );
  });

  it.each([
    [{ PORT: 'http' }, /^PORT must be a port number/],
    [{ PORT: '70000' }, /^PORT must be a port number/],
    [{ PORT: '0' }, /^PORT must be a port number/],
    [{ PUBLIC_URL: 'https://example.com/gateway' }, /^PUBLIC_URL must be an http/],
    [{ PUBLIC_URL: 'gateway.example.com' }, /^PUBLIC_URL must be an http/],
    [{ RETURN_ORIGINS: 'https://a.example, b.example' }, /^RETURN_ORIGINS must be origins/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of fatal, error/],
    [{ DATABASE_URL: 'mysql://root:hunter2@host/db' }, /^DATABASE_URL must be a PostgreSQL URL/],
  ])('names the variable that is wrong: %o', (environment, sentence) => {
    expect(() => loadConfig(environment)).toThrow(sentence);
  });

  it('does not repeat a database password in its complaint', () => {
    expect(() => loadConfig({ DATABASE_URL: 'mysql://root:hunter2@host/db' })).not.toThrow(/hunter2/);
  });
});
