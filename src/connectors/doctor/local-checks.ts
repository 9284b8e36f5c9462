import type { PoolStatus } from '../../datasources/http/pool.ts';
import type { ConnectorRecord } from '../../store/connectors.ts';
import { type Finding, failed, passed, skipped, warning } from './check.ts';

// What can be told without asking anybody.

/** Whether everything was entered that connecting takes. */
export function examineSettings({ clientSecret, readOnly, organizationId }: ConnectorRecord): Finding {
  if (clientSecret === null) {
    return failed(
      'There is no client secret: it was not entered yet, or was forgotten with a change of the token endpoint. Copy it from the integration at developer.webex.com and set it with updateConnector.',
    );
  }
  const facts = [
    'Client id and client secret are entered.',
    ...(readOnly ? ['The connector is read-only, so every change in Webex is refused.'] : []),
    ...(organizationId === null
      ? []
      : ['It works in another organization than its account’s, as a partner’s.']),
  ];
  return passed(facts.join(' '));
}

/** Whether the connections to Webex are enough, in this process and before the test's own requests. */
export function examinePool(pool: PoolStatus): Finding {
  const { running, queued, maximumConnections, throttledUntil, leftAloneUntil } = pool;
  if (throttledUntil !== undefined) {
    return warning(
      `Webex has asked for a pause until ${throttledUntil.toISOString()}, because it was asked too often. Requests wait for that or are refused; ask for less at once, or lower maximumConnections.`,
    );
  }
  if (leftAloneUntil !== undefined) {
    return warning(
      `A server of this connector did not answer several times in a row and is left alone until ${leftAloneUntil.toISOString()}; requests to it fail at once. Test again after that.`,
    );
  }
  const use = `${running} of ${maximumConnections} connections are in use and ${queued} requests wait`;
  if (queued > 0 || running >= maximumConnections) {
    return warning(
      `${use}, in this process. Answers take longer than they need to. If that is often so, raise maximumConnections with updateConnector.`,
    );
  }
  return passed(`${use}, in this process.`);
}

/** Webex's API does not expose it, so it is not checked. */
export function examineDirectorySync(): Finding {
  return skipped(
    'Webex does not expose whether Cisco Directory Connector synchronizes the organization, so this is not checked. If it does, Webex refuses to create and delete users, and values from the directory can only be changed there. Control Hub cannot delete users then either.',
  );
}
