import type { WebexDatasource } from '../../datasources/webex/datasource.ts';
import type { Mapping } from '../../sync/mapping/mapping.ts';
import type { NameCatalogue } from '../../sync/mapping/resolve-names.ts';

/** What the names of a mapping are looked up in. Asks Webex only for the kinds of names that it has. */
export async function namesOf({ outline }: Mapping, webex: WebexDatasource): Promise<NameCatalogue> {
  const hasLicenses = outline.licenses.managed.length > 0;
  const hasRoles = outline.roles.managed.length + outline.policy.protect.roles.length > 0;
  const [licenses, roles] = await Promise.all([
    hasLicenses ? webex.licenses.all() : [],
    hasRoles ? webex.roles.all() : [],
  ]);
  return { licenses, roles };
}
