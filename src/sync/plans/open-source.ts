import { FileIncomplete } from '../../errors/source.ts';
import type { PlanRequest } from '../../store/sync/documents.ts';
import type { SyncStore } from '../../store/sync/sync-store.ts';
import { createFileSource } from '../sources/file-source.ts';
import { createInlineSource } from '../sources/inline-source.ts';
import type { Source } from '../sources/source.ts';

/**
 * The source that a plan was asked for with.
 * Throws FileIncomplete if the file is gone, and StoreUnavailable.
 */
export async function openSource(store: Pick<SyncStore, 'files'>, request: PlanRequest): Promise<Source> {
  const { fileId, rows = [] } = request;
  if (fileId === undefined) return createInlineSource(rows);
  const file = await store.files.find(fileId);
  if (file === undefined) throw new FileIncomplete('The file was deleted.');
  return createFileSource(store.files, file);
}
