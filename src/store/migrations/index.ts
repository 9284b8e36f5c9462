import type { Migration } from 'kysely/migration';
import * as connectors from './0001-connectors.ts';
import * as grants from './0002-grants.ts';
import * as authorizationRequests from './0003-authorization-requests.ts';
import * as storeMeta from './0004-store-meta.ts';
import * as connectorSurroundings from './0005-connector-surroundings.ts';
import * as throttles from './0006-throttles.ts';
import * as tellOfChanges from './0007-tell-of-changes.ts';
import * as auditEvents from './0008-audit-events.ts';
import * as idempotencyKeys from './0009-idempotency-keys.ts';
import * as apiKeys from './0010-api-keys.ts';
import * as clientSecretNumber from './0011-client-secret-number.ts';
import * as auditOfConfiguration from './0012-audit-of-configuration.ts';
import * as auditEventsOfAConnector from './0013-audit-events-of-a-connector.ts';
import * as unknownExpiry from './0014-unknown-expiry.ts';
import * as undecidedWrites from './0015-undecided-writes.ts';
import * as expectedOrganization from './0016-expected-organization.ts';
import * as unfinishedAuditEvents from './0017-unfinished-audit-events.ts';
import * as connectorKinds from './0019-connector-kinds.ts';
import * as synchronization from './0020-synchronization.ts';
import * as syncStaging from './0021-sync-staging.ts';

/** All migrations by name; they run in the order of their names, each once. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-connectors': connectors,
  '0002-grants': grants,
  '0003-authorization-requests': authorizationRequests,
  '0004-store-meta': storeMeta,
  '0005-connector-surroundings': connectorSurroundings,
  '0006-throttles': throttles,
  '0007-tell-of-changes': tellOfChanges,
  '0008-audit-events': auditEvents,
  '0009-idempotency-keys': idempotencyKeys,
  '0010-api-keys': apiKeys,
  '0011-client-secret-number': clientSecretNumber,
  '0012-audit-of-configuration': auditOfConfiguration,
  '0013-audit-events-of-a-connector': auditEventsOfAConnector,
  '0014-unknown-expiry': unknownExpiry,
  '0015-undecided-writes': undecidedWrites,
  '0016-expected-organization': expectedOrganization,
  '0017-unfinished-audit-events': unfinishedAuditEvents,
  '0019-connector-kinds': connectorKinds,
  '0020-synchronization': synchronization,
  '0021-sync-staging': syncStaging,
};
