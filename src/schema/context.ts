import type { Connect } from '../connectors/connect.ts';
import type { ConnectorRecord, Connectors, GrantRecord } from '../connectors/connectors.ts';
import type { Doctor } from '../connectors/doctor/doctor.ts';
import type { LiveConnections } from '../connectors/live-connections.ts';
import type { Lane, Meter } from '../datasources/http/meter.ts';
import type { WebexDatasource } from '../datasources/webex/datasource.ts';
import type { Provisioning } from '../provisioning/provisioning.ts';
import type { Deadline } from './deadline.ts';

/** What resolvers can do; made once for the whole gateway. */
export interface Services {
  readonly connectors: Connectors;
  readonly connect: Connect;
  readonly live: LiveConnections;
  readonly doctor: Doctor;
  readonly provisioning: Provisioning;
}

/** For whom a GraphQL request is answered. */
export interface Caller {
  /** Who asks, as the audit trail names them. */
  readonly actor: string;
  readonly requestId: string;
  /** By which changes are recognised when they are asked for again. */
  readonly idempotencyKey: string | undefined;
  /** Is aborted when the client goes away, or when the time for the operation is over. */
  readonly signal: AbortSignal;
  /** What the request costs upstream is put down here. */
  readonly meter: Meter;
  readonly lane: Lane;
  /** What aborts the signal. */
  readonly deadline: Deadline;
}

/** What one GraphQL request works with; each connector is opened at most once. */
export interface Context extends Services {
  readonly caller: Caller;
  /** The connector with this id, looked up once. Rejects with NotFound. */
  readonly connector: (connectorId: string) => Promise<ConnectorRecord>;
  /** What Webex has granted to a connector; null while it is not connected. */
  readonly grant: (connector: ConnectorRecord) => Promise<GrantRecord | null>;
  /** The Webex organization behind a connector. Rejects with NotConnected or ReconnectRequired. */
  readonly webex: (connector: ConnectorRecord) => Promise<WebexDatasource>;
  /** Forgets what was known of a connector, after a mutation of this request has changed it. */
  readonly forget: (connectorId: string) => void;
}

/** The context of one GraphQL request. */
export function createContext(services: Services, caller: Caller): Context {
  const connectors = new Map<string, Promise<ConnectorRecord>>();
  const grants = new Map<string, Promise<GrantRecord | null>>();
  const opened = new Map<string, Promise<WebexDatasource>>();
  const grant = (connector: ConnectorRecord) =>
    remember(grants, connector.id, () => services.connectors.grant(connector));
  return {
    ...services,
    caller,
    connector: (connectorId) => remember(connectors, connectorId, () => services.connectors.get(connectorId)),
    grant,
    webex: (connector) =>
      remember(opened, connector.id, async () => {
        const granted = await grant(connector);
        const known =
          granted === null ? null : await services.connectors.identified(connector, granted, caller);
        return services.live.datasource(connector, known, caller);
      }),
    forget: (connectorId) => {
      connectors.delete(connectorId);
      grants.delete(connectorId);
      opened.delete(connectorId);
    },
  };
}

function remember<T>(known: Map<string, Promise<T>>, key: string, load: () => Promise<T>): Promise<T> {
  const value = known.get(key) ?? load();
  known.set(key, value);
  return value;
}
