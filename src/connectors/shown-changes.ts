import { X509Certificate } from 'node:crypto';
import type { FieldChange, Json } from '../store/audit-events.ts';
import type { ConnectorRecord } from '../store/connectors.ts';
import type { GrantRecord } from '../store/grants.ts';
import { certificatesIn } from './pem.ts';

// What the audit trail tells of a connector: never a secret, a token, or the password of a proxy.

/**
 * The settings that differ; a client secret is told as `set`, a proxy by its origin, certificates by their
 * fingerprints.
 * @param before null if the connector is new
 * @param after null if the connector was deleted
 */
export function settingChanges(before: ConnectorRecord | null, after: ConnectorRecord | null): FieldChange[] {
  return differences(before, after, [
    ['name', ({ name }) => name],
    ['clientId', ({ clientId }) => clientId],
    ['clientSecret', ({ clientSecret }) => clientSecret, () => 'set'],
    ['serviceUri', ({ serviceUri }) => serviceUri],
    ['tokenEndpoint', ({ tokenEndpoint }) => tokenEndpoint],
    ['authorizationEndpoint', ({ authorizationEndpoint }) => authorizationEndpoint],
    ['scopes', ({ scopes }) => scopes],
    ['maximumConnections', ({ maximumConnections }) => maximumConnections],
    ['connectionTimeout', ({ connectionTimeout }) => connectionTimeout],
    ['proxyUrl', ({ proxyUrl }) => proxyUrl, (url) => new URL(String(url)).origin],
    ['caCertificates', ({ caCertificates }) => caCertificates, (pem) => fingerprintsOf(String(pem))],
    ['clientAuthentication', ({ clientAuthentication }) => clientAuthentication],
    ['organizationWebexId', ({ organizationId }) => organizationId],
    ['readOnly', ({ readOnly }) => readOnly],
  ]);
}

/**
 * To whom a connector is connected, and by whom, as far as that differs.
 * @param before null if it was not connected
 * @param after null if it was disconnected
 */
export function connectionChanges(before: GrantRecord | null, after: GrantRecord | null): FieldChange[] {
  return differences(before, after, [
    // Empty until Webex has told.
    ['connectedOrganizationWebexId', ({ organizationId }) => organizationId || null],
    ['connectedByWebexId', ({ personId }) => personId],
    ['connectedAt', ({ connectedAt }) => connectedAt.toISOString()],
    ['grantedScopes', ({ scopes }) => scopes],
  ]);
}

/** A field, its value to compare, and how that is told if not as it is. */
type Field<Record> = readonly [
  name: string,
  of: (record: Record) => Json,
  tell?: (value: NonNullable<Json>) => Json,
];

function differences<Record>(
  before: Record | null,
  after: Record | null,
  fields: readonly Field<Record>[],
): FieldChange[] {
  return fields.flatMap(([field, of, tell = (value) => value]) => {
    const [was, is] = [before, after].map((record) => (record === null ? null : of(record)));
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    const told = (value: Json | undefined) => (value == null ? null : tell(value));
    return [{ field, before: told(was), after: told(is) }];
  });
}

function fingerprintsOf(pem: string): string[] {
  const certificates = certificatesIn(pem);
  return certificates.map((each) => new X509Certificate(each).fingerprint256);
}
