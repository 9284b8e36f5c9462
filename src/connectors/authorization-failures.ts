import { cleanWords } from '../datasources/http/upstream-words.ts';
import { AuthorizationFailed } from '../errors/connection.ts';
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

/** What the authorization page returned instead of a code (RFC 6749, 4.1.2.1), on one line and of bounded length. */
export interface ReturnedError {
  readonly code: string;
  /** Undefined if it said nothing beside the code. */
  readonly description: string | undefined;
}

/** What Webex sent to the redirect URI: a code, or why it sent no code. */
export interface AuthorizationReturn {
  readonly state: string;
  readonly code?: string | undefined;
  readonly error?: ReturnedError | undefined;
  /** The issuer that it names (RFC 9207). */
  readonly iss?: string | null | undefined;
  /** Webex's id of the organization that has to be connected, instead of the one named at the beginning. */
  readonly expectedOrganizationId?: string | undefined;
}

const LONGEST_CODE = 100;
const LONGEST_DESCRIPTION = 300;

/** Reads the parameters of a return. Undefined if it has no `error`. Anybody can write such an address. */
export function readReturnedError(
  error: string | undefined,
  description: string | undefined,
): ReturnedError | undefined {
  if (error === undefined) return undefined;
  return {
    code: cleanWords(error, LONGEST_CODE) || 'unnamed error',
    description: cleanWords(description ?? '', LONGEST_DESCRIPTION) || undefined,
  };
}

/** What an error that the authorization page returned means, in our words and its own. */
export function refusedAuthorization(returned: ReturnedError | undefined): AuthorizationFailed {
  if (returned === undefined) {
    return new AuthorizationFailed(
      'RESPONSE_INVALID',
      `Webex returned neither a code nor an error. ${AGAIN}`,
    );
  }
  const { code, description } = returned;
  const words = `The authorization page returned: ${code}${description === undefined ? '' : `, “${description}”`}.`;
  if (code === 'invalid_scope') {
    return new AuthorizationFailed(
      'DENIED',
      `Webex does not grant these scopes: the integration lacks one of them, or the account is no administrator. Compare the scopes of the connector with those of the integration. ${words}`,
    );
  }
  if (code !== 'access_denied') {
    return new AuthorizationFailed(
      'RESPONSE_INVALID',
      `Webex could not ask for approval. Compare client id, redirect URI and scopes with the integration. ${AGAIN} ${words}`,
    );
  }
  return new AuthorizationFailed(
    'DENIED',
    `The connection was denied on the Webex page. Nothing was changed. ${AGAIN.replace('.', ', and sign in as an administrator.')} ${words}`,
  );
}

/** A return from another authorization server than the one the browser was sent to. */
export function refusedIssuer(): AuthorizationFailed {
  return new AuthorizationFailed(
    'RESPONSE_INVALID',
    `This return names another authorization server (iss) than the connector’s. Its code was not used. Check the authorization endpoint of the connector. ${AGAIN}`,
  );
}

/**
 * An account of another organization than the one that is expected: by the caller, or because it is connected now.
 * @param named whether the caller has named it
 */
export function otherOrganization(found: string, expected: string, named: boolean): AuthorizationFailed {
  const why = named ? `${expected} was expected` : `the connector is connected to ${expected}`;
  return new AuthorizationFailed(
    'OTHER_ORGANIZATION',
    `This account belongs to the organization ${found}, and ${why}. Nothing was changed. To connect ${found}, start again with expectOrganization ${JSON.stringify(found)}.`,
  );
}

/** A refresh token that was handed over and that Webex does not take. */
export function refusedRefreshToken(): AuthorizationFailed {
  return new AuthorizationFailed(
    'GRANT_REFUSED',
    'Webex does not take this refresh token: it was made for another integration, was used up, was revoked, or is too old. Get a new one, or use the connect mutation.',
  );
}
