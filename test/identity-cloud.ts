import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import { request } from 'undici';
import {
  type IdentityCloud,
  type IdentityCloudOptions,
  type Settings,
  startIdentityCloud,
} from '../src/sandbox/identity-cloud/index.ts';
import type { Identity } from '../src/sandbox/identity-cloud/seed/identities.ts';

/** People of a small company: departments in turn, all with the first as manager. */
export function people(count: number): Identity[] {
  return Array.from({ length: count }, (_, index) => ({
    ...{ givenName: `Ann${index}`, sn: `Lee${index}`, displayName: `Ann${index} Lee${index}` },
    mail: `ann${index}@acme.example`,
    ...{ title: 'Engineer', department: index % 2 === 0 ? 'Sales' : 'Research' },
    ...{ city: 'Berlin', country: 'DE', telephoneNumber: undefined, isActive: true },
    managerMail: index === 0 ? undefined : 'ann0@acme.example',
    ...{ licenses: ['Meetings'], groups: ['Everybody'] },
  }));
}

/** An answer of the tenant. */
export interface TenantAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // Tests look into it as far as they need.
  readonly body: TenantBody;
}

export interface TenantBody {
  readonly [name: string]: unknown;
  readonly _id: string;
  readonly _rev: string;
  readonly message: string;
  readonly result: readonly TenantBody[];
  readonly pagedResultsCookie: string | null;
  readonly totalPagedResults: number;
  readonly totalPagedResultsPolicy: string;
  readonly detail: { readonly failedPolicyRequirements: readonly object[] };
}

export interface TenantWorld extends AsyncDisposable {
  readonly tenant: IdentityCloud;
  /** Sends a request with a good token. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<TenantAnswer>;
  /** A page of a collection. */
  query(collection: string, filter: string, parameters?: Record<string, string>): Promise<TenantAnswer>;
}

/** Starts a simulated tenant, by default with 25 people. */
export async function startTenant(
  settings: Partial<Settings> = {},
  options: IdentityCloudOptions = {},
): Promise<TenantWorld> {
  const tenant = await startIdentityCloud({ identities: people(25), ...options, settings });
  const token = tenant.issueToken();
  const send: TenantWorld['send'] = async (method, path, body, headers = {}) => {
    const answer = await request(`${tenant.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(await answer.body.text()) };
  };
  return {
    tenant,
    send,
    query: (collection, filter, parameters = {}) =>
      send(
        'GET',
        `/openidm/managed/${collection}?${new URLSearchParams({ _queryFilter: filter, ...parameters })}`,
      ),
    [Symbol.asyncDispose]: () => tenant.close(),
  };
}

/** What an assertion says instead of its defaults. */
export interface AssertionClaims {
  readonly audience?: string;
  readonly lifetime?: number;
  readonly jti?: string | null;
  readonly issuer?: string;
}

/** A signed assertion of the tenant's service account. */
export async function assertionOf(tenant: IdentityCloud, claims: AssertionClaims = {}): Promise<string> {
  const { id, privateKey } = tenant.serviceAccount;
  const { audience = tenant.tokenUrl, lifetime = 180, jti = randomUUID(), issuer = id } = claims;
  const jwt = new SignJWT({})
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(issuer)
    .setSubject(id)
    .setAudience(audience)
    .setExpirationTime(Math.floor(tenant.clock.now() / 1_000) + lifetime);
  if (jti !== null) jwt.setJti(jti);
  return jwt.sign(await importJWK(privateKey, 'RS256'));
}

/** What the token endpoint answers. */
export async function askToken(
  tenant: IdentityCloud,
  assertion: string,
  scope = 'fr:idm:*',
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  const answer = await request(tenant.tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      client_id: 'service-account',
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      ...{ assertion, scope },
    }).toString(),
  });
  return { status: answer.statusCode, body: JSON.parse(await answer.body.text()) };
}
