import type { Answer, Call } from '../../http/exchange.ts';
import type { Endpoint } from '../http/endpoint.ts';
import type { World } from '../world.ts';
import { rightsOf } from './grants.ts';
import type { Integration } from './integrations.ts';
import { authorizePage, refusalPage } from './page.ts';
import {
  type AuthorizeRefusal,
  candidates,
  REQUEST_FIELDS,
  readAuthorizeRequest,
  redirectTo,
} from './request.ts';

/**
 * The authorize page. GET shows it; its form, or anybody with the same fields and `decision` set to
 * `approve` or `deny`, posts the answer. Both end in a 302, to the redirect URI with `code` or `error`.
 */
export function authorizeEndpoints(integrations: ReadonlyMap<string, Integration>): Endpoint[] {
  return [
    {
      route: 'GET /authorize',
      access: 'public',
      handle: async (call, world) => {
        const request = readAuthorizeRequest(call.query, integrations);
        if ('kind' in request) return refuse(request);
        const hidden = REQUEST_FIELDS.flatMap((name) => {
          const value = call.query.get(name);
          return value === null ? [] : [[name, value] as const];
        });
        return page(200, await authorizePage(request, hidden, candidates(world)));
      },
    },
    {
      route: 'POST /authorize',
      access: 'public',
      handle: async (call, world) => decide(call, world, integrations),
    },
  ];
}

async function decide(
  call: Call,
  world: World,
  integrations: ReadonlyMap<string, Integration>,
): Promise<Answer> {
  const form = await call.form();
  const request = readAuthorizeRequest(form, integrations);
  if ('kind' in request) return refuse(request);
  const { redirectUri, state, scopes, challenge } = request;
  const decision = form.get('decision');
  if (decision !== 'approve') {
    return redirect(redirectTo(redirectUri, { error: 'access_denied', state }));
  }
  const email = form.get('person');
  const person = email === null ? world.organizations.own.admin : world.organizations.personByEmail(email);
  if (person === undefined) return page(400, await refusalPage('Nobody here has this email address.'));
  // Only an administrator can grant the administrator scopes.
  if (scopes.some((scope) => scope.startsWith('spark-admin:')) && rightsOf(person) === 'none') {
    return redirect(redirectTo(redirectUri, { error: 'invalid_scope', state }));
  }
  const { clientId } = request.integration;
  const code = world.grants.issueCode({ clientId, redirectUri, scopes, person, challenge });
  return redirect(redirectTo(redirectUri, { code, state }));
}

async function refuse(refusal: AuthorizeRefusal): Promise<Answer> {
  if (refusal.kind === 'redirect') return redirect(refusal.location);
  return page(400, await refusalPage(refusal.message));
}

function redirect(location: string): Answer {
  return { status: 302, headers: { location, 'cache-control': 'no-store' } };
}

function page(status: number, body: string): Answer {
  return {
    status,
    body,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      'cache-control': 'no-store',
    },
  };
}
