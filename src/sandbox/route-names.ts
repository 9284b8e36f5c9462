/** The routes, as faults and the recorder name them: without `/v1`, parameters with a colon. */
export const ROUTES = [
  'GET /authorize',
  'POST /authorize',
  'POST /access_token',
  'GET /authorizations',
  'GET /authorizations/tokenExpiry',
  'DELETE /authorizations',
  'DELETE /authorizations/:id',
  'GET /people',
  'POST /people',
  'GET /people/me',
  'GET /people/:id',
  'PUT /people/:id',
  'DELETE /people/:id',
  'GET /groups',
  'POST /groups',
  'GET /groups/:id',
  'PATCH /groups/:id',
  'DELETE /groups/:id',
  'GET /groups/:id/members',
  'GET /licenses',
  'GET /licenses/:id',
  'PATCH /licenses/users',
  'GET /roles',
  'GET /roles/:id',
  'GET /organizations',
  'GET /organizations/:id',
  'GET /identity/scim/:orgId/v2/Users',
  'GET /identity/scim/:orgId/v2/Users/:id',
  'GET /identity/scim/v2/Users/me',
] as const;

export type Route = (typeof ROUTES)[number];

/** Those that answer with a page of records, and not with one record. */
export const LISTS: ReadonlySet<Route> = new Set<Route>([
  'GET /authorizations',
  'GET /people',
  'GET /groups',
  'GET /groups/:id/members',
  'GET /licenses',
  'GET /roles',
  'GET /organizations',
  'GET /identity/scim/:orgId/v2/Users',
]);
