import type { Clock } from './clock.ts';
import type { Grants } from './oauth/grants.ts';
import type { Settings } from './settings.ts';
import type { PersonRecord } from './state/records.ts';
import type { Tenant } from './state/tenant.ts';

/** What routes work on. A reset puts fresh data in. */
export interface World {
  readonly settings: Settings;
  readonly clock: Clock;
  tenant: Tenant;
  admin: PersonRecord;
  grants: Grants;
}
