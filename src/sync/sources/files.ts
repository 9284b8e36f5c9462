import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { NotFound } from '../../errors/request.ts';
import { FileIncomplete, FileTooLarge, UnreadableFile } from '../../errors/source.ts';
import type { FileContent, NewSyncFile, StoredSyncFile, SyncFileRepository } from '../../store/sync/files.ts';
import type { SyncProblem } from '../../store/sync/words.ts';
import { decode } from './decode.ts';
import { contentOf, createFileSource, slicesOf } from './file-source.ts';
import { FORMATS, type ParsedBatch } from './formats.ts';
import { gunzip } from './gunzip.ts';
import type { Source } from './source.ts';

/** What an uploaded file may have. */
export interface FileLimits {
  /** Records. */
  readonly rows: number;
  /** Bytes of the decompressed content. */
  readonly bytes: number;
}

/** A file as it arrives. */
export interface Upload extends NewSyncFile {
  readonly body: AsyncIterable<Uint8Array>;
  readonly isCompressed: boolean;
  /** SHA-256 that the bytes of the body must have. Undefined: not checked. */
  readonly digest: Buffer | undefined;
}

/** Who asks for a file. */
export interface FileReader {
  /** As in the audit trail. */
  readonly actor: string;
  /** Whether they may see the files of all callers. */
  readonly isAdmin: boolean;
}

/** Bytes of one stored chunk. */
const CHUNK = 1024 * 1024;
/** Problems that are kept of a file; all are counted. */
const KEPT_PROBLEMS = 20;
/** Records that cannot be used, after which at least one that can be used must have come. */
const MOST_UNUSABLE = 1_000;
/** Names of fields that are kept of a JSON file. */
const KEPT_NAMES = 200;

/** Files that callers upload. Only their uploader and administrators see them. */
export class SyncFiles {
  readonly #files: SyncFileRepository;
  readonly #limits: FileLimits;

  constructor(files: SyncFileRepository, limits: FileLimits) {
    this.#files = files;
    this.#limits = limits;
  }

  /** What an uploaded file may have. */
  get limits(): FileLimits {
    return this.#limits;
  }

  /**
   * Checks and stores a file while it arrives. If it fails, nothing is left of it.
   * Throws UnreadableFile, FileTooLarge, FileIncomplete, StoreUnavailable, and what the body throws.
   * @returns the file, and whether it is new: the same content from the same caller is the same file
   */
  async receive(upload: Upload): Promise<{ readonly file: StoredSyncFile; readonly isNew: boolean }> {
    const id = await this.#files.begin(upload);
    try {
      return await this.#files.finish(id, await this.#store(id, upload));
    } catch (error) {
      // A database that is away now is rid of it when it expires.
      await this.#files.discard(id).catch(() => undefined);
      throw error;
    }
  }

  /** Throws NotFound, also for a file that the reader may not see, and StoreUnavailable. */
  async get(id: string, reader: FileReader): Promise<StoredSyncFile> {
    const file = await this.#files.find(id);
    if (file === undefined || !(reader.isAdmin || file.uploadedBy === reader.actor)) {
      throw new NotFound('file', id);
    }
    return file;
  }

  /** The content of a file as it was uploaded, decompressed. Throws as `contentOf`. */
  read(file: StoredSyncFile, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    return contentOf(this.#files, file, signal);
  }

  /** The records of a file. */
  open(file: StoredSyncFile): Source {
    return createFileSource(this.#files, file);
  }

  /** Deletes files that have expired and are not in use. Throws StoreUnavailable. */
  forgetOld(): Promise<void> {
    return this.#files.forgetOld();
  }

  async #store(id: string, { format, body, isCompressed, digest }: Upload): Promise<FileContent> {
    const sent = createHash('sha256');
    const arriving = hashed(body, sent);
    const content = createHash('sha256');
    const chunks = new ChunkWriter(this.#files, id);
    const { bytes: mostBytes } = this.#limits;
    async function* stored(bytes: AsyncIterable<Uint8Array>) {
      for await (const part of bytes) {
        if (chunks.bytes + part.length > mostBytes) throw new FileTooLarge('bytes', mostBytes);
        content.update(part);
        await chunks.add(part);
        for (const slice of slicesOf(part)) {
          yield slice;
          await nextTurn();
        }
      }
    }
    const inflated = isCompressed ? gunzip(arriving) : arriving;
    const summary = new Summary(this.#limits.rows);
    for await (const batch of FORMATS[format](decode(stored(inflated)))) summary.add(batch);
    if (digest !== undefined && !sent.digest().equals(digest)) {
      throw new FileIncomplete('The content does not have the SHA-256 that Content-Digest names.');
    }
    await chunks.end();
    return { bytes: chunks.bytes, sha256: content.digest('hex'), ...summary.end() };
  }
}

async function* hashed(body: AsyncIterable<Uint8Array>, hash: ReturnType<typeof createHash>) {
  for await (const part of body) {
    hash.update(part);
    yield part;
  }
}

/** Stores content in chunks of one size. */
class ChunkWriter {
  readonly #files: SyncFileRepository;
  readonly #id: string;
  readonly #chunk = Buffer.alloc(CHUNK);
  #filled = 0;
  #seq = 0;
  bytes = 0;

  constructor(files: SyncFileRepository, id: string) {
    this.#files = files;
    this.#id = id;
  }

  async add(part: Uint8Array): Promise<void> {
    this.bytes += part.length;
    for (let at = 0; at < part.length; ) {
      const taken = part.subarray(at, at + CHUNK - this.#filled);
      this.#chunk.set(taken, this.#filled);
      this.#filled += taken.length;
      at += taken.length;
      if (this.#filled === CHUNK) await this.end();
    }
  }

  /** Stores what is not stored yet. */
  async end(): Promise<void> {
    if (this.#filled === 0) return;
    await this.#files.append(this.#id, this.#seq, this.#chunk.subarray(0, this.#filled));
    this.#seq += 1;
    this.#filled = 0;
  }
}

/** Counts what is in a file. */
class Summary {
  readonly #mostRows: number;
  readonly #names = new Set<string>();
  readonly #problems: SyncProblem[] = [];
  #columns: readonly string[] | undefined;
  #records = 0;
  #problemCount = 0;

  constructor(mostRows: number) {
    this.#mostRows = mostRows;
  }

  /** Throws FileTooLarge. */
  add({ columns, records, problems }: ParsedBatch): void {
    this.#columns ??= columns;
    if (this.#columns === undefined && this.#names.size < KEPT_NAMES) {
      for (const { value } of records) for (const name of Object.keys(value ?? {})) this.#names.add(name);
    }
    this.#records += records.length;
    this.#problemCount += problems.length;
    this.#problems.push(...problems.slice(0, KEPT_PROBLEMS - this.#problems.length));
    if (this.#rows > this.#mostRows) throw new FileTooLarge('rows', this.#mostRows);
    if (this.#problemCount >= MOST_UNUSABLE) this.#requireRecord();
  }

  /** Throws UnreadableFile if there are records and none can be used. */
  end(): Omit<FileContent, 'bytes' | 'sha256'> {
    this.#requireRecord();
    return {
      rows: this.#rows,
      columns: this.#columns ?? [...this.#names].slice(0, KEPT_NAMES),
      problems: this.#problems,
      problemCount: this.#problemCount,
    };
  }

  /** A file without a single record that can be used is not what its type says. */
  #requireRecord(): void {
    const [first] = this.#problems;
    if (this.#records > 0 || first === undefined) return;
    throw new UnreadableFile(first.at, `${first.message} No record of the file can be used.`);
  }

  get #rows(): number {
    return this.#records + this.#problemCount;
  }
}
