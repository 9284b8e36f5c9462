import { randomUUID } from 'node:crypto';
import { type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely';
import {
  type AuditCompletion,
  type AuditEvent,
  indexable,
  type NewAuditEvent,
  storable,
  toEvent,
  toJson,
  toRow,
} from './audit-event-rows.ts';
import { batchWrites } from './batched-writes.ts';
import type { AuditOutcome, FieldChange, Json, Tables, TargetType } from './tables.ts';

export type { AuditCompletion, AuditEvent, NewAuditEvent } from './audit-event-rows.ts';
export type { AuditOutcome, FieldChange, Json, TargetType };

/** Which events; all that are undefined leave every event in. */
export interface AuditFilter {
  readonly connectorId?: string | undefined;
  /** Of these connectors only. */
  readonly connectorIds?: readonly string[] | undefined;
  /** Its id, or the address or name. */
  readonly target?: string | undefined;
  readonly actor?: string | undefined;
  readonly operation?: string | undefined;
  readonly outcomes?: readonly AuditOutcome[] | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly from?: Date | undefined;
  /** Not included. */
  readonly to?: Date | undefined;
}

/** The audit trail: what was asked for, before it was sent, and what became of it. */
export interface AuditEventRepository {
  /** Resolves once the event is safe; one that is there already stays as it is. Throws StoreUnavailable. */
  begin(event: NewAuditEvent): Promise<void>;
  /** An event with a certain outcome stays as it is. Throws StoreUnavailable. */
  complete(completion: AuditCompletion): Promise<void>;
  /** The event, and how long ago it began in milliseconds, by the database's clock; null if there is no such event. */
  get(id: string): Promise<(AuditEvent & { readonly ageMs: number }) | null>;
  /** What was acknowledged of a user or group since a moment, and what of it was undone, in order. */
  acknowledgedSince(
    target: { readonly type: TargetType; readonly id: string },
    since: Date,
  ): Promise<readonly AuditEvent[]>;
  /**
   * The newest events first.
   * @param before the `seq` of an event to go on behind
   */
  list(filter: AuditFilter, first: number, before?: string): Promise<readonly AuditEvent[]>;
  /** All events, the oldest first. */
  export(filter: AuditFilter): AsyncIterable<AuditEvent>;
  /**
   * Events without an outcome that began at least so many milliseconds ago, in order, some at a time.
   * @param after the `seq` of an event to go on behind
   */
  pending(ageMs: number, after?: string): Promise<readonly (AuditEvent & { readonly ageMs: number })[]>;
  /** Writes an event and deletes it, to see whether that can be done. Throws StoreUnavailable. */
  probe(): Promise<void>;
  /** Deletes what is older than so many days, some at a time; resolves with how many events that were. */
  forgetOlderThan(days: number): Promise<number>;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

const EXPORT_BATCH = 1_000;
const FORGET_BATCH = 200;
const PENDING_BATCH = 100;

const AGE_MS = sql<number>`(extract(epoch from now() - at) * 1000)::double precision`;

/** The event that is written only to see whether that can be done. */
const PROBE: Omit<NewAuditEvent, 'id'> = {
  actor: 'gateway',
  operation: 'probe',
  requestId: 'probe',
  dryRun: true,
  connectorId: null,
  connectorName: null,
  targetType: 'Connector',
  targetId: null,
  targetName: null,
  changes: [],
  idempotencyKey: null,
  settled: { outcome: 'DRY_RUN', errorCode: null },
};

/**
 * The audit trail in this database.
 * @param gatherMs how long writes that come after others wait for company, in milliseconds
 */
export function createAuditEventRepository(db: Kysely<Tables>, gatherMs: number): AuditEventRepository {
  const select = (filter: AuditFilter) =>
    db
      .selectFrom('audit_events')
      .selectAll()
      .where((expression) => matches(expression, filter));
  return {
    begin: batchWrites(gatherMs, async (events) => {
      await db
        .insertInto('audit_events')
        .values(events.map(toRow))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    }),
    complete: batchWrites(gatherMs, async (completions) => {
      for (const round of eachEventOnce(completions)) await storeOutcomes(db, round);
    }),
    async get(id) {
      if (!UUID.test(id)) return null;
      const row = await db
        .selectFrom('audit_events')
        .selectAll()
        .select(AGE_MS.as('age_ms'))
        .where('id', '=', id)
        .executeTakeFirst();
      return row === undefined ? null : { ...toEvent(row), ageMs: row.age_ms };
    },
    async acknowledgedSince({ type, id }, since) {
      const rows = await select({ target: id, outcomes: ['APPLIED', 'UNDONE'] })
        .where('target_type', '=', type)
        .where('completed_at', '>=', since)
        .orderBy('seq')
        .execute();
      return rows.map(toEvent);
    },
    async list(filter, first, before) {
      const query = select(filter).orderBy('seq', 'desc').limit(first);
      const rows = await (before === undefined ? query : query.where('seq', '<', before)).execute();
      return rows.map(toEvent);
    },
    async *export(filter) {
      let after = '0';
      for (;;) {
        const rows = await select(filter)
          .where('seq', '>', after)
          .orderBy('seq')
          .limit(EXPORT_BATCH)
          .execute();
        yield* rows.map(toEvent);
        const last = rows.at(-1);
        if (last === undefined || rows.length < EXPORT_BATCH) return;
        after = last.seq;
      }
    },
    async pending(ageMs, after = '0') {
      const rows = await db
        .selectFrom('audit_events')
        .selectAll()
        .select(AGE_MS.as('age_ms'))
        .where('outcome', '=', sql.lit('PENDING'))
        .where('at', '<=', sql<Date>`now() - ${ageMs}::double precision * interval '1 millisecond'`)
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(PENDING_BATCH)
        .execute();
      return rows.map((row) => ({ ...toEvent(row), ageMs: row.age_ms }));
    },
    async probe() {
      const row = toRow({ ...PROBE, id: randomUUID() });
      // Nobody sees it, and its commit has to reach the disk.
      await db.transaction().execute(async (trx) => {
        await trx.insertInto('audit_events').values(row).execute();
        await trx.deleteFrom('audit_events').where('id', '=', row.id).execute();
      });
    },
    async forgetOlderThan(days) {
      const end = sql<Date>`now() - ${days}::double precision * interval '1 day'`;
      for (let forgotten = 0; ; ) {
        // In between others have their turn: an embedded database does one thing at a time.
        const { numDeletedRows } = await db
          .deleteFrom('audit_events')
          .where('id', 'in', (old) =>
            old
              .selectFrom('audit_events')
              .select('id')
              .where('at', '<', end)
              // A run that has not ended finds out from its events what was sent.
              .where(
                sql<boolean>`not exists (select from sync_runs where ended_at is null
                  and audit_events.request_id like 'sync:' || sync_runs.id || '#%')`,
              )
              .orderBy('at')
              .limit(FORGET_BATCH),
          )
          .executeTakeFirst();
        forgotten += Number(numDeletedRows);
        if (numDeletedRows < FORGET_BATCH) return forgotten;
      }
    },
  };
}

/** Completions in order, no two of one event together: one statement would store either of them. */
function eachEventOnce(completions: readonly AuditCompletion[]): readonly (readonly AuditCompletion[])[] {
  const rounds: AuditCompletion[][] = [];
  const seen = new Map<string, number>();
  for (const completion of completions) {
    const round = seen.get(completion.id) ?? 0;
    seen.set(completion.id, round + 1);
    rounds[round] = [...(rounds[round] ?? []), completion];
  }
  return rounds;
}

/** @param completions of different events */
async function storeOutcomes(db: Kysely<Tables>, completions: readonly AuditCompletion[]): Promise<void> {
  const rows = toJson(
    completions.map(({ targetId, ...rest }) => ({ ...rest, targetId: targetId && indexable(targetId) })),
  );
  await sql`
    update audit_events as event set
      outcome = done.outcome, error_code = done."errorCode", completed_at = now(),
      target_id = coalesce(done."targetId", event.target_id),
      tracking_ids = event.tracking_ids || array(
        select seen from jsonb_array_elements_text(done."trackingIds") as seen
        where seen <> all (event.tracking_ids))
    from jsonb_to_recordset(${rows}::jsonb) as done
      (id uuid, outcome text, "errorCode" text, "targetId" text, "trackingIds" jsonb)
    where event.id = done.id and event.outcome in ('PENDING', 'UNKNOWN')`.execute(db);
}

function matches({ eb, and, or }: ExpressionBuilder<Tables, 'audit_events'>, filter: AuditFilter) {
  const { connectorId, connectorIds, actor, operation, outcomes, idempotencyKey, from, to } = filter;
  const target = filter.target === undefined ? undefined : indexable(filter.target);
  const oneOf = (ids: readonly string[]) =>
    ids.length === 0 ? sql<SqlBool>`false` : eb('connector_id', 'in', ids);
  return and([
    ...(connectorId === undefined ? [] : [eb('connector_id', '=', connectorId)]),
    ...(connectorIds === undefined ? [] : [oneOf(connectorIds)]),
    ...(target === undefined ? [] : [or([eb('target_id', '=', target), eb('target_name', '=', target)])]),
    ...(actor === undefined ? [] : [eb('actor', '=', indexable(actor))]),
    ...(operation === undefined ? [] : [eb('operation', '=', storable(operation))]),
    ...(outcomes === undefined || outcomes.length === 0 ? [] : [eb('outcome', 'in', outcomes)]),
    ...(idempotencyKey === undefined ? [] : [eb('idempotency_key', '=', storable(idempotencyKey))]),
    ...(from === undefined ? [] : [eb('at', '>=', from)]),
    ...(to === undefined ? [] : [eb('at', '<', to)]),
    sql<SqlBool>`true`,
  ]);
}
