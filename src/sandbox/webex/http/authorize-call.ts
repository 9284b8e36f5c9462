import { Refusal } from '../../http/errors.ts';
import type { Call } from '../../http/exchange.ts';
import type { Caller } from '../oauth/grants.ts';
import type { World } from '../world.ts';
import type { Access } from './endpoint.ts';

/** Who is calling. Webex's router refuses a missing, unknown, expired or revoked token with 401. */
export function identify(call: Call, world: World): Caller {
  const [, token] = /^bearer\s+(\S+)$/i.exec(call.headers.authorization ?? '') ?? [];
  const caller = token === undefined ? undefined : world.grants.callerOf(token);
  if (caller === undefined) {
    throw new Refusal(401, 'A valid access token has to be sent in the Authorization header.');
  }
  return caller;
}

/** Whether a token has a scope. */
export function hasScope(caller: Caller, scope: string): boolean {
  return caller.scopes === '*' || caller.scopes.has(scope);
}

/** Throws a 403 Refusal when the token lacks the scope or its owner the administrator role. */
export function permit(caller: Caller, access: Access): void {
  if (access.scopes.length > 0 && !access.scopes.some((scope) => hasScope(caller, scope))) {
    throw new Refusal(403, `The access token lacks the scope ${access.scopes.join(' or ')}.`);
  }
  const isShort = access.rights === 'write' ? caller.rights !== 'write' : caller.rights === 'none';
  if (access.rights !== undefined && isShort) {
    throw new Refusal(403, 'This takes an administrator role that the owner of the token lacks.');
  }
}

/** Whether the caller sees people as an administrator does. */
export function isAdministrator(caller: Caller): boolean {
  return hasScope(caller, 'spark-admin:people_read') && caller.rights !== 'none';
}
