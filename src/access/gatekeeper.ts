import { Unauthenticated } from '../errors/access.ts';
import type { ApiKeys } from './api-keys.ts';
import { ANYBODY, type Principal } from './principal.ts';
import type { TokenVerifier } from './tokens.ts';

/** Finds out who is calling. */
export interface Gatekeeper {
  /**
   * @param authorization the header of the request
   * Throws Unauthenticated, IdentityProviderUnavailable, StoreUnavailable.
   */
  identify(authorization: string | undefined): Promise<Principal>;
}

/** Lets everybody do everything: for a gateway that only its own machine reaches. */
export const OPEN_HOUSE: Gatekeeper = { identify: () => Promise.resolve(ANYBODY) };

/**
 * Takes API keys, and the tokens of an identity provider if one is configured.
 * @param tokens undefined if none is
 */
export function createGatekeeper(keys: ApiKeys, tokens: TokenVerifier | undefined): Gatekeeper {
  return {
    async identify(authorization) {
      if (authorization === undefined) throw new Unauthenticated('missing');
      const shown = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization.trim())?.[1];
      if (shown === undefined) throw new Unauthenticated('malformed');
      // A token of an identity provider has three parts; a key has none.
      const principal = shown.includes('.') ? await tokens?.identify(shown) : await keys.identify(shown);
      if (principal === undefined) throw new Unauthenticated('refused');
      return principal;
    },
  };
}
