import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { CallRecord } from '../../src/datasources/http/meter.ts';
import { reportCall } from '../../src/routes/graphql/call-report.ts';

const record = (method: string, url: string, more: Partial<CallRecord> = {}): CallRecord => ({
  method,
  url: new URL(url),
  status: 200,
  sentAt: 0,
  durationMs: 12.6,
  trackingId: 'WPG_1',
  shared: false,
  ...more,
});
const curl = (method: string, url: string) => reportCall(record(method, url)).curl;

describe('a request to Webex, as it is shown', () => {
  it('has its path and its parameters, how it ended, and how long it took', () => {
    expect(reportCall(record('GET', 'https://webexapis.com/v1/people?max=100&excludeStatus=true'))).toEqual({
      method: 'GET',
      path: '/v1/people',
      parameters: { max: '100', excludeStatus: 'true' },
      status: 200,
      durationMs: 13,
      trackingId: 'WPG_1',
      shared: false,
      curl: `curl -H "Authorization: Bearer $WEBEX_TOKEN" 'https://webexapis.com/v1/people?max=100&excludeStatus=true'`,
    });
  });

  it('says so if no answer came, and if another request had sent it', () => {
    const unanswered = { status: undefined, trackingId: undefined, shared: true };
    expect(reportCall(record('GET', 'https://webexapis.com/v1/roles', unanswered))).toMatchObject({
      status: null,
      trackingId: null,
      shared: true,
    });
  });

  it.each(['POST', 'PUT', 'PATCH'])('is repeated with a body of one’s own: %s', (method) => {
    expect(curl(method, 'https://webexapis.com/v1/people/1')).toBe(
      `curl -X ${method} -H "Authorization: Bearer $WEBEX_TOKEN" -H 'Content-Type: application/json' --data @body.json 'https://webexapis.com/v1/people/1'`,
    );
  });

  it('a request without a body is repeated without one', () => {
    expect(curl('DELETE', 'https://webexapis.com/v1/people/1')).toBe(
      `curl -X DELETE -H "Authorization: Bearer $WEBEX_TOKEN" 'https://webexapis.com/v1/people/1'`,
    );
  });

  it('to a token endpoint, shows nothing of its form', () => {
    const shown = reportCall(
      record('POST', 'https://webexapis.com/v1/access_token?grant_type=refresh_token&client_secret=canary'),
    );
    expect(shown).toMatchObject({
      path: '/v1/access_token',
      parameters: {},
      curl: `curl -X POST --data @form.txt 'https://webexapis.com/v1/access_token'`,
    });
  });

  it.each([
    'https://canary:canary@webexapis.com/v1/people',
    'https://webexapis.com/v1/people?access_token=canary',
    'https://webexapis.com/v1/people?max=1&client_secret=canary&code=canary',
    'https://webexapis.com/v1/people#canary',
  ])('hides what opens something: %s', (url) => {
    expect(JSON.stringify(reportCall(record('GET', url)))).not.toContain('canary');
  });

  it.each([
    `https://webexapis.com/v1/groups?filter=displayName eq "O'Brien; rm -rf $HOME"`,
    "https://webexapis.com/v1/people/it's`id`$(id)\\",
    'https://webexapis.com/v1/people?email=a+b@example.com&displayName=Ünïcode&x=!!',
  ])('is one word in a shell: %s', (address) => {
    const { href } = new URL(address);
    const printed = execFileSync('sh', ['-c', curl('GET', address).replace('curl', 'printf "%s\\n"')], {
      env: { WEBEX_TOKEN: 'one of mine' },
      encoding: 'utf8',
    });
    expect(printed.trimEnd().split('\n')).toEqual(['-H', 'Authorization: Bearer one of mine', href]);
  });
});
