import { createHash } from 'node:crypto';
import { NotFound } from '../../errors/request.ts';
import type { StoredSyncFile } from '../../store/sync/files.ts';
import type { SyncMappingRow, SyncPlanRow } from '../../store/sync/tables.ts';
import type { Context } from '../base/context.ts';

/** Reads the files that plans were made of, for everyone who sees such a plan. */
const ANY_READER = { actor: '', isAdmin: true };

/**
 * The file that a plan was made of. Callers who did not upload it see neither its columns nor its problems. Null if it
 * has another source, or if the file is deleted. Rejects with StoreUnavailable.
 */
export async function fileOf({ request }: SyncPlanRow, context: Context): Promise<StoredSyncFile | null> {
  if (request.fileId === undefined) return null;
  const { principal } = context.caller;
  try {
    const file = await context.sync.files.get(request.fileId, ANY_READER);
    const isReader = file.uploadedBy === principal.actor || principal.holdsEverywhere('admin');
    return isReader ? file : { ...file, columns: [], problems: [] };
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}

/** How many records the source of a plan has; undefined if that is not known. Rejects with StoreUnavailable. */
export async function recordsOf(plan: SyncPlanRow, context: Context): Promise<number | undefined> {
  const { rows } = plan.request;
  return rows === undefined ? (await fileOf(plan, context))?.rows : rows.length;
}

/** The mapping of a plan: the stored version, or the text of the request as version 0. Rejects with StoreUnavailable. */
export async function mappingOf(plan: SyncPlanRow, { sync }: Context): Promise<SyncMappingRow | null> {
  const { mapping } = plan.request;
  if ('text' in mapping) {
    return {
      name: plan.mapping_name ?? '',
      version: 0,
      text: mapping.text,
      digest: createHash('sha256').update(mapping.text).digest(),
      created_by: plan.requested_by,
      created_at: plan.requested_at,
      deleted_at: null,
    };
  }
  return sync.mappings.get(mapping.name, mapping.version);
}
