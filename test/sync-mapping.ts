import type { License, Role } from '../src/datasources/webex/records.ts';
import { RecordMapper } from '../src/sync/mapping/map-record.ts';
import type { Mapping, ResolvedMapping } from '../src/sync/mapping/mapping.ts';
import { readMapping } from '../src/sync/mapping/read-mapping.ts';
import { resolveNames } from '../src/sync/mapping/resolve-names.ts';
import type { JsonObject, MappedRecord } from '../src/sync/words.ts';

/** Mappings for tests. */

export const STAFF = `version: 1
name: staff
source: { kind: FILE, key: employeeId }
user:
  emails: { from: mail, lower: true }
  displayName: { template: "{givenName} {sn}" }
`;

/** A mapping that is expected to have no problems. */
export function mappingOf(text: string): Mapping {
  const read = readMapping(text);
  if ('mapping' in read) return read.mapping;
  throw new Error(JSON.stringify(read.problems));
}

export function licenseOf(id: string, name: string, siteUrl?: string): License {
  const units = { totalUnits: 10, consumedUnits: 0 };
  return { id, name, siteUrl, ...units, subscriptionId: 'Sub1', siteType: undefined };
}

/** A mapping whose names are all found among these licenses and roles. */
export function resolvedMapping(
  text: string,
  catalogue: { readonly licenses?: readonly License[]; readonly roles?: readonly Role[] } = {},
): ResolvedMapping {
  const { mapping, problems } = resolveNames(mappingOf(text), { licenses: [], roles: [], ...catalogue });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return mapping;
}

/** What a mapping makes of one record, at `line 2`. */
export function mapOne(mapping: ResolvedMapping, value: JsonObject): MappedRecord {
  return new RecordMapper(mapping).map({ at: 'line 2', is: 'VALUE', value });
}
