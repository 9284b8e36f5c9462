import { GatewayError } from './gateway-error.ts';

export class NotConnected extends GatewayError {
  readonly code = 'NOT_CONNECTED';
  readonly connector: string;
  constructor(connector: string) {
    super(
      `The connector ${JSON.stringify(connector)} is not connected to Webex yet. Call the connect mutation and open its authorizationUrl in a browser.`,
    );
    this.connector = connector;
  }
  override facts() {
    return { connector: this.connector };
  }
}

export class ReconnectRequired extends GatewayError {
  readonly code = 'RECONNECT_REQUIRED';
  readonly connector: string;
  constructor(connector: string) {
    super(
      `Webex no longer accepts the grant of connector ${JSON.stringify(connector)}: it was revoked, or not used for too long. An administrator has to connect it again with the connect mutation.`,
    );
    this.connector = connector;
  }
  override facts() {
    return { connector: this.connector };
  }
}

/** Why a return from Webex's authorization page was not accepted. */
export type AuthorizationFailure =
  | 'DENIED'
  | 'STATE_UNKNOWN'
  | 'STATE_EXPIRED'
  | 'STATE_USED'
  | 'CODE_REFUSED'
  | 'GRANT_REFUSED'
  | 'CLIENT_REFUSED'
  | 'OTHER_ORGANIZATION'
  | 'RESPONSE_INVALID';

export class AuthorizationFailed extends GatewayError {
  readonly code = 'AUTHORIZATION_FAILED';
  readonly reason: AuthorizationFailure;
  constructor(reason: AuthorizationFailure, sentence: string) {
    super(sentence);
    this.reason = reason;
  }
  override facts() {
    return { reason: this.reason };
  }
}

/** Webex does not say whose a connection is, and would say so only for one with more scopes or another account. */
export class OwnerNotTold extends AuthorizationFailed {
  constructor() {
    super(
      'RESPONSE_INVALID',
      'Webex does not say who connected, and to which organization they belong. Add the scope spark-admin:people_read to the integration and to the connector, then start again.',
    );
  }
}

/** The configuration of the gateway does not let it send anything there; nothing was sent. */
export class UpstreamAddressRefused extends GatewayError {
  readonly code = 'UPSTREAM_ADDRESS_REFUSED';
  readonly origin: string;
  /** The variable of the configuration that would allow it. */
  readonly variable: string;
  constructor(sentence: string, origin: string, variable: string) {
    super(sentence);
    this.origin = origin;
    this.variable = variable;
  }
  override facts() {
    return { origin: this.origin, variable: this.variable };
  }
}
