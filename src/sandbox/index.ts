import { Clock } from './clock.ts';
import { type FaultHandle, Faults, type FaultRule as RuleOf } from './faults.ts';
import { RateLimit } from './http/rate-limit.ts';
import { Recorder } from './recorder.ts';
import { type Listening, listen } from './server.ts';
import { webexService } from './webex/http/service.ts';
import { authorizeEndpoints } from './webex/oauth/authorize.ts';
import { Grants } from './webex/oauth/grants.ts';
import { defaultIntegration, type Integration } from './webex/oauth/integrations.ts';
import { tokenEndpoint } from './webex/oauth/token.ts';
import { ALL_SCOPES, type SandboxOptions, type TokenRequest } from './webex/options.ts';
import type { Route } from './webex/route-names.ts';
import { authorizationEndpoints } from './webex/routes/authorizations.ts';
import { groupEndpoints } from './webex/routes/groups.ts';
import { licenseEndpoints } from './webex/routes/licenses.ts';
import { organizationEndpoints } from './webex/routes/organizations.ts';
import { peopleEndpoints } from './webex/routes/people.ts';
import { roleEndpoints } from './webex/routes/roles.ts';
import { scimGroupEndpoints } from './webex/routes/scim/group-endpoints.ts';
import { scimUserEndpoints } from './webex/routes/scim/user-endpoints.ts';
import { seedOrganizations } from './webex/seed/organizations.ts';
import { defaultSettings, type Settings } from './webex/settings.ts';
import { Truth } from './webex/truth.ts';
import type { World } from './webex/world.ts';

export type { Fault, FaultHandle, FaultTarget } from './faults.ts';
export type { Recorder, RequestRecord } from './recorder.ts';
export { defaultIntegration, type Integration } from './webex/oauth/integrations.ts';
export { ALL_SCOPES, type PartnerOptions, type SandboxOptions, type TokenRequest } from './webex/options.ts';
export { ROUTES, type Route } from './webex/route-names.ts';
export { defaultSettings, type Settings } from './webex/settings.ts';
export type { GroupTruth, LicenseTruth, PersonTruth, RoleTruth, Truth } from './webex/truth.ts';

/** Which requests fail, and how. */
export type FaultRule = RuleOf<Route>;

/**
 * Starts a local Webex.
 * Rejects when the port is taken.
 *
 * @example
 * await using sandbox = await startSandbox({ users: 50 });
 * const token = sandbox.issueToken();
 * await fetch(`${sandbox.serviceUri}/people`, { headers: { authorization: `Bearer ${token}` } });
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = new Sandbox(options);
  await sandbox.listen();
  return sandbox;
}

/** A running local Webex: its addresses, what is true in it, what it saw, and the levers that tests pull. */
export class Sandbox extends Truth {
  /** Every knob; change any while it runs. */
  readonly settings: Settings;
  readonly clock: Clock;
  /** What came in: counts, concurrency, sockets. */
  readonly requests = new Recorder();
  readonly #options: SandboxOptions;
  readonly #world: World;
  readonly #faults = new Faults();
  readonly #rateLimit = new RateLimit();
  readonly #integrations = new Map<string, Integration>();
  #listening: Listening | undefined;

  constructor(options: SandboxOptions) {
    const settings = { ...defaultSettings, ...options.settings };
    const clock = new Clock();
    const world: World = { settings, clock, ...freshData(options, clock, settings) };
    super(() => world.organizations.own);
    this.settings = settings;
    this.clock = clock;
    this.#options = options;
    this.#world = world;
    this.#registerIntegrations();
  }

  /** `http://127.0.0.1:<port>`: SCIM lives under it, and so does everything else under `/v1`. */
  get url(): string {
    if (this.#listening === undefined) throw new Error('The sandbox does not listen.');
    return `http://${this.#options.host ?? '127.0.0.1'}:${this.#listening.port}`;
  }

  /** The base of the REST API, `…/v1`. */
  get serviceUri(): string {
    return `${this.url}/v1`;
  }

  get authorizeUrl(): string {
    return `${this.serviceUri}/authorize`;
  }

  get tokenUrl(): string {
    return `${this.serviceUri}/access_token`;
  }

  /** What is true in the organization of the partner that manages this one. Its members throw RangeError without a partner. */
  get partner(): Truth {
    return new Truth(() => {
      const { partner } = this.#world.organizations;
      if (partner === undefined) throw new RangeError('The sandbox was started without a partner.');
      return partner;
    });
  }

  /** Lets requests fail; see Fault for the ways. */
  fail(rule: FaultRule): FaultHandle {
    return this.#faults.add(rule);
  }

  /** Ends every fault that was asked for. */
  clearFaults(): void {
    this.#faults.clear();
  }

  /** Adds an integration, or replaces the one of the same client id. */
  registerIntegration(integration: Integration): void {
    this.#integrations.set(integration.clientId, integration);
  }

  /** An access token without the detour over the authorize page; throws when there is no such person. */
  issueToken(request: TokenRequest = {}): string {
    return this.issueTokens(request).accessToken;
  }

  /** The same with its refresh token. */
  issueTokens(request: TokenRequest = {}): { accessToken: string; refreshToken: string } {
    const { person: email = this.adminEmail, scopes = ALL_SCOPES } = request;
    const person = email === null ? undefined : this.#world.organizations.personByEmail(email);
    if (email !== null && person === undefined) throw new RangeError(`There is no person ${email}.`);
    const { access, refresh } = this.#world.grants.open(
      request.clientId ?? defaultIntegration.clientId,
      scopes,
      person,
    );
    return { accessToken: access.text, refreshToken: refresh.text };
  }

  /** Revokes every grant: access and refresh tokens are refused from now on. */
  revokeGrants(): void {
    this.#world.grants.revokeAll();
  }

  /** Lets every access token expire now; refresh tokens live on. */
  expireAccessTokens(): void {
    this.#world.grants.expireAccessTokens();
  }

  /** Back to how it started: data, settings, integrations, clock; no tokens, faults or records. */
  reset(): void {
    Object.assign(this.settings, defaultSettings, this.#options.settings);
    this.clock.reset();
    Object.assign(this.#world, freshData(this.#options, this.clock, this.settings));
    this.#faults.clear();
    this.#rateLimit.clear();
    this.requests.clear();
    this.#registerIntegrations();
  }

  /** Begins to listen; startSandbox does this. */
  async listen(): Promise<void> {
    const endpoints = [
      ...authorizeEndpoints(this.#integrations),
      tokenEndpoint(this.#integrations),
      ...authorizationEndpoints(this.#integrations),
      ...peopleEndpoints,
      ...groupEndpoints,
      ...licenseEndpoints,
      ...roleEndpoints,
      ...organizationEndpoints,
      ...scimUserEndpoints,
      ...scimGroupEndpoints,
    ];
    const passage = {
      service: webexService(endpoints, this.#world, this.#rateLimit),
      faults: this.#faults,
      recorder: this.requests,
    };
    this.#listening = await listen(passage, this.#options.port ?? 0, this.#options.host ?? '127.0.0.1');
  }

  /** Ends every connection and frees the port. */
  async close(): Promise<void> {
    await this.#listening?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #registerIntegrations(): void {
    this.#integrations.clear();
    for (const integration of this.#options.integrations ?? [defaultIntegration]) {
      this.registerIntegration(integration);
    }
  }
}

function freshData(
  options: SandboxOptions,
  clock: Clock,
  settings: Settings,
): Pick<World, 'organizations' | 'tenant' | 'grants'> {
  const organizations = seedOrganizations(options, clock.now());
  const { tenant, admin } = organizations.own;
  const grants = new Grants(clock, settings, organizations);
  if (options.token !== undefined) grants.addPermanentToken(options.token, admin);
  return { organizations, tenant, grants };
}
