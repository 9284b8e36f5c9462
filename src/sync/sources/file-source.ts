import { setImmediate as nextTurn } from 'node:timers/promises';
import { FileIncomplete } from '../../errors/source.ts';
import type { StoredSyncFile, SyncFileRepository } from '../../store/sync/files.ts';
import { decode } from './decode.ts';
import { FORMATS } from './formats.ts';
import type { Source } from './source.ts';

/** Bytes that are read without a pause. */
const SLICE = 64 * 1024;

/** The records of an uploaded file, all of them. */
export function createFileSource(files: SyncFileRepository, file: StoredSyncFile): Source {
  return {
    describe: () => Promise.resolve({ names: file.columns, isComplete: file.format === 'CSV' }),
    async *read(signal) {
      const texts = decode(contentOf(files, file, signal));
      for await (const { records, problems } of FORMATS[file.format](texts)) yield { records, problems };
      yield { records: [], problems: [], end: 'ALL' };
    },
  };
}

/**
 * The content of a stored file in slices. The event loop turns after each, so that others get their turn.
 * Throws FileIncomplete if the file was deleted meanwhile, StoreUnavailable, SecretKeyMismatch and the signal's reason.
 */
export async function* contentOf(
  files: SyncFileRepository,
  file: StoredSyncFile,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for (let seq = 0; bytes < file.bytes; seq += 1) {
    const chunk = await files.chunk(file.id, seq);
    if (chunk === undefined) throw new FileIncomplete('A part of the stored file is missing.');
    for (const slice of slicesOf(chunk)) {
      signal.throwIfAborted();
      yield slice;
      await nextTurn();
    }
    bytes += chunk.length;
  }
}

/** Cuts bytes into slices that can be read without keeping others waiting. */
export function* slicesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE) yield bytes.subarray(at, at + SLICE);
}
