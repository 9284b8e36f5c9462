import { expect, it } from 'vitest';
import { isExpectedIssuer } from '../../src/connectors/issuer.ts';

const WEBEX = {
  authorizationEndpoint: 'https://webexapis.com/v1/authorize',
  tokenEndpoint: 'https://webexapis.com/v1/access_token',
};
const OTHER = {
  authorizationEndpoint: 'https://login.example/authorize',
  tokenEndpoint: 'https://api.example/token',
};

it.each([
  [WEBEX, undefined, true],
  [WEBEX, null, true],
  [WEBEX, 'https://webexapis.com', true],
  [WEBEX, 'https://idbroker.webex.com/idb', true],
  [WEBEX, 'https://idbroker-eu.webex.com/idb', true],
  [WEBEX, 'https://idbroker.webex.com.evil.example/idb', false],
  [WEBEX, 'https://login.example', false],
  [WEBEX, 'http://webexapis.com', false],
  [WEBEX, '', false],
  [OTHER, 'https://login.example/realms/one', true],
  [OTHER, 'https://api.example', true],
  [OTHER, 'https://idbroker.webex.com/idb', false],
  [OTHER, `https://login.example/${'x'.repeat(2_000)}`, false],
])('the issuer of a return to %j may be %j: %j', (connector, issuer, expected) => {
  expect(isExpectedIssuer(connector, issuer)).toBe(expected);
});
