import { expect, it } from 'vitest';
import { judgeTokenRefusal } from '../../src/datasources/webex/oauth/token-refusal.ts';

const HTML = '<!doctype html><p>Bad Request';

it.each([
  [400, '{"error":"invalid_grant"}', 'grant'],
  [400, '{"error":" Invalid_Grant ","error_description":"revoked"}', 'grant'],
  [401, '{"error":"invalid_grant"}', 'grant'],
  [403, '{"error":"invalid_grant"}', 'grant'],
  [400, '{"error":"invalid_request","error_description":"refresh_token was already revoked"}', 'doubt'],
  [403, '{"error":"access_denied"}', 'doubt'],
  [400, '{"message":"The refresh token is not valid any more.","errors":[],"trackingId":"x"}', 'doubt'],
  [400, '{"error":[{"key":"400"}]}', 'doubt'],
  [400, 'The refresh token is expired', 'doubt'],
  [400, '', 'doubt'],
  [400, HTML, 'stranger'],
  [400, '{"error":"invalid_client"}', 'client'],
  [400, '{"error":"unauthorized_client"}', 'client'],
  [401, '', 'client'],
  [401, HTML, 'client'],
  [400, '{"error":"temporarily_unavailable"}', 'failure'],
  [500, '{"error":"invalid_grant"}', 'failure'],
  [503, HTML, 'failure'],
  [408, '', 'failure'],
  [425, '', 'failure'],
  [429, '', 'failure'],
  [499, '', 'failure'],
  [600, '', 'failure'],
  [302, '', 'stranger'],
  [403, HTML, 'stranger'],
  [403, '{"message":"blocked"}', 'stranger'],
  [404, '{"error":"not_found"}', 'stranger'],
  [404, '', 'stranger'],
  [407, '', 'stranger'],
  [418, '', 'stranger'],
] as const)('a token endpoint that answers %d with %j refuses: %s', (status, text, expected) => {
  expect(judgeTokenRefusal(status, text)).toBe(expected);
});
