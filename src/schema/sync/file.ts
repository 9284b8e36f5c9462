import { NotFound } from '../../errors/request.ts';
import type { StoredSyncFile } from '../../store/sync/files.ts';
import type { SyncProblem } from '../../store/sync/words.ts';
import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import { readOwnId } from '../base/global-ids.ts';

const SyncFileFormatEnum = builder.enumType('SyncFileFormat', {
  description: 'The format of an uploaded file.',
  values: {
    CSV: {
      description: 'Comma-separated values with a header, text/csv. The separator can also be ; tab or |.',
    },
    JSON_LINES: { description: 'One JSON object a line, application/x-ndjson.' },
    JSON: { description: 'A JSON array of objects, application/json.' },
  } as const,
});

export const SyncProblemRef = builder.objectRef<SyncProblem>('SyncProblem').implement({
  description: 'A record of a source that could not be used.',
  fields: (t) => ({
    at: t.exposeString('at', {
      description: 'Where the record begins, such as `line 17` of a file, or `item 3` of a JSON array.',
    }),
    code: t.exposeString('code', {
      description: 'What is wrong, such as WRONG_FIELD_COUNT. Codes never change.',
    }),
    message: t.exposeString('message', {
      description: 'What is wrong, and what to do. Does not contain values of the record.',
    }),
  }),
});

export const SyncFileRef = builder.objectRef<StoredSyncFile>('SyncFile');

builder.node(SyncFileRef, {
  description:
    'A file with records to synchronize, uploaded with PUT /sync/files?name=people.csv. Only its uploader and callers with the scope admin for all connectors can read it.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name that the uploader gave it.' }),
    format: t.field({
      type: SyncFileFormatEnum,
      description: 'Its format.',
      resolve: ({ format }) => format,
    }),
    bytes: t.exposeInt('bytes', { description: 'Its size in bytes, decompressed.' }),
    rows: t.exposeInt('rows', { description: 'The number of records, including those with problems.' }),
    sha256: t.exposeString('sha256', {
      description: 'The SHA-256 of its decompressed content, hexadecimal.',
    }),
    columns: t.stringList({
      description: 'The columns of a CSV file. Of JSON, the names of fields found, 200 at most.',
      resolve: ({ columns }) => [...columns],
    }),
    uploadedBy: t.exposeString('uploadedBy', {
      description: 'Who uploaded the file, as an actor of the audit trail.',
    }),
    uploadedAt: t.expose('uploadedAt', { type: 'DateTime', description: 'When the upload began.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description:
        'When the file is deleted, 7 days after its last upload. A file is kept longer while a plan or a run that has not ended uses it.',
    }),
    problemCount: t.exposeInt('problemCount', {
      description: 'The number of records that could not be read.',
    }),
    problems: t.field({
      type: [SyncProblemRef],
      description:
        'The first records that could not be read, in the order of the file. The gateway keeps 20.',
      args: {
        first: t.arg.int({
          required: true,
          defaultValue: 20,
          description: 'Maximum number of problems, 0 to 20.',
        }),
      },
      resolve: ({ problems }, { first }) => problems.slice(0, Math.max(0, first)),
    }),
  }),
});

builder.queryField('syncFile', (t) =>
  t.field({
    type: SyncFileRef,
    nullable: true,
    fallible: true,
    description:
      'An uploaded file, with the problems that were found in it. Null if it does not exist, or you may not see it.',
    args: { id: t.arg.id({ required: true, description: 'The id of the file.' }) },
    resolve: (_root, { id }, context) => syncFileById(readOwnId(id, 'SyncFile', 'id'), context),
  }),
);

/** The file with this id; null if the caller may see no such file. Throws StoreUnavailable. */
export async function syncFileById(id: string, { sync, caller }: Context): Promise<StoredSyncFile | null> {
  const { principal } = caller;
  const reader = { actor: principal.actor, isAdmin: principal.holdsEverywhere('admin') };
  try {
    return await sync.files.get(id, reader);
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}
