import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { NameTaken } from '../errors/request.ts';
import { isUniqueViolation } from './database-failures.ts';
import { placeOf } from './secrets/sealed-columns.ts';
import type { Sealer } from './secrets/secrets.ts';
import type { ClientAuthentication, ConnectorKind, ConnectorRow, Tables } from './tables.ts';

export type { ClientAuthentication, ConnectorKind };

/** The settings of one connector. */
export interface ConnectorRecord {
  readonly id: string;
  /** Which system it is for. Never changes. */
  readonly kind: ConnectorKind;
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  /** Grows with each other client secret. */
  readonly clientSecretNumber: number;
  readonly serviceUri: string;
  readonly tokenEndpoint: string;
  readonly authorizationEndpoint: string;
  readonly scopes: readonly string[];
  readonly maximumConnections: number;
  /** Seconds. */
  readonly connectionTimeout: number;
  /** May hold a password. */
  readonly proxyUrl: string | null;
  /** PEM; trusted beside the usual authorities. */
  readonly caCertificates: string | null;
  readonly clientAuthentication: ClientAuthentication;
  /** The organization that a partner's account works in; null: its own. */
  readonly organizationId: string | null;
  /** Whether every write is refused. */
  readonly readOnly: boolean;
  /** Whether the configuration file says how it is, and nobody else. */
  readonly declared: boolean;
  /** Grows with each change. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What can be set; the rest of a record is the store's. */
export type ConnectorSettings = Omit<ConnectorRecord, 'id' | 'kind' | 'version' | 'createdAt' | 'updatedAt'>;

/** What a connector can do without, and then has not. */
type Surroundings =
  | 'clientSecretNumber'
  | 'proxyUrl'
  | 'caCertificates'
  | 'clientAuthentication'
  | 'organizationId'
  | 'readOnly'
  | 'declared';

export type NewConnector = Omit<ConnectorSettings, Surroundings> &
  Partial<Pick<ConnectorSettings, Surroundings>> & {
    /** Default: WEBEX. */
    readonly kind?: ConnectorKind;
  };

/** The connectors in the database. Secrets are sealed on the way in and opened on the way out. */
export interface ConnectorRepository {
  /** Throws NameTaken. */
  create(input: NewConnector): Promise<ConnectorRecord>;
  /**
   * Changes what is given, if the record still has `expectedVersion`; null when it moved on or is gone.
   * Throws NameTaken.
   */
  update(
    id: string,
    expectedVersion: number,
    changes: Partial<ConnectorSettings>,
  ): Promise<ConnectorRecord | null>;
  /** Deletes the connector with its grant and begun authorizations; false when there was none. */
  delete(id: string): Promise<boolean>;
  get(id: string): Promise<ConnectorRecord | null>;
  getByName(name: string): Promise<ConnectorRecord | null>;
  /** In the order of the ids, null for each that does not exist. */
  getMany(ids: readonly string[]): Promise<(ConnectorRecord | null)[]>;
  /** By name, in the order of code points. */
  list(): Promise<ConnectorRecord[]>;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * Whether a text can be the id of a connector at all; PostgreSQL refuses a comparison with any other. Ids have one
 * spelling: one in capitals is as unknown as any other, so that nobody learns from it what there is.
 */
export function isConnectorId(text: string): boolean {
  return UUID.test(text);
}

/** The connectors in this database, their secrets sealed with this sealer. */
export function createConnectorRepository(db: Kysely<Tables>, sealer: Sealer): ConnectorRepository {
  const toRecord = (row: ConnectorRow): ConnectorRecord => ({
    id: row.id,
    kind: row.kind,
    name: row.name,
    clientId: row.client_id,
    clientSecret: row.client_secret === null ? null : sealer.open(row.client_secret, secretColumn(row.id)),
    clientSecretNumber: row.client_secret_number,
    serviceUri: row.service_uri,
    tokenEndpoint: row.token_endpoint,
    authorizationEndpoint: row.authorization_endpoint,
    scopes: row.scopes,
    maximumConnections: row.maximum_connections,
    connectionTimeout: row.connection_timeout,
    proxyUrl: row.proxy_url === null ? null : sealer.open(row.proxy_url, proxyColumn(row.id)),
    caCertificates: row.ca_certificates,
    clientAuthentication: row.client_authentication,
    organizationId: row.organization_id,
    readOnly: row.read_only,
    declared: row.declared,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  });
  const toRecordOrNull = (row: ConnectorRow | undefined) => (row === undefined ? null : toRecord(row));
  const sealSecret = (id: string, secret: string | null) =>
    secret === null ? null : sealer.seal(secret, secretColumn(id));
  const sealProxy = (id: string, url: string | null) =>
    url === null ? null : sealer.seal(url, proxyColumn(id));
  const getMany = async (ids: readonly string[]) => {
    const possible = ids.filter(isConnectorId);
    if (possible.length === 0) return ids.map(() => null);
    const rows = await db.selectFrom('connectors').selectAll().where('id', 'in', possible).execute();
    const records = new Map(rows.map((row) => [row.id, toRecord(row)]));
    return ids.map((id) => records.get(id) ?? null);
  };

  return {
    getMany,
    async create(input) {
      const id = randomUUID();
      const row = await refusingTakenName(input.name, () =>
        db
          .insertInto('connectors')
          .values({
            id,
            kind: input.kind ?? 'WEBEX',
            name: input.name,
            client_id: input.clientId,
            client_secret: sealSecret(id, input.clientSecret),
            client_secret_number: input.clientSecretNumber,
            service_uri: input.serviceUri,
            token_endpoint: input.tokenEndpoint,
            authorization_endpoint: input.authorizationEndpoint,
            scopes: input.scopes,
            maximum_connections: input.maximumConnections,
            connection_timeout: input.connectionTimeout,
            proxy_url: sealProxy(id, input.proxyUrl ?? null),
            ca_certificates: input.caCertificates ?? null,
            client_authentication: input.clientAuthentication ?? 'CLIENT_SECRET_POST',
            organization_id: input.organizationId ?? null,
            read_only: input.readOnly ?? false,
            declared: input.declared ?? false,
          })
          .returningAll()
          .executeTakeFirstOrThrow(),
      );
      return toRecord(row);
    },
    async update(id, expectedVersion, changes) {
      if (!isConnectorId(id)) return null;
      const { clientSecret: secret, proxyUrl: proxy } = changes;
      const row = await refusingTakenName(changes.name ?? '', () =>
        db
          .updateTable('connectors')
          .set({
            // Kysely leaves out what is undefined.
            name: changes.name,
            client_id: changes.clientId,
            client_secret: secret === undefined ? undefined : sealSecret(id, secret),
            client_secret_number: changes.clientSecretNumber,
            service_uri: changes.serviceUri,
            token_endpoint: changes.tokenEndpoint,
            authorization_endpoint: changes.authorizationEndpoint,
            scopes: changes.scopes,
            maximum_connections: changes.maximumConnections,
            connection_timeout: changes.connectionTimeout,
            proxy_url: proxy === undefined ? undefined : sealProxy(id, proxy),
            ca_certificates: changes.caCertificates,
            client_authentication: changes.clientAuthentication,
            organization_id: changes.organizationId,
            read_only: changes.readOnly,
            declared: changes.declared,
            version: sql`version + 1`,
            updated_at: sql`now()`,
          })
          .where('id', '=', id)
          .where('version', '=', expectedVersion)
          .returningAll()
          .executeTakeFirst(),
      );
      return toRecordOrNull(row);
    },
    async delete(id) {
      if (!isConnectorId(id)) return false;
      const result = await db.deleteFrom('connectors').where('id', '=', id).executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
    async get(id) {
      const [record] = await getMany([id]);
      return record ?? null;
    },
    async getByName(name) {
      // PostgreSQL has no text with a NUL in it, and says so with an error.
      if (name.includes('\0')) return null;
      const query = db.selectFrom('connectors').selectAll().where('name', '=', name);
      return toRecordOrNull(await query.executeTakeFirst());
    },
    async list() {
      const rows = await db.selectFrom('connectors').selectAll().orderBy('name').execute();
      return rows.map(toRecord);
    },
  };
}

function secretColumn(id: string): string {
  return placeOf('connectors', id, 'client_secret');
}

function proxyColumn(id: string): string {
  return placeOf('connectors', id, 'proxy_url');
}

async function refusingTakenName<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isUniqueViolation(error)) throw new NameTaken('connector', name);
    throw error;
  }
}
