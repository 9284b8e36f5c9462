import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { NotFound } from '../errors/request.ts';
import { isConnectorId } from './connectors.ts';
import { isForeignKeyViolation } from './database-failures.ts';
import { placeOf } from './secrets/sealed-columns.ts';
import type { Sealer } from './secrets/secrets.ts';
import type { AuthorizationOutcome, AuthorizationRequestRow, Tables } from './tables.ts';

export type { AuthorizationOutcome };

/** An authorization that is begun in a browser. */
export interface NewAuthorizationRequest {
  /** Random and secret; only its hash is stored. */
  readonly state: string;
  readonly connectorId: string;
  readonly codeVerifier: string;
  readonly redirectUri: string;
  /** Where the browser goes in the end. */
  readonly returnTo?: string | null | undefined;
  /** Webex’s id of the organization that has to be connected; null for none in particular. */
  readonly expectedOrganizationId?: string | null | undefined;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
}

/** An authorization whose browser came back. */
export interface TakenRequest {
  readonly connectorId: string;
  readonly codeVerifier: string;
  readonly redirectUri: string;
  readonly returnTo: string | null;
  readonly expectedOrganizationId: string | null;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** What a state was good for. `outcome` is null while the one who took it is still at work. */
export type TakeResult =
  | { readonly kind: 'taken'; readonly request: TakenRequest }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'expired'; readonly connectorId: string }
  | { readonly kind: 'used'; readonly connectorId: string; readonly outcome: AuthorizationOutcome | null };

/** The authorizations begun, each of which can be taken once. */
export interface AuthorizationRequestRepository {
  /** Also forgets those that expired more than a day ago, and the oldest of more than twenty that are open. Throws NotFound (the connector). */
  create(input: NewAuthorizationRequest): Promise<void>;
  /** Whose authorization it is; null for a state that is not known. */
  connectorOf(state: string): Promise<string | null>;
  /** Of any number of callers with the same state, on any number of processes, exactly one gets `taken`. */
  take(state: string, now: Date): Promise<TakeResult>;
  /** Remembers what came of a taken request; the first outcome stays. */
  finish(state: string, outcome: AuthorizationOutcome): Promise<void>;
}

/** Authorizations of one connector that are open at once. */
const MOST_OPEN = 20;

/** The authorizations in this database, their verifiers sealed with this sealer. */
export function createAuthorizationRequestRepository(
  db: Kysely<Tables>,
  sealer: Sealer,
): AuthorizationRequestRepository {
  const toRequest = (row: AuthorizationRequestRow): TakenRequest => ({
    connectorId: row.connector_id,
    codeVerifier: sealer.open(row.code_verifier, verifierColumn(row.state_hash)),
    redirectUri: row.redirect_uri,
    returnTo: row.return_to,
    expectedOrganizationId: row.expected_organization_id,
    scopes: row.scopes,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  });

  return {
    async create(input) {
      if (!isConnectorId(input.connectorId)) throw new NotFound('connector', input.connectorId);
      await db
        .deleteFrom('authorization_requests')
        .where('expires_at', '<', sql<Date>`now() - interval '1 day'`)
        .execute();
      // Nobody has so many open in browsers. The oldest end, as refusing the newest would lock people out.
      const others = db
        .selectFrom('authorization_requests')
        .select('state_hash')
        .where('connector_id', '=', input.connectorId)
        .where('used_at', 'is', null)
        .orderBy('created_at', 'desc')
        .offset(MOST_OPEN - 1);
      await db.deleteFrom('authorization_requests').where('state_hash', 'in', others).execute();
      const stateHash = hash(input.state);
      const insert = db.insertInto('authorization_requests').values({
        state_hash: stateHash,
        connector_id: input.connectorId,
        code_verifier: sealer.seal(input.codeVerifier, verifierColumn(stateHash)),
        redirect_uri: input.redirectUri,
        return_to: input.returnTo ?? null,
        expected_organization_id: input.expectedOrganizationId ?? null,
        scopes: input.scopes,
        expires_at: input.expiresAt,
      });
      try {
        await insert.execute();
      } catch (error) {
        if (isForeignKeyViolation(error)) throw new NotFound('connector', input.connectorId);
        throw error;
      }
    },
    async connectorOf(state) {
      const row = await db
        .selectFrom('authorization_requests')
        .select('connector_id')
        .where('state_hash', '=', hash(state))
        .executeTakeFirst();
      return row?.connector_id ?? null;
    },
    async take(state, now) {
      const stateHash = hash(state);
      const taken = await db
        .updateTable('authorization_requests')
        .set({ used_at: now })
        .where('state_hash', '=', stateHash)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .returningAll()
        .executeTakeFirst();
      if (taken !== undefined) return { kind: 'taken', request: toRequest(taken) };
      const row = await db
        .selectFrom('authorization_requests')
        .select(['connector_id', 'used_at', 'outcome'])
        .where('state_hash', '=', stateHash)
        .executeTakeFirst();
      if (row === undefined) return { kind: 'unknown' };
      if (row.used_at === null) return { kind: 'expired', connectorId: row.connector_id };
      return { kind: 'used', connectorId: row.connector_id, outcome: row.outcome };
    },
    async finish(state, outcome) {
      await db
        .updateTable('authorization_requests')
        .set({ outcome: JSON.stringify({ ok: outcome.ok, message: outcome.message }) })
        .where('state_hash', '=', hash(state))
        .where('used_at', 'is not', null)
        .where('outcome', 'is', null)
        .execute();
    },
  };
}

function hash(state: string): string {
  return createHash('sha256').update(state).digest('hex');
}

function verifierColumn(stateHash: string): string {
  return placeOf('authorization_requests', stateHash, 'code_verifier');
}
