/** The routes of Identity Cloud, as faults and the recorder name them. */
export const ROUTES = [
  'POST /am/oauth2/access_token',
  'POST /am/oauth2/realms/root/realms/:realm/access_token',
  'GET /am/json/serverinfo/*',
  'GET /am/json/serverinfo/version',
  'GET /environment/scopes/service-accounts',
  'GET /openidm/info/login',
  'GET /openidm/info/ping',
  'GET /openidm/managed/:type',
  'POST /openidm/managed/:type',
  'GET /openidm/managed/:type/:id',
  'PUT /openidm/managed/:type/:id',
  'PATCH /openidm/managed/:type/:id',
  'DELETE /openidm/managed/:type/:id',
  'GET /openidm/managed/:type/:id/:property',
  'POST /openidm/managed/:type/:id/:property',
  'DELETE /openidm/managed/:type/:id/:property/:edge',
  'GET /openidm/schema/managed/:type',
  'GET /openidm/config/managed',
  'GET /openidm/config/sync',
  'GET /openidm/sync/mappings',
  'GET /openidm/feature/groups',
  'GET /openidm/repo/link',
  'GET /openidm/recon',
  'POST /openidm/recon',
  'GET /openidm/recon/:id',
] as const;

export type Route = (typeof ROUTES)[number];

/** Those that answer with a page of records. */
export const LISTS: ReadonlySet<string> = new Set<Route>([
  'GET /openidm/managed/:type',
  'GET /openidm/managed/:type/:id/:property',
  'GET /openidm/sync/mappings',
  'GET /openidm/repo/link',
]);
