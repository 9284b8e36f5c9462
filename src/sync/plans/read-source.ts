import { setImmediate as nextTurn } from 'node:timers/promises';
import { canonicalName } from '../../datasources/webex/canonical.ts';
import { FileIncomplete } from '../../errors/source.ts';
import type { Staging, StagingRow } from '../../store/sync/staging.ts';
import type { Json, SyncProblem } from '../../store/sync/words.ts';
import type { ResolvedMapping } from '../mapping/mapping.ts';
import { MappingProcess, MOST_RECORDS } from '../mapping/mapping-process.ts';
import type { Source, SourceBatch } from '../sources/source.ts';
import type { DesiredUser, MappedRecord } from '../words.ts';

/** What was read of a source, once it was read to its end. */
export interface SourceRead {
  /** CHANGES: records that did not come may exist. */
  readonly end: 'ALL' | 'CHANGES';
  /** Records, those that could not be used included. */
  readonly records: number;
  /** Pairs of a record and a group. */
  readonly members: number;
}

interface Tools {
  readonly staging: Staging;
  readonly signal: AbortSignal;
  /** Is told after each batch how many records were read so far. */
  readonly progress: (records: number) => void;
}

/**
 * Reads a source, maps its records and puts them into staging. At most two batches are in memory.
 * Throws UnreadableFile, FileIncomplete, MappingFailed, StagingLost, StoreUnavailable and the signal's reason.
 */
export async function readSource(
  source: Source,
  mapping: ResolvedMapping,
  tools: Tools,
): Promise<SourceRead> {
  const { names, isComplete } = await source.describe();
  await using mapper = await MappingProcess.open(mapping, isComplete ? { columns: names } : {});
  const stager = new Stager(tools.staging);
  let end: SourceBatch['end'];
  for await (const batch of source.read(tools.signal)) {
    for (let at = 0; at < batch.records.length; at += MOST_RECORDS) {
      const mapped = await mapper.map(batch.records.slice(at, at + MOST_RECORDS));
      await stager.add(
        mapped.map((record) => toRow(record)),
        mapped,
      );
    }
    await stager.add(batch.problems.map(toProblemRow), []);
    end = batch.end ?? end;
    tools.progress(stager.records);
    // Awaited queries alone may keep timers and requests waiting.
    await nextTurn();
  }
  await stager.idle();
  if (end === undefined) throw new FileIncomplete('The source ended before its end.');
  return { end, records: stager.records, members: stager.members };
}

type SourceRow = Omit<StagingRow<'sync_source_rows'>, 'row_no'>;

/** Inserts one batch while the next is mapped. */
class Stager {
  records = 0;
  members = 0;
  readonly #staging: Staging;
  #inserting: Promise<void> = Promise.resolve();

  constructor(staging: Staging) {
    this.#staging = staging;
  }

  /** Resolves when the batch before is inserted. Rejects if that failed. */
  async add(rows: readonly SourceRow[], mapped: readonly MappedRecord[]): Promise<void> {
    await this.#inserting;
    if (rows.length === 0) return;
    const first = this.records + 1;
    this.records += rows.length;
    const members = mapped.flatMap((record, index) => membersOf(record, first + index));
    this.members += members.length;
    this.#inserting = this.#insert(
      rows.map((row, index) => ({ row_no: first + index, ...row })),
      members,
    );
    // It is awaited later.
    this.#inserting.catch(() => undefined);
  }

  idle(): Promise<void> {
    return this.#inserting;
  }

  async #insert(
    rows: readonly StagingRow<'sync_source_rows'>[],
    members: readonly StagingRow<'sync_wanted_members'>[],
  ): Promise<void> {
    await this.#staging.insert('sync_source_rows', rows);
    await this.#staging.insert('sync_wanted_members', members);
  }
}

function toRow(record: MappedRecord): SourceRow {
  const { at, state, qualifies, emails, alternates, former, problems, desired } = record;
  return {
    ...{ at, state, qualifies },
    ...{ emails: [...emails], alternates: [...alternates], former: [...former] },
    key: record.key ?? null,
    previous_key: record.previousKey ?? null,
    problems: problems.length === 0 ? null : problems,
    desired: desired === undefined ? null : jsonOf(desired),
  };
}

/** A part of a file that is no record stands for one that cannot be read: nobody knows whose it is. */
function toProblemRow({ at, code, message }: SyncProblem): SourceRow {
  return {
    ...{ at, state: 'INVALID', qualifies: false, key: null, previous_key: null },
    ...{ emails: [], alternates: [], former: [], problems: [{ field: '', code, message }], desired: null },
  };
}

function membersOf({ desired }: MappedRecord, row: number): StagingRow<'sync_wanted_members'>[] {
  const names = new Set((desired?.groups ?? []).map(canonicalName));
  return [...names].map((name_key) => ({ name_key, row_no: row }));
}

function jsonOf({ emails, fields, manager, licenses, roles, groups }: DesiredUser): Json {
  return {
    ...{ emails: { values: emails.values, mode: emails.mode }, fields: { ...fields }, licenses, roles },
    ...(manager === undefined ? {} : { manager: manager && { by: manager.by, value: manager.value } }),
    ...(groups === undefined ? {} : { groups }),
  };
}
