import { AuthorizationFailed } from '../errors.ts';
import type { TakeResult } from '../store/authorization-requests.ts';

const AGAIN = 'Start again with the connect mutation.';

/** Why a state is of no use: it was never given out, is too old, or was used. */
export function refusedState(taken: Exclude<TakeResult, { kind: 'taken' }>): AuthorizationFailed {
  switch (taken.kind) {
    case 'unknown':
      return new AuthorizationFailed(
        'STATE_UNKNOWN',
        'This return does not belong to any connection that was begun here. Start with the connect mutation and open its authorizationUrl.',
      );
    case 'expired':
      return new AuthorizationFailed(
        'STATE_EXPIRED',
        `More than ten minutes went by since connecting began. ${AGAIN}`,
      );
    case 'used':
      return new AuthorizationFailed(
        'STATE_USED',
        `This return was handled already${taken.outcome === null ? '' : `: ${taken.outcome.message}`} Nothing was done again. If the connector is not connected, start again with the connect mutation.`,
      );
  }
}

/** What an error that Webex returned with means (RFC 6749, 4.1.2.1), or that it returned with nothing. */
export function refusedAuthorization(error: string | undefined): AuthorizationFailed {
  if (error === undefined) {
    return new AuthorizationFailed(
      'RESPONSE_INVALID',
      `Webex returned neither a code nor an error. ${AGAIN}`,
    );
  }
  if (error === 'invalid_scope') {
    return new AuthorizationFailed(
      'DENIED',
      'Webex does not grant these scopes: the integration lacks one of them, or the account is no administrator. Compare the scopes of the connector with those of the integration.',
    );
  }
  if (error !== 'access_denied') {
    return new AuthorizationFailed(
      'RESPONSE_INVALID',
      `Webex could not ask for approval: it returned an error instead of a code. Compare client id, redirect URI and scopes with the integration. ${AGAIN}`,
    );
  }
  return new AuthorizationFailed(
    'DENIED',
    `The connection was denied on the Webex page. Nothing was changed. ${AGAIN.replace('.', ', and sign in as an administrator.')}`,
  );
}

/** A refresh token that was handed over and that Webex does not take. */
export function refusedRefreshToken(): AuthorizationFailed {
  return new AuthorizationFailed(
    'GRANT_REFUSED',
    'Webex does not take this refresh token: it was made for another integration, was used up, was revoked, or is too old. Get a new one, or use the connect mutation.',
  );
}
