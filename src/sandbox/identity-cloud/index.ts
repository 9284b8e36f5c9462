import { randomUUID } from 'node:crypto';
import { Clock } from '../clock.ts';
import { type FaultHandle, Faults, type FaultRule as RuleOf } from '../faults.ts';
import { RateLimit } from '../http/rate-limit.ts';
import { Random } from '../random.ts';
import { Recorder } from '../recorder.ts';
import { type Listening, listen } from '../server.ts';
import { identityCloudService } from './http/service.ts';
import { Accounts, newServiceAccount, type RealmClient, type ServiceAccount } from './oauth/accounts.ts';
import { tokenEndpoints } from './oauth/token.ts';
import type { JsonObject } from './objects/json.ts';
import { Tenant } from './objects/tenant.ts';
import { Recons } from './recons.ts';
import type { Route } from './route-names.ts';
import { aboutEndpoints } from './routes/about.ts';
import { managedEndpoints } from './routes/managed.ts';
import { reconEndpoints } from './routes/recons.ts';
import { relationshipEndpoints } from './routes/relationships.ts';
import { type Differences, type Identity, NO_DIFFERENCES, seedIdentities } from './seed/identities.ts';
import { webexMappings } from './seed/mappings.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { Truth } from './truth.ts';
import type { World } from './world.ts';

export type { ServiceAccount } from './oauth/accounts.ts';
export { ROUTES, type Route } from './route-names.ts';
export type { Differences, Identity } from './seed/identities.ts';
export { defaultSettings, type Settings } from './settings.ts';
export type { Truth } from './truth.ts';

/** Which requests fail, and how. */
export type FaultRule = RuleOf<Route>;

/** How a tenant starts; all may be left out. */
export interface IdentityCloudOptions {
  /** The port; default: any free one. */
  readonly port?: number;
  /** The address to listen at. Default: 127.0.0.1. */
  readonly host?: string;
  /** The people of the realm alpha. Default: nobody. */
  readonly identities?: readonly Identity[];
  /** How they differ from `identities`. Default: not at all. */
  readonly differences?: Partial<Differences>;
  /** The number that all data derive from. Default: 1. */
  readonly seed?: number;
  readonly settings?: Partial<Settings>;
}

const SCOPES = ['fr:idm:*', 'fr:am:*', 'fr:idc:esv:*'];

/**
 * Starts a simulated tenant of Identity Cloud.
 * Rejects when the port is taken.
 */
export async function startIdentityCloud(options: IdentityCloudOptions = {}): Promise<IdentityCloud> {
  const account = await newServiceAccount('gateway', SCOPES);
  const tenant = new IdentityCloud(options, account);
  await tenant.listen();
  return tenant;
}

/** A running simulated tenant: its address, its service account, what is true in it, what it saw, and its levers. */
export class IdentityCloud extends Truth {
  readonly settings: Settings;
  readonly clock: Clock;
  /** What came in: counts, concurrency, sockets. */
  readonly requests = new Recorder();
  /** A service account with the private key that its owner has. */
  readonly serviceAccount: ServiceAccount;
  /** A client of the realm alpha, for client credentials. */
  readonly client: RealmClient;
  readonly #options: IdentityCloudOptions;
  readonly #world: World;
  readonly #faults = new Faults();
  readonly #rateLimit = new RateLimit();
  #listening: Listening | undefined;

  constructor(options: IdentityCloudOptions, account: ServiceAccount) {
    const settings = { ...defaultSettings, ...options.settings };
    const clock = new Clock();
    const random = new Random(options.seed ?? 1);
    const tenant = new Tenant(settings, clock);
    const differences = { ...NO_DIFFERENCES, ...options.differences };
    seedIdentities(tenant, random, options.identities ?? [], differences);
    super(tenant);
    this.settings = settings;
    this.clock = clock;
    this.serviceAccount = account;
    this.client = {
      ...{ id: 'gateway-client', name: 'gateway-client', kind: 'client', realm: 'alpha' },
      secret: randomUUID(),
      scopes: ['fr:idm:*'],
    };
    this.#options = options;
    const links: JsonObject[] = [];
    const accounts = new Accounts(clock, settings);
    this.#world = {
      ...{ settings, clock, tenant, random, links, accounts },
      recons: new Recons(clock),
      mappings: webexMappings(),
    };
    accounts.serviceAccounts.set(account.id, account);
    accounts.clients.set(this.client.id, this.client);
  }

  /** `http://127.0.0.1:<port>`. */
  get url(): string {
    if (this.#listening === undefined) throw new Error('The sandbox does not listen.');
    return `http://${this.#options.host ?? '127.0.0.1'}:${this.#listening.port}`;
  }

  get tokenUrl(): string {
    return `${this.url}/am/oauth2/access_token`;
  }

  /** Lets requests fail; see Fault for the ways. */
  fail(rule: FaultRule): FaultHandle {
    return this.#faults.add(rule);
  }

  /** Ends every fault that was asked for. */
  clearFaults(): void {
    this.#faults.clear();
  }

  /** An access token of the service account without an assertion. */
  issueToken(scopes: readonly string[] = SCOPES): string {
    return this.#world.accounts.issue(this.serviceAccount, scopes);
  }

  /** Revokes every access token. */
  revokeTokens(): void {
    this.#world.accounts.revokeAll();
  }

  /** Begins to listen; startIdentityCloud does this. */
  async listen(): Promise<void> {
    const endpoints = [
      ...tokenEndpoints,
      ...aboutEndpoints,
      ...managedEndpoints,
      ...relationshipEndpoints,
      ...reconEndpoints,
    ];
    const entrance = { world: this.#world, rateLimit: this.#rateLimit, random: this.#world.random };
    const passage = {
      service: identityCloudService(endpoints, entrance),
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
}
