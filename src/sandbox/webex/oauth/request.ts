import type { PersonRecord } from '../state/records.ts';
import type { World } from '../world.ts';
import { type Integration, mayAskFor } from './integrations.ts';

/** A request to authorize that is in order. */
export interface AuthorizeRequest {
  readonly integration: Integration;
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly scopes: readonly string[];
  readonly challenge: { readonly value: string; readonly method: 'S256' | 'plain' } | undefined;
}

/** Why a request to authorize is refused, and where that may be said. */
export type AuthorizeRefusal =
  /** The client or its address is unknown: only the person in front of the browser is told. */
  | { readonly kind: 'page'; readonly message: string }
  | { readonly kind: 'redirect'; readonly location: string };

/** The parameters of a request to authorize, which the page carries along in hidden fields. */
export const REQUEST_FIELDS = [
  'client_id',
  'response_type',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
] as const;

/** Checks a request to authorize. Webex compares the redirect URI exactly with the registered ones. */
export function readAuthorizeRequest(
  parameters: URLSearchParams,
  integrations: ReadonlyMap<string, Integration>,
): AuthorizeRequest | AuthorizeRefusal {
  const integration = integrations.get(parameters.get('client_id') ?? '');
  if (integration === undefined) return { kind: 'page', message: 'No integration has this client_id.' };
  const redirectUri = parameters.get('redirect_uri') ?? '';
  if (!integration.redirectUris.includes(redirectUri)) {
    return { kind: 'page', message: 'The redirect_uri is not one of those registered for this integration.' };
  }
  const state = parameters.get('state') ?? undefined;
  const refuse = (error: string, description: string): AuthorizeRefusal => ({
    kind: 'redirect',
    location: redirectTo(redirectUri, { error, error_description: description, state }),
  });
  if (parameters.get('response_type') !== 'code') {
    return refuse('unsupported_response_type', 'The response_type must be code.');
  }
  const scopes = (parameters.get('scope') ?? '').split(/\s+/).filter((scope) => scope !== '');
  if (scopes.length === 0) return refuse('invalid_scope', 'At least one scope is needed.');
  if (!mayAskFor(integration, scopes)) {
    return refuse('invalid_scope', 'A scope is not registered for this integration.');
  }
  const method = parameters.get('code_challenge_method') ?? 'plain';
  if (method !== 'S256' && method !== 'plain') {
    return refuse('invalid_request', 'The code_challenge_method must be S256 or plain.');
  }
  const value = parameters.get('code_challenge');
  return {
    integration,
    redirectUri,
    state,
    scopes,
    challenge: value === null ? undefined : { value, method },
  };
}

/** An address with parameters added; undefined ones are left out. */
export function redirectTo(address: string, parameters: Record<string, string | undefined>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

/** How many of the first people the authorize page looks at. */
const LOOKED_AT = 40;

/** People whom the authorize page offers: the administrators first, then others with and some without a role. */
export function candidates({ organizations, tenant }: World): PersonRecord[] {
  const able = tenant.people.live
    .slice(0, LOOKED_AT)
    .filter((person) => person.loginEnabled && !person.invitePending);
  const others = able.filter((person) => person.roles.size === 0).slice(0, 5);
  const { own, partner } = organizations;
  const administrators = partner === undefined ? [own.admin] : [own.admin, partner.admin];
  return [...new Set([...administrators, ...able.filter((person) => person.roles.size > 0), ...others])];
}
