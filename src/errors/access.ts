import type { Scope } from '../access/scopes.ts';
import { GatewayError } from './gateway-error.ts';

/** The caller is not known; HTTP status 401. */
export class Unauthenticated extends GatewayError {
  readonly code = 'UNAUTHENTICATED';
  readonly reason: 'missing' | 'malformed' | 'refused';
  constructor(reason: Unauthenticated['reason']) {
    super(UNAUTHENTICATED[reason]);
    this.reason = reason;
  }
}

const UNAUTHENTICATED = {
  missing:
    'Authentication required. Send an API key or a token in the header: Authorization: Bearer webexgw_….',
  malformed: 'The header Authorization is invalid. It must be Bearer, a space, and an API key or a token.',
  refused:
    'The API key or token is unknown, expired or revoked. Ask an administrator of the gateway for another one.',
};

/** Known, but not allowed. */
export class Forbidden extends GatewayError {
  readonly code = 'FORBIDDEN';
  readonly scope: Scope;
  /** @param connector its name; undefined if the scope is needed for all connectors, or for any */
  constructor(scope: Scope, connector?: string) {
    super(
      connector === undefined
        ? `This requires the scope ${scope}. Your key or token does not have it, or not for all connectors.`
        : `This requires the scope ${scope} for the connector ${JSON.stringify(connector)}. Your key or token does not have it.`,
    );
    this.scope = scope;
  }
  override facts() {
    return { requiredScope: this.scope.toUpperCase() };
  }
}

/** The identity provider's keys could not be read, so no token can be checked; HTTP status 503. */
export class IdentityProviderUnavailable extends GatewayError {
  readonly code = 'IDENTITY_PROVIDER_UNAVAILABLE';
  override readonly retryable = true;
  constructor() {
    super(
      'The identity provider of your token does not answer, so the gateway cannot check the token. Try again later.',
    );
  }
}
