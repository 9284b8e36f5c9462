/** The resources that are asked for, by the end of their path; the first that fits counts. */
const ROUTES: readonly (readonly [end: RegExp, route: string])[] = [
  [/\/identity\/scim\/[^/]+\/v2\/Users$/, '/identity/scim/:orgId/v2/Users'],
  [/\/people\/me$/, '/people/me'],
  [/\/groups\/[^/]+\/members$/, '/groups/:id/members'],
  [/\/licenses\/users$/, '/licenses/users'],
  [/\/people\/[^/]+$/, '/people/:id'],
  [/\/groups\/[^/]+$/, '/groups/:id'],
  [/\/licenses\/[^/]+$/, '/licenses/:id'],
  [/\/organizations\/[^/]+$/, '/organizations/:id'],
  [/\/people$/, '/people'],
  [/\/groups$/, '/groups'],
  [/\/licenses$/, '/licenses'],
  [/\/roles$/, '/roles'],
  [/\/authorizations$/, '/authorizations'],
];

/** The kind of resource under a path, without ids, as `/people/:id`; undefined for a path that Webex does not have. */
export function routeOf(path: string): string | undefined {
  return ROUTES.find(([end]) => end.test(path))?.[1];
}
