import pLimit from 'p-limit';
import { InvalidInput } from '../errors/request.ts';
import { MappingFailed, MappingNotStarted } from '../errors/sync.ts';
import type { StoredSyncFile, SyncFileRepository } from '../store/sync/files.ts';
import type { Json, SyncProblem } from '../store/sync/words.ts';
import type { Mapping, ResolvedMapping } from './mapping/mapping.ts';
import { MappingProcess } from './mapping/mapping-process.ts';
import { type NameCatalogue, type NameProblem, resolveNames } from './mapping/resolve-names.ts';
import { createFileSource } from './sources/file-source.ts';
import { createInlineSource } from './sources/inline-source.ts';
import type { Source } from './sources/source.ts';
import type { MappedRecord, SourceRecord } from './words.ts';

/** What to show of a mapping. */
export interface AskedPreview {
  readonly mapping: Mapping;
  readonly names: NameCatalogue;
  /** Lines of a file; undefined: the first records. */
  readonly from:
    | { readonly rows: readonly Json[] }
    | { readonly file: StoredSyncFile; readonly lines: readonly number[] | undefined };
  readonly signal: AbortSignal;
}

/** What a mapping makes of some records. */
export interface Preview {
  readonly mapping: ResolvedMapping;
  readonly records: readonly MappedRecord[];
  /** Names that the organization does not have. */
  readonly warnings: readonly NameProblem[];
}

/** Records of one preview. */
export const MOST_PREVIEWED = 20;
/** Each has a process of its own. */
const PREVIEWS_AT_ONCE = 2;

/** Shows what mappings make of records. */
export class Previews {
  readonly #files: SyncFileRepository;
  readonly #limit = pLimit(PREVIEWS_AT_ONCE);

  constructor(files: SyncFileRepository) {
    this.#files = files;
  }

  /**
   * Maps up to 20 records. Asks nobody.
   * Throws InvalidInput if the file lacks a column or an expression takes too long, UnreadableFile, FileIncomplete,
   * StoreUnavailable, and the signal's reason.
   */
  async preview({ mapping, names, from, signal }: AskedPreview): Promise<Preview> {
    const { mapping: resolved, problems: warnings } = resolveNames(mapping, names);
    const source = 'rows' in from ? createInlineSource(from.rows) : createFileSource(this.#files, from.file);
    const lines = 'rows' in from ? undefined : from.lines;
    const columns = 'rows' in from || from.file.format !== 'CSV' ? undefined : from.file.columns;
    const picked = await pick(source, lines, signal);
    const records = await this.#limit(async () => {
      signal.throwIfAborted();
      return mapAll(resolved, columns, picked);
    });
    return { mapping: resolved, records, warnings };
  }
}

type Picked = SourceRecord | SyncProblem;

/** The first records, or those at these lines, in the order of the source. */
async function pick(
  source: Source,
  lines: readonly number[] | undefined,
  signal: AbortSignal,
): Promise<Picked[]> {
  const wanted = lines && new Set(lines.flatMap((line) => [`line ${line}`, `item ${line}`]));
  const most = lines === undefined ? MOST_PREVIEWED : new Set(lines).size;
  const picked: Picked[] = [];
  for await (const { records, problems } of source.read(signal)) {
    const batch = [...records, ...problems].sort((one, other) => positionOf(one.at) - positionOf(other.at));
    picked.push(...batch.filter(({ at }) => wanted === undefined || wanted.has(at)));
    if (picked.length >= most) break;
  }
  return picked.slice(0, most);
}

function positionOf(at: string): number {
  return Number(at.slice(at.lastIndexOf(' ') + 1));
}

async function mapAll(
  mapping: ResolvedMapping,
  columns: readonly string[] | undefined,
  picked: readonly Picked[],
): Promise<MappedRecord[]> {
  const records = picked.filter((each) => 'is' in each);
  try {
    await using process = await MappingProcess.open(mapping, { columns });
    const mapped = new Map((await process.map(records)).map((record) => [record.at, record]));
    return picked.flatMap((each) => ('is' in each ? (mapped.get(each.at) ?? []) : unreadable(each)));
  } catch (error) {
    if (!(error instanceof MappingFailed) || error instanceof MappingNotStarted) throw error;
    throw new InvalidInput('input.mapping', error.message);
  }
}

function unreadable({ at, code, message }: SyncProblem): MappedRecord {
  return {
    ...{ at, key: undefined, previousKey: undefined, state: 'INVALID', qualifies: true, desired: undefined },
    ...{ emails: [], alternates: [], former: [] },
    problems: [{ field: '', code, message }],
  };
}
