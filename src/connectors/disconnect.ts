import type { Meter } from '../datasources/http/meter.ts';
import { REVOKING_SCOPE } from '../datasources/webex/oauth/authorizations.ts';
import type { ConnectorRecord } from '../store/connectors.ts';
import type { Store } from '../store/store.ts';
import { describeError } from '../telemetry/error-facts.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { LiveConnections } from './live-connections.ts';
import { reachOf } from './settings.ts';

/**
 * Forgets a connector's tokens, and revokes them in Webex if they have the scope for it. That Webex
 * could not be told is logged, and keeps nothing from being forgotten here. Safe to repeat.
 * @param meter takes what it costs upstream
 */
export async function disconnect(
  store: Store,
  live: LiveConnections,
  logger: Logger,
  connector: ConnectorRecord,
  meter: Meter,
): Promise<void> {
  const grant = await store.grants.get(connector.id);
  const mayRevoke =
    grant?.status === 'ACTIVE' &&
    grant.grantedFor === reachOf(connector) &&
    grant.scopes.includes(REVOKING_SCOPE);
  if (mayRevoke) {
    try {
      await live.revoke(connector, grant, meter);
    } catch (error) {
      logger.warn({ connector: connector.name, error: describeError(error) }, 'not revoked in Webex');
    }
  }
  await store.grants.delete(connector.id);
  live.unlink(connector.id);
}
