import type { StoredSyncFile } from '../../store/sync/files.ts';
import { globalIdOf } from '../base/global-ids.ts';

/** A file as the type SyncFile shows it, for answers that are not GraphQL. */
export function shownFile(file: StoredSyncFile): object {
  const { id, ...fields } = file;
  return { id: globalIdOf('SyncFile', id), ...fields };
}
