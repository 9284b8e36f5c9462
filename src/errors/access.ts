import type { Scope } from '../access/scopes.ts';
import { GatewayError } from './gateway-error.ts';

/** Nobody who is known; HTTP status 401. */
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
    'Say who you are: send an API key or a token in the header, as in Authorization: Bearer webexgw_….',
  malformed: 'The header Authorization must be Bearer and an API key or a token.',
  refused:
    'The API key or token is not known, has expired, or was revoked. Ask an administrator of the gateway for another.',
};

/** Known, but not allowed. */
export class Forbidden extends GatewayError {
  readonly code = 'FORBIDDEN';
  readonly scope: Scope;
  /** @param connector its name; undefined where the scope is needed for all connectors, or for any */
  constructor(scope: Scope, connector?: string) {
    super(
      connector === undefined
        ? `This takes the scope ${scope}, which your key or token does not have, or not for all connectors.`
        : `This takes the scope ${scope} for the connector ${JSON.stringify(connector)}, which your key or token does not have.`,
    );
    this.scope = scope;
  }
  override facts() {
    return { scope: this.scope };
  }
}

/** The identity provider's keys could not be read, so that no token can be judged; HTTP status 503. */
export class IdentityProviderUnavailable extends GatewayError {
  readonly code = 'IDENTITY_PROVIDER_UNAVAILABLE';
  override readonly retryable = true;
  constructor() {
    super('The identity provider that vouches for your token does not answer. Try again later.');
  }
}
