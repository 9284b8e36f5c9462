import type { Clock } from '../clock.ts';
import type { Grants } from './oauth/grants.ts';
import type { Settings } from './settings.ts';
import type { Organizations } from './state/organizations.ts';
import type { Tenant } from './state/tenant.ts';

/** What routes work on. A reset puts fresh data in. */
export interface World {
  readonly settings: Settings;
  readonly clock: Clock;
  organizations: Organizations;
  /** The organization that the request is about. */
  tenant: Tenant;
  grants: Grants;
}
