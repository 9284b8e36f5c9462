import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import type { Accounts } from './oauth/accounts.ts';
import type { JsonObject } from './objects/json.ts';
import type { Tenant } from './objects/tenant.ts';
import type { Recons } from './recons.ts';
import type { Settings } from './settings.ts';

/** What the routes of a simulated tenant work on. */
export interface World {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly tenant: Tenant;
  readonly accounts: Accounts;
  readonly recons: Recons;
  readonly random: Random;
  /** The tenant's own mappings, as `/openidm/config/sync` shows them. */
  readonly mappings: readonly JsonObject[];
  /** Which record of one side is which of the other, by the tenant's own mappings. */
  readonly links: readonly JsonObject[];
}
