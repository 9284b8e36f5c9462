import type { ConnectorRecord } from '../store/connectors.ts';

const WEBEX = 'https://webexapis.com';
/**
 * The issuer that Webex names, for its own authorization endpoint. Source: the discovery document at
 * https://idbroker.webex.com/idb/.well-known/openid-configuration; other regions have `idbroker-` and a name.
 */
const WEBEX_ISSUER = /^https:\/\/idbroker(-[a-z0-9]+)?\.webex\.com\/idb$/;
const LONGEST_ISSUER = 2_000;

/**
 * Whether a return from the authorization page comes from the server that the browser was sent to (RFC 9207). A
 * connector's settings name no issuer, so what counts is the origin of its endpoints.
 * @param issuer the parameter `iss`; undefined if the return had none, as Webex's have
 */
export function isExpectedIssuer(
  { authorizationEndpoint, tokenEndpoint }: Pick<ConnectorRecord, 'authorizationEndpoint' | 'tokenEndpoint'>,
  issuer: string | null | undefined,
): boolean {
  if (issuer == null) return true;
  if (issuer.length > LONGEST_ISSUER) return false;
  const origins = [authorizationEndpoint, tokenEndpoint].map((endpoint) => new URL(endpoint).origin);
  if (origins.includes(URL.parse(issuer)?.origin ?? '')) return true;
  return origins[0] === WEBEX && WEBEX_ISSUER.test(issuer);
}
