import type { ApiKeys } from '../../access/api-keys.ts';
import type { Principal } from '../../access/principal.ts';
import type { Scope } from '../../access/scopes.ts';
import type { Connect } from '../../connectors/connect.ts';
import type { ConnectorRecord, Connectors, GrantRecord } from '../../connectors/connectors.ts';
import type { Doctor } from '../../connectors/doctor/doctor.ts';
import type { LiveConnections } from '../../connectors/live-connections.ts';
import type { OpenOrganization, Organizations } from '../../connectors/organizations.ts';
import { VisibleConnectors } from '../../connectors/visible-connectors.ts';
import type { Lane, Meter } from '../../datasources/http/meter.ts';
import type { WebexDatasource } from '../../datasources/webex/datasource.ts';
import { NotFound } from '../../errors/request.ts';
import type { Provisioning } from '../../provisioning/provisioning.ts';
import type { Sync } from '../../sync/sync.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Deadline } from '../execution/deadline.ts';
import type { Workload } from '../execution/workload.ts';

/** What resolvers can do; made once for the whole gateway. */
export interface Services {
  readonly connectors: Connectors;
  readonly connect: Connect;
  readonly organizations: Organizations;
  readonly live: LiveConnections;
  readonly doctor: Doctor;
  readonly provisioning: Provisioning;
  readonly apiKeys: ApiKeys;
  readonly sync: Sync;
  /** Where browsers reach the gateway, without a trailing slash. */
  readonly publicUrl: string;
  readonly logger: Logger;
}

/** For whom a GraphQL request is answered. */
export interface Caller {
  /** Who asks, and what they may do. */
  readonly principal: Principal;
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
  readonly workload: Workload;
  /** Only of a subscription: is aborted when it has to end. */
  readonly ending?: AbortSignal;
}

/** What one GraphQL request works with; each connector is opened at most once. */
export interface Context extends Omit<Services, 'connectors' | 'organizations'> {
  readonly caller: Caller;
  /** The connectors that are there for the caller, for what the field at hand takes. */
  readonly connectors: VisibleConnectors;
  /** The connector with this id, looked up once. Rejects with NotFound, Forbidden. */
  readonly connector: (connectorId: string) => Promise<ConnectorRecord>;
  /** The same, whatever the caller may do with it. Rejects with NotFound. */
  readonly seen: (connectorId: string) => Promise<ConnectorRecord>;
  /** What Webex has granted to a connector; null while it is not connected. */
  readonly grant: (connector: ConnectorRecord) => Promise<GrantRecord | null>;
  /** The Webex organization behind a connector, opened once. Rejects with NotFound, NotConnected or ReconnectRequired. */
  readonly organization: (connector: ConnectorRecord) => Promise<OpenOrganization>;
  /** The same, as far as this request has read it. */
  readonly webex: (connector: ConnectorRecord) => Promise<WebexDatasource>;
  /** The connector whose organization this is, as it was when this request opened it. Throws if it did not. */
  readonly connectorOf: (webex: { readonly connectorId: string }) => ConnectorRecord;
  /** Forgets what was known of a connector, after a mutation of this request has changed it. */
  readonly forget: (connectorId: string) => void;
  /** The same for a connector that this request has deleted: its organization is not found from then on. */
  readonly forgetDeleted: (connectorId: string) => void;
  /** The same, for what takes a scope of each connector. */
  readonly within: (scope: Scope) => Context;
}

/** The context of one GraphQL request. */
export function createContext(services: Services, caller: Caller): Context {
  const connectors = new Map<string, Promise<ConnectorRecord>>();
  const grants = new Map<string, Promise<GrantRecord | null>>();
  const opened = new Map<string, Promise<OpenOrganization>>();
  const deleted = new Set<string>();
  const grant = (connector: ConnectorRecord) =>
    remember(grants, connector.id, () => services.connectors.grant(connector));
  const owners = new Map<string, ConnectorRecord>();
  const { organizations, ...others } = services;
  const organization = (connector: ConnectorRecord) => {
    owners.set(connector.id, connector);
    return remember(opened, connector.id, async () => {
      if (deleted.has(connector.id)) throw new NotFound('connector', connector.name);
      return organizations.openWith(connector, await grant(connector), caller);
    });
  };
  const forget = (connectorId: string) => {
    connectors.delete(connectorId);
    grants.delete(connectorId);
    opened.delete(connectorId);
  };
  const shared = {
    ...others,
    caller,
    grant,
    organization,
    webex: async (connector: ConnectorRecord) => (await organization(connector)).webex,
    connectorOf: ({ connectorId }: { readonly connectorId: string }) => {
      const owner = owners.get(connectorId);
      if (owner === undefined) throw new Error('An object is shown of an organization that was not opened.');
      return owner;
    },
    forget,
    forgetDeleted: (connectorId: string) => {
      forget(connectorId);
      deleted.add(connectorId);
    },
  };
  const within = (scope: Scope | undefined): Context => {
    const visible = new VisibleConnectors(services.connectors, caller.principal, scope);
    const seen = async (id: string) => {
      const connector = await remember(connectors, id, () => services.connectors.get(id));
      caller.principal.assertMay(undefined, connector);
      return connector;
    };
    return {
      ...shared,
      within,
      connectors: visible,
      seen,
      connector: async (id) => visible.allowed(await seen(id)),
    };
  };
  return within(undefined);
}

function remember<T>(known: Map<string, Promise<T>>, key: string, load: () => Promise<T>): Promise<T> {
  const value = known.get(key) ?? load();
  known.set(key, value);
  return value;
}
