import { type Kysely, sql } from 'kysely';
import type { FieldChange, Tables } from './tables.ts';

/** A user or a group, by Webex's id. */
export interface TargetRecord {
  readonly type: 'User' | 'Group';
  readonly id: string;
}

/** A write of which nobody knows what it did to others' changes of the same record, or will do. */
export interface DoubtfulWrite {
  /** The event that holds what was written. */
  readonly auditEventId: string;
  readonly connectorId: string;
  readonly target: TargetRecord;
}

/** A write that may still be made. */
export interface UndecidedWrite {
  readonly auditEventId: string;
  /** The mutation, as updateUser. */
  readonly operation: string;
  readonly changes: readonly FieldChange[];
  /** Whether it was sent more than once, so that it proves nothing that it is to be seen once. */
  readonly isResent: boolean;
  /** Milliseconds until it counts as decided. */
  readonly leftMs: number;
}

/** A record that has to be read again. */
export interface DueLook extends UndecidedWrite, DoubtfulWrite {
  /** When the write was begun. */
  readonly beganAt: Date;
  /** How often it was read. */
  readonly looks: number;
  readonly isDue: boolean;
}

/**
 * Writes that may have undone, or may still undo, what others wrote to the same record: here, so that every process
 * knows of them, also after a restart. Only the database's clock counts.
 */
export interface UndecidedWriteRepository {
  /**
   * Remembers a write from now on: for so many milliseconds it may still be made, 0 if it has been made; then
   * the record is due to be read. Throws StoreUnavailable.
   */
  note(write: DoubtfulWrite, graceMs: number): Promise<void>;
  /**
   * Remembers that a write which may still be made is about to be sent once more.
   * @param graceMs how long after its beginning it may still be made if nothing is remembered of it yet
   */
  noteResent(write: DoubtfulWrite, graceMs: number): Promise<void>;
  /**
   * The writes of a record that may still be made: those remembered, and changes that ended with their process
   * and began less than `graceMs` ago. To be asked under the record's lock.
   * @param except an event that is left out
   */
  ofRecord(target: TargetRecord, except: string, graceMs: number): Promise<readonly UndecidedWrite[]>;
  /** All that is remembered of a record. */
  looksAt(target: TargetRecord): Promise<readonly DueLook[]>;
  /** Records that are due to be read, the longest due first. */
  due(): Promise<readonly TargetRecord[]>;
  /** Milliseconds until the next record is due; undefined if none will be. */
  nextDue(): Promise<number | undefined>;
  /** Makes a record due once more, after so many milliseconds. */
  postpone(auditEventIds: readonly string[], milliseconds: number): Promise<void>;
  /** Forgets writes that are decided. */
  settle(auditEventIds: readonly string[]): Promise<void>;
}

const MOST_AT_ONCE = 50;

/** The undecided writes in this database. */
export function createUndecidedWriteRepository(db: Kysely<Tables>): UndecidedWriteRepository {
  const write = async ({ auditEventId, connectorId, target }: DoubtfulWrite, left: Left) => {
    await sql`
      insert into undecided_writes
        (audit_event_id, connector_id, target_type, target_id, began_at, decided_at, look_at, is_resent)
      select event.id, connector.id, ${target.type}, ${target.id}, event.at, ${left.until}, ${left.until}, ${left.isResent}
      from audit_events event join connectors connector on connector.id = ${connectorId}
      where event.id = ${auditEventId} and (${left.until} > now() or not ${left.isResent})
      on conflict (audit_event_id) do update set
        is_resent = undecided_writes.is_resent or excluded.is_resent,
        decided_at = greatest(undecided_writes.decided_at, excluded.decided_at),
        look_at = greatest(undecided_writes.look_at, excluded.look_at)`.execute(db);
  };
  return {
    note: (doubtful, graceMs) =>
      write(doubtful, { until: sql`now() + ${interval(graceMs)}`, isResent: false }),
    noteResent: (doubtful, graceMs) =>
      write(doubtful, { until: sql`event.at + ${interval(graceMs)}`, isResent: true }),
    async ofRecord({ type, id }, except, graceMs) {
      const { rows } = await sql<WriteRow>`
        select event.id, event.operation, event.changes, is_resent, ${msUntil(sql`decided_at`)} as left_ms
        from undecided_writes join audit_events event on event.id = audit_event_id
        where undecided_writes.target_id = ${id} and undecided_writes.target_type = ${type}
          and decided_at > now() and event.id <> ${except}
        union all
        select id, operation, changes, false, ${msUntil(sql`at + ${interval(graceMs)}`)}
        from audit_events event
        where target_id = ${id} and target_type = ${type} and outcome = 'PENDING' and not dry_run
          and changes <> '[]' and at > now() - ${interval(graceMs)} and id <> ${except}
          and not exists (select from undecided_writes where audit_event_id = event.id)`.execute(db);
      return rows.map(toWrite);
    },
    async looksAt({ type, id }) {
      const { rows } = await sql<LookRow>`
        select event.id, event.operation, event.changes, is_resent, ${msUntil(sql`decided_at`)} as left_ms,
          undecided_writes.connector_id, began_at, looks, look_at <= now() as is_due
        from undecided_writes join audit_events event on event.id = audit_event_id
        where undecided_writes.target_id = ${id} and undecided_writes.target_type = ${type}`.execute(db);
      return rows.map((row) => ({
        ...toWrite(row),
        connectorId: row.connector_id,
        target: { type, id },
        beganAt: row.began_at,
        looks: row.looks,
        isDue: row.is_due,
      }));
    },
    async due() {
      const rows = await db
        .selectFrom('undecided_writes')
        .select(['target_type', 'target_id'])
        .where('look_at', '<=', sql<Date>`now()`)
        .orderBy('look_at')
        .limit(MOST_AT_ONCE)
        .execute();
      const records = rows.map((row) => ({ type: row.target_type, id: row.target_id }));
      return [...new Map(records.map((record) => [`${record.type} ${record.id}`, record])).values()];
    },
    async nextDue() {
      const left = sql<number | null>`${msUntil(sql`min(look_at)`)}`;
      const row = await db.selectFrom('undecided_writes').select(left.as('left')).executeTakeFirst();
      return row?.left == null ? undefined : Math.max(0, row.left);
    },
    async postpone(ids, milliseconds) {
      if (ids.length === 0) return;
      await db
        .updateTable('undecided_writes')
        .set({ look_at: sql<Date>`now() + ${interval(milliseconds)}`, looks: sql<number>`looks + 1` })
        .where('audit_event_id', 'in', ids)
        .execute();
    },
    async settle(ids) {
      if (ids.length === 0) return;
      await db.deleteFrom('undecided_writes').where('audit_event_id', 'in', ids).execute();
    },
  };
}

interface Left {
  readonly until: ReturnType<typeof sql>;
  readonly isResent: boolean;
}

interface WriteRow {
  readonly id: string;
  readonly operation: string;
  readonly changes: readonly FieldChange[];
  readonly is_resent: boolean;
  readonly left_ms: number;
}

interface LookRow extends WriteRow {
  readonly connector_id: string;
  readonly began_at: Date;
  readonly looks: number;
  readonly is_due: boolean;
}

function toWrite(row: WriteRow): UndecidedWrite {
  return {
    auditEventId: row.id,
    operation: row.operation,
    changes: row.changes,
    isResent: row.is_resent,
    leftMs: row.left_ms,
  };
}

function interval(milliseconds: number) {
  return sql`${milliseconds}::double precision * interval '1 millisecond'`;
}

function msUntil(moment: ReturnType<typeof sql>) {
  return sql`(extract(epoch from ${moment} - now()) * 1000)::double precision`;
}
