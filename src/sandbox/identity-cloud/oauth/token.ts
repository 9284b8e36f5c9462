import { decodeJwt, importJWK, type JWTPayload, jwtVerify } from 'jose';
import { type Answer, type Call, json } from '../../http/exchange.ts';
import type { Endpoint } from '../http/endpoint.ts';
import type { World } from '../world.ts';
import type { Account, RealmClient } from './accounts.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const TOKEN_PATH = '/am/oauth2/access_token';

class TokenRefusal extends Error {
  readonly status: number;
  readonly error: string;

  constructor(status: number, error: string, description: string) {
    super(description);
    this.status = status;
    this.error = error;
  }
}

/** Where tokens are given out: to service accounts for a signed assertion, to clients of a realm for their secret. */
export const tokenEndpoints: readonly Endpoint[] = [
  {
    route: 'POST /am/oauth2/access_token',
    access: 'public',
    handle: (call, world) => answered(world, () => serviceAccountToken(call, world)),
  },
  {
    route: 'POST /am/oauth2/realms/root/realms/:realm/access_token',
    access: 'public',
    handle: (call, world) => answered(world, () => clientToken(call, world)),
  },
];

interface Granted {
  readonly account: Account;
  readonly scopes: readonly string[];
}

async function answered({ accounts, settings }: World, grant: () => Promise<Granted>): Promise<Answer> {
  try {
    const { account, scopes } = await grant();
    // The order of scopes is not that of the request.
    return json(200, {
      access_token: accounts.issue(account, scopes),
      scope: scopes.toReversed().join(' '),
      token_type: 'Bearer',
      expires_in: settings.tokenLifetime,
    });
  } catch (error) {
    if (!(error instanceof TokenRefusal)) throw error;
    return json(error.status, { error: error.error, error_description: error.message });
  }
}

async function serviceAccountToken(call: Call, world: World): Promise<Granted> {
  const form = await call.form();
  const { accounts, settings } = world;
  if (form.get('grant_type') !== GRANT)
    throw new TokenRefusal(400, 'unsupported_grant_type', 'Grant type is not supported');
  if (form.get('client_id') !== 'service-account')
    throw new TokenRefusal(401, 'invalid_client', 'Client authentication failed');
  const claims = await verified(form.get('assertion') ?? '', call, world);
  const account = accounts.serviceAccounts.get(claims.sub ?? '');
  if (account === undefined) throw refused(world, 'The assertion is not valid');
  const scopes = scopesOf(form, account.scopes, settings.unsupportedScopes);
  if (claims.jti !== undefined) accounts.usedAssertions.add(claims.jti);
  return { account, scopes };
}

/** The claims of an assertion whose signature, audience and times are right. Throws TokenRefusal. */
async function verified(assertion: string, call: Call, world: World): Promise<JWTPayload> {
  const { accounts, settings, clock } = world;
  const fail = () => refused(world, 'JWT validation failed');
  let subject: string | undefined;
  try {
    subject = decodeJwt(assertion).sub;
  } catch {
    throw fail();
  }
  const account = accounts.serviceAccounts.get(subject ?? '');
  if (account === undefined) throw fail();
  const claims = await jwtVerify(assertion, await importJWK(account.publicKey, 'RS256'), {
    algorithms: ['RS256'],
    issuer: account.id,
    currentDate: new Date(clock.now()),
  }).then(
    ({ payload }) => payload,
    () => undefined,
  );
  if (claims?.exp === undefined) throw fail();
  if (claims.exp - clock.now() / 1_000 > settings.assertionMaxLifetime) throw fail();
  if (!isAudience(claims.aud, call, settings.audienceCheck)) throw fail();
  if (settings.requireJti && claims.jti === undefined) throw fail();
  const isUsed = claims.jti !== undefined && accounts.usedAssertions.has(claims.jti);
  if (isUsed && settings.jtiReuse === 'refusedOnceUsed') throw fail();
  return claims;
}

function isAudience(
  audience: JWTPayload['aud'],
  { origin }: Call,
  check: World['settings']['audienceCheck'],
): boolean {
  if (check === 'off') return true;
  const texts = Array.isArray(audience) ? audience : [audience ?? ''];
  if (check === 'strict') return texts.includes(`${origin}${TOKEN_PATH}`);
  // Clients write the port, leave it out, or write it twice.
  const withoutPort = (text: string) => text.replaceAll(/:\d{1,5}(?=[:/])/g, '');
  return texts.some((text) => withoutPort(text) === withoutPort(`${origin}${TOKEN_PATH}`));
}

function refused({ settings }: World, description: string): TokenRefusal {
  return settings.tokenErrorStatus === '400 invalid_grant'
    ? new TokenRefusal(400, 'invalid_grant', description)
    : new TokenRefusal(401, 'invalid_client', description);
}

function scopesOf(form: URLSearchParams, held: readonly string[], unsupported: readonly string[]): string[] {
  const wanted = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  const refusedScopes = wanted.filter((scope) => unsupported.includes(scope) || !held.includes(scope));
  if (refusedScopes.length > 0)
    throw new TokenRefusal(
      400,
      'invalid_scope',
      `Unsupported scope for service account: ${refusedScopes.join(',')}`,
    );
  return wanted.length === 0 ? [...held] : wanted;
}

async function clientToken(call: Call, { accounts }: World): Promise<Granted> {
  const form = await call.form();
  const basic = /^Basic (.+)$/.exec(call.headers.authorization ?? '')?.[1];
  const [id, secret] =
    basic === undefined
      ? [form.get('client_id'), form.get('client_secret')]
      : Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
  const client: RealmClient | undefined = accounts.clients.get(id ?? '');
  if (client === undefined || client.secret !== secret || client.realm !== call.params.realm)
    throw new TokenRefusal(401, 'invalid_client', 'Client authentication failed');
  if (form.get('grant_type') !== 'client_credentials')
    throw new TokenRefusal(400, 'unsupported_grant_type', 'Grant type is not supported');
  return { account: client, scopes: scopesOf(form, client.scopes, []) };
}
