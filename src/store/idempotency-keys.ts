import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { placeOf } from './secrets/sealed-columns.ts';
import type { Sealer } from './secrets/secrets.ts';
import type { Tables } from './tables.ts';

/** One change that a caller has given a key to. */
export interface KeyedChange {
  readonly caller: string;
  readonly key: string;
  /** Which part of the caller's request. */
  readonly place: string;
}

/** What a claim found. `auditEventId` names the event of the request that claimed it first. */
export type ClaimResult =
  | { readonly kind: 'new'; readonly auditEventId: string }
  | { readonly kind: 'other-request' }
  | { readonly kind: 'unfinished'; readonly auditEventId: string }
  | { readonly kind: 'answered'; readonly auditEventId: string; readonly answer: string };

/** The keys of the last 24 hours. A request that claims one holds a lock for it until it is finished or released. */
export interface IdempotencyKeyRepository {
  claim(
    change: KeyedChange & { readonly requestHash: string; readonly auditEventId: string },
  ): Promise<ClaimResult>;
  /** Keeps the answer for later requests with the same key. */
  finish(change: KeyedChange, answer: string): Promise<void>;
  /** Forgets a key of which nothing was done, so that it can be used again. */
  release(change: KeyedChange): Promise<void>;
  /** Deletes the keys that have expired. */
  forgetExpired(): Promise<void>;
}

/** The keys in this database, their answers sealed with this sealer: they hold what is known of people. */
export function createIdempotencyKeyRepository(db: Kysely<Tables>, sealer: Sealer): IdempotencyKeyRepository {
  const expiry = sql<Date>`now() + interval '24 hours'`;
  return {
    async claim({ requestHash, auditEventId: newEventId, ...change }) {
      const mine = {
        request_hash: requestHash,
        audit_event_id: newEventId,
        answer: null,
        expires_at: expiry,
      };
      const claimed = await db
        .insertInto('idempotency_keys')
        .values({ id: idOf(change), ...mine })
        .onConflict((conflict) =>
          conflict
            .column('id')
            .doUpdateSet(mine)
            .where('idempotency_keys.expires_at', '<=', sql<Date>`now()`),
        )
        .returning('audit_event_id')
        .executeTakeFirst();
      if (claimed !== undefined) return { kind: 'new', auditEventId: newEventId };
      const row = await db
        .selectFrom('idempotency_keys')
        .selectAll()
        .where('id', '=', idOf(change))
        .executeTakeFirstOrThrow();
      if (row.request_hash !== requestHash) return { kind: 'other-request' };
      const auditEventId = row.audit_event_id;
      if (row.answer === null) return { kind: 'unfinished', auditEventId };
      return { kind: 'answered', auditEventId, answer: sealer.open(row.answer, answerColumn(change)) };
    },
    async finish(change, answer) {
      await db
        .updateTable('idempotency_keys')
        .set({ answer: sealer.seal(answer, answerColumn(change)) })
        .where('id', '=', idOf(change))
        .execute();
    },
    async release(change) {
      await db
        .deleteFrom('idempotency_keys')
        .where('id', '=', idOf(change))
        .where('answer', 'is', null)
        .execute();
    },
    async forgetExpired() {
      await db.deleteFrom('idempotency_keys').where('expires_at', '<=', sql<Date>`now()`).execute();
    },
  };
}

/** One name for all three, as values are sealed to one. */
function idOf({ caller, key, place }: KeyedChange): string {
  return createHash('sha256')
    .update(JSON.stringify([caller, key, place]))
    .digest('hex');
}

function answerColumn(change: KeyedChange): string {
  return placeOf('idempotency_keys', idOf(change), 'answer');
}
