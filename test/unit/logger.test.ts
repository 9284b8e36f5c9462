import { describe, expect, it } from 'vitest';
import { RateLimited } from '../../src/errors/upstream.ts';
import { describeError } from '../../src/telemetry/error-facts.ts';
import { createLogger } from '../../src/telemetry/logger.ts';

const CANARY = 'postgres://user:canary-5d1c@db/secrets';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown> {
  const lines: string[] = [];
  write(createLogger('info', (line) => lines.push(line)));
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '');
}

describe('a log line', () => {
  it('holds the facts that are known, and nothing else that was handed over', () => {
    const whole = { connector: 'acme', status: 200, clientSecret: CANARY, __proto__: { operation: CANARY } };
    const line = logged((logger) => {
      // @ts-expect-error: a fact that is not on the list does not compile.
      logger.info(whole, 'said');
      // @ts-expect-error: neither does a sentence that is put together.
      logger.debug({ connector: 'acme' }, `said to ${whole.connector}`);
    });
    expect(line).toEqual({
      level: 30,
      time: expect.any(String),
      connector: 'acme',
      status: 200,
      msg: 'said',
    });
  });

  it('drops a value that is not what its name says', () => {
    const line = logged((logger) => {
      const wrong: object = {
        connector: { token: CANARY },
        errors: [{ token: CANARY }, 'KNOWN'],
        status: CANARY,
      };
      logger.info({ ...wrong, error: Object.assign(describeError(undefined), { detail: CANARY }) }, 'said');
    });
    expect(line).toMatchObject({ errors: ['KNOWN'], error: { name: 'NotAnError' } });
    expect(JSON.stringify(line)).not.toContain(CANARY);
  });

  it('says of a library’s error what it is called, its code and where it was thrown, never what it says', () => {
    const foreign = Object.assign(new TypeError(`no route to ${CANARY}\n    at ${CANARY}`), {
      code: 'ECONNREFUSED',
      detail: `Key (token)=(${CANARY}) already exists.`,
    });
    const line = logged((logger) => logger.error({ error: describeError(foreign) }, 'said'));
    expect(line.error).toEqual({
      name: 'TypeError',
      code: 'ECONNREFUSED',
      stack: expect.stringMatching(/^ {4}at .*logger\.test\.ts/),
    });
    expect(JSON.stringify(line)).not.toContain('canary');
    const wrapped = new Error(CANARY, { cause: Object.assign(new Error(CANARY), { code: '23505' }) });
    expect(describeError(wrapped)).toMatchObject({ name: 'Error', code: '23505' });
    expect(describeError(Object.assign(new Error(), { name: CANARY, code: CANARY }))).toMatchObject({
      name: 'Error',
      code: undefined,
    });
  });

  it('says of our own errors what they say', () => {
    const own = new RateLimited(3, { method: 'GET', path: '/people' });
    expect(describeError(own)).toMatchObject({ name: 'RateLimited', code: own.code, message: own.message });
  });
});
