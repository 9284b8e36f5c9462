import { type Kysely, sql } from 'kysely';
import { NotFound } from '../errors/request.ts';
import { isConnectorId } from './connectors.ts';
import { isForeignKeyViolation } from './database-failures.ts';
import { placeOf } from './secrets/sealed-columns.ts';
import type { Sealer } from './secrets/secrets.ts';
import type { GrantRow, Tables } from './tables.ts';

/** What Webex granted to a connector. */
export interface GrantRecord {
  readonly connectorId: string;
  readonly accessToken: string;
  /** Null if Webex did not say: it is then good until it is refused. */
  readonly accessTokenExpiresAt: Date | null;
  readonly refreshToken: string | null;
  readonly refreshTokenExpiresAt: Date | null;
  readonly scopes: readonly string[];
  /** Empty until Webex has told; a grant is stored before its token is used to ask. */
  readonly organizationId: string;
  readonly personId: string | null;
  /** Names the client and the servers that the tokens are good for; they go to no others. */
  readonly grantedFor: string;
  readonly connectedAt: Date;
  readonly status: 'ACTIVE' | 'RECONNECT_REQUIRED';
  /** Grows with each change, by one or more, and also when a grant is deleted and made again. */
  readonly version: number;
}

/** Who connected, and to which organization. */
export type GrantOwner = Pick<GrantRecord, 'organizationId' | 'personId'>;

export type NewGrant = Omit<GrantRecord, 'version' | 'status'>;

/** New tokens for a grant. Scopes stay as they are when absent. */
export interface GrantTokens
  extends Pick<
    GrantRecord,
    'accessToken' | 'accessTokenExpiresAt' | 'refreshToken' | 'refreshTokenExpiresAt'
  > {
  readonly scopes?: readonly string[] | undefined;
}

/** The grants in the database. Tokens are sealed on the way in and opened on the way out. */
export interface GrantRepository {
  get(connectorId: string): Promise<GrantRecord | null>;
  /** Connects, or connects again: the grant is active whatever it was. Throws NotFound (the connector). */
  put(grant: NewGrant): Promise<GrantRecord>;
  /** Active again, whatever it was. Null when it no longer has `expectedVersion`, or is gone; nothing is changed then. */
  replaceTokens(
    connectorId: string,
    expectedVersion: number,
    tokens: GrantTokens,
  ): Promise<GrantRecord | null>;
  /** False when the grant no longer has `expectedVersion`, or is gone; nothing is changed then. */
  requireReconnect(connectorId: string, expectedVersion: number): Promise<boolean>;
  /** Notes whose grant it is. Null when the grant no longer has `expectedVersion`, or is gone. */
  identify(connectorId: string, expectedVersion: number, owner: GrantOwner): Promise<GrantRecord | null>;
  /**
   * Takes back a grant that was put: what was there before comes again, or nothing. Nothing changes if
   * another one was put since.
   */
  withdraw(grant: GrantRecord, before: GrantRecord | null): Promise<void>;
  /** @param except leaves a grant for this client and these servers. False when there was none to delete. */
  delete(connectorId: string, except?: string): Promise<boolean>;
}

const nextVersion = sql<number>`nextval('grant_versions')::integer`;

/** The grants in this database, their tokens sealed with this sealer. */
export function createGrantRepository(db: Kysely<Tables>, sealer: Sealer): GrantRepository {
  const toRecord = (row: GrantRow): GrantRecord => ({
    connectorId: row.connector_id,
    accessToken: sealer.open(row.access_token, accessColumn(row.connector_id)),
    accessTokenExpiresAt: row.access_token_expires_at,
    refreshToken:
      row.refresh_token === null ? null : sealer.open(row.refresh_token, refreshColumn(row.connector_id)),
    refreshTokenExpiresAt: row.refresh_token_expires_at,
    scopes: row.scopes,
    organizationId: row.organization_id,
    personId: row.person_id,
    grantedFor: row.granted_for,
    connectedAt: row.connected_at,
    status: row.status,
    version: row.version,
  });
  const toRecordOrNull = (row: GrantRow | undefined) => (row === undefined ? null : toRecord(row));
  const tokenColumns = (connectorId: string, tokens: Omit<GrantTokens, 'scopes'>) => ({
    access_token: sealer.seal(tokens.accessToken, accessColumn(connectorId)),
    access_token_expires_at: tokens.accessTokenExpiresAt,
    refresh_token:
      tokens.refreshToken === null ? null : sealer.seal(tokens.refreshToken, refreshColumn(connectorId)),
    refresh_token_expires_at: tokens.refreshTokenExpiresAt,
  });

  const columnsOf = (grant: NewGrant) => ({
    ...tokenColumns(grant.connectorId, grant),
    scopes: grant.scopes,
    organization_id: grant.organizationId,
    person_id: grant.personId,
    granted_for: grant.grantedFor,
    connected_at: grant.connectedAt,
  });

  return {
    async get(connectorId) {
      if (!isConnectorId(connectorId)) return null;
      const query = db.selectFrom('grants').selectAll().where('connector_id', '=', connectorId);
      return toRecordOrNull(await query.executeTakeFirst());
    },
    async put(grant) {
      if (!isConnectorId(grant.connectorId)) throw new NotFound('connector', grant.connectorId);
      const columns = { ...columnsOf(grant), status: 'ACTIVE' as const };
      const query = db
        .insertInto('grants')
        .values({ connector_id: grant.connectorId, ...columns })
        .onConflict((conflict) =>
          conflict.column('connector_id').doUpdateSet({ ...columns, version: nextVersion }),
        )
        .returningAll();
      try {
        return toRecord(await query.executeTakeFirstOrThrow());
      } catch (error) {
        if (isForeignKeyViolation(error)) throw new NotFound('connector', grant.connectorId);
        throw error;
      }
    },
    async replaceTokens(connectorId, expectedVersion, tokens) {
      if (!isConnectorId(connectorId)) return null;
      const row = await db
        .updateTable('grants')
        .set({
          ...tokenColumns(connectorId, tokens),
          ...(tokens.scopes === undefined ? {} : { scopes: tokens.scopes }),
          status: 'ACTIVE',
          version: nextVersion,
        })
        .where('connector_id', '=', connectorId)
        .where('version', '=', expectedVersion)
        .returningAll()
        .executeTakeFirst();
      return toRecordOrNull(row);
    },
    async requireReconnect(connectorId, expectedVersion) {
      if (!isConnectorId(connectorId)) return false;
      const result = await db
        .updateTable('grants')
        .set({ status: 'RECONNECT_REQUIRED', version: nextVersion })
        .where('connector_id', '=', connectorId)
        .where('version', '=', expectedVersion)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
    async identify(connectorId, expectedVersion, owner) {
      if (!isConnectorId(connectorId)) return null;
      const row = await db
        .updateTable('grants')
        .set({ organization_id: owner.organizationId, person_id: owner.personId, version: nextVersion })
        .where('connector_id', '=', connectorId)
        .where('version', '=', expectedVersion)
        .returningAll()
        .executeTakeFirst();
      return toRecordOrNull(row);
    },
    async withdraw(grant, before) {
      const isStill = { connector_id: grant.connectorId, version: grant.version };
      if (before === null) {
        await db
          .deleteFrom('grants')
          .where((is) => is.and(isStill))
          .execute();
        return;
      }
      const columns = { ...columnsOf(before), status: before.status, version: nextVersion };
      await db
        .updateTable('grants')
        .set(columns)
        .where((is) => is.and(isStill))
        .execute();
    },
    async delete(connectorId, except = '') {
      if (!isConnectorId(connectorId)) return false;
      const query = db
        .deleteFrom('grants')
        .where('connector_id', '=', connectorId)
        .where('granted_for', '<>', except);
      return (await query.executeTakeFirst()).numDeletedRows > 0n;
    },
  };
}

function accessColumn(connectorId: string): string {
  return placeOf('grants', connectorId, 'access_token');
}

function refreshColumn(connectorId: string): string {
  return placeOf('grants', connectorId, 'refresh_token');
}
