import type { Context, MiddlewareHandler } from 'hono';
import type { Gatekeeper } from '../../access/gatekeeper.ts';
import type { Principal } from '../../access/principal.ts';
import type { Scope } from '../../access/scopes.ts';
import { Forbidden, IdentityProviderUnavailable, Unauthenticated } from '../../errors/access.ts';
import { StoreUnavailable } from '../../errors/start.ts';
import type { AppEnvironment } from '../request-log.ts';
import { refuse } from './refusal.ts';

/** Who calls, for the handlers behind `authenticate`. */
export function principalOf(c: Context<AppEnvironment>): Principal {
  const { principal } = c.var.notes;
  if (principal === undefined) throw new Error('A request was let in unseen.');
  return principal;
}

/**
 * Accepts callers that the gatekeeper knows, and answers 401 to all others.
 * @param scope what it takes for all connectors; undefined if every caller may come in
 */
export function authenticate(gatekeeper: Gatekeeper, scope?: Scope): MiddlewareHandler<AppEnvironment> {
  return async (c, next) => {
    try {
      const principal = await gatekeeper.identify(c.req.header('authorization'));
      c.var.notes.principal = principal;
      if (scope !== undefined && !principal.holdsEverywhere(scope)) throw new Forbidden(scope);
    } catch (error) {
      return refuseCaller(c, error);
    }
    return next();
  };
}

/** Answers a caller who was not let in, or for whom nothing can be done now. Throws what is neither. */
export function refuseCaller(c: Context<AppEnvironment>, error: unknown): Response {
  if (error instanceof Unauthenticated) {
    // RFC 6750, section 3: no reason is given if the request has no credentials.
    const challenge = error.reason === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"';
    c.header('WWW-Authenticate', challenge);
    return refuse(c, 401, error.code, error.message);
  }
  if (error instanceof Forbidden) return refuse(c, 403, error.code, error.message, error.facts());
  if (error instanceof IdentityProviderUnavailable) {
    return refuse(c, 503, error.code, error.message, { retryable: true });
  }
  if (error instanceof StoreUnavailable) {
    const message = 'The gateway cannot reach its database. Try again later.';
    return refuse(c, 503, error.code, message, { retryable: true });
  }
  throw error;
}
