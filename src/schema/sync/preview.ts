import { InvalidInput, NotFound } from '../../errors/request.ts';
import type { FieldChange } from '../../provisioning/changes/outcome.ts';
import type { Mapping } from '../../sync/mapping/mapping.ts';
import { readText } from '../../sync/mapping/mappings.ts';
import type { NameCatalogue } from '../../sync/mapping/resolve-names.ts';
import { type AskedPreview, MOST_PREVIEWED, type Preview } from '../../sync/previews.ts';
import type { MappedRecord } from '../../sync/words.ts';
import { builder } from '../base/builder.ts';
import { chooseConnector, connectorField } from '../base/chosen-connector.ts';
import type { Context } from '../base/context.ts';
import { readOwnId } from '../base/global-ids.ts';
import { FieldChangeRef } from '../changes/field-changes.ts';
import { costs } from '../cost/costs.ts';
import { ErrorRef, FieldProblemRef } from '../errors/error.ts';
import type { Failure } from '../errors/failure.ts';
import { failsAs } from '../errors/payloads.ts';
import { shownProblems } from './mapping.ts';
import { SyncMappingRefInput } from './mapping-ref.ts';
import { namesOf } from './names.ts';

interface ShownPreview {
  readonly preview: Preview;
  readonly names: NameCatalogue;
}

interface ShownRecord {
  readonly record: MappedRecord;
  readonly names: NameCatalogue;
}

const SyncPreviewRecord = builder.objectRef<ShownRecord>('SyncPreviewRecord').implement({
  description: 'What a mapping makes of one record.',
  fields: (t) => ({
    at: t.string({
      description: 'Where the record is, such as `line 17` of a file or `row 1` of `rows`.',
      resolve: ({ record }) => record.at,
    }),
    qualifies: t.boolean({
      description: 'Whether the user is to have an account, as `qualify` of the mapping says.',
      resolve: ({ record }) => record.qualifies,
    }),
    key: t.string({
      nullable: true,
      description: 'The key that the user is linked by. Null if it cannot be read.',
      resolve: ({ record }) => record.key,
    }),
    fields: t.field({
      type: [FieldChangeRef],
      description:
        'The fields that the mapping sets, with the value in `after`; `before` is null. Fields that are left alone are absent. Empty if the record has problems or does not qualify.',
      resolve: ({ record }) => fieldsOf(record),
    }),
    licenses: t.stringList({
      description: 'Names of the licenses that the mapping gives.',
      resolve: ({ record, names }) => named(record.desired?.licenses ?? [], names.licenses),
    }),
    roles: t.stringList({
      description: 'Names of the roles that the mapping gives.',
      resolve: ({ record, names }) => named(record.desired?.roles ?? [], names.roles),
    }),
    groups: t.stringList({
      description: 'Names of the managed groups that the user is to be in.',
      resolve: ({ record }) => [...(record.desired?.groups ?? [])],
    }),
    problems: t.field({
      type: [FieldProblemRef],
      description:
        'Why the record cannot be used, field by field. A plan shows such a record as INVALID. Never contains the value.',
      resolve: ({ record }) => shownProblems(record.problems),
    }),
  }),
});

const SyncPreview = builder.objectRef<ShownPreview>('SyncPreview').implement({
  description: 'What a mapping makes of some records.',
  fields: (t) => ({
    records: t.field({
      type: [SyncPreviewRecord],
      description: 'The records, in the order of the source.',
      resolve: ({ preview, names }) => preview.records.map((record) => ({ record, names })),
    }),
    warnings: t.field({
      type: [FieldProblemRef],
      description:
        'Names of licenses and roles that the organization does not have, or has twice. A plan with this mapping fails.',
      resolve: ({ preview }) => shownProblems(preview.warnings),
    }),
  }),
});

interface PayloadShape {
  readonly shown?: ShownPreview;
  readonly failure?: Failure;
}

const SyncPreviewPayload = builder.objectRef<PayloadShape>('SyncPreviewPayload').implement({
  description: 'The answer to `previewSyncMapping`.',
  fields: (t) => ({
    preview: t.field({
      type: SyncPreview,
      nullable: true,
      description: 'The records and what becomes of them. Null if `error` is set.',
      resolve: ({ shown }) => shown,
    }),
    error: t.field({
      type: ErrorRef,
      nullable: true,
      description: 'Why there is no preview. Null if there is one.',
      resolve: ({ failure }) => failure,
    }),
  }),
});

const PreviewSyncMappingInput = builder.inputType('PreviewSyncMappingInput', {
  description: 'A mapping and the records to try it with: rows, or a file.',
  fields: (t) => ({
    connector: connectorField(t),
    mapping: t.field({ type: SyncMappingRefInput, required: true, description: 'The mapping.' }),
    rows: t.field({
      type: ['JSON'],
      required: false,
      description: `Records, each as an object, at most ${MOST_PREVIEWED}.`,
    }),
    file: t.id({ required: false, description: 'Id of an uploaded file.' }),
    lines: t.intList({
      required: false,
      description: `Lines of the file, at most ${MOST_PREVIEWED}. A line counts if a record begins there. Of a JSON array, positions from 1. Default: the first ${MOST_PREVIEWED} records.`,
    }),
  }),
});

builder.queryField('previewSyncMapping', (t) =>
  t.field({
    type: SyncPreviewPayload,
    fallible: true,
    onFailure: failsAs((failure): PayloadShape => ({ failure })),
    complexity: costs.mappingNames,
    description:
      'Shows what a mapping makes of up to 20 records. Compares nothing, and asks Webex only for the names of licenses and roles.',
    args: {
      input: t.arg({
        type: PreviewSyncMappingInput,
        required: true,
        description: 'The mapping and the records.',
      }),
    },
    resolve: async (_root, { input }, context): Promise<PayloadShape> => {
      const connector = await chooseConnector(context, input.connector, 'input.connector');
      context.caller.principal.assertMay('provision', connector);
      const mapping = await mappingOf(context, input.mapping);
      const from = await recordsOf(context, input);
      const hasNames = hasNamesToLookUp(mapping);
      const names = hasNames
        ? await namesOf(mapping, await context.webex(connector))
        : { licenses: [], roles: [] };
      const preview = await context.sync.previews.preview({
        ...{ mapping, names, from },
        signal: context.caller.signal,
      });
      return { shown: { preview, names } };
    },
  }),
);

function hasNamesToLookUp({ outline }: Mapping): boolean {
  const { licenses, roles, policy } = outline;
  return licenses.managed.length + roles.managed.length + policy.protect.roles.length > 0;
}

async function mappingOf(
  { sync }: Context,
  { name, version, text }: typeof SyncMappingRefInput.$inferInput,
): Promise<Mapping> {
  if (text != null) {
    if (name != null || version != null)
      throw new InvalidInput('input.mapping', 'must have text or name, not both.');
    return readText(text, 'input.mapping.text');
  }
  if (name == null) throw new InvalidInput('input.mapping', 'must have text or name.');
  const stored = await sync.mappings.get(name.slice(0, 256), version ?? undefined);
  if (stored === null) throw new NotFound('mapping', name);
  return readText(stored.text, 'input.mapping.name');
}

async function recordsOf(
  { sync, caller }: Context,
  { rows, file, lines }: typeof PreviewSyncMappingInput.$inferInput,
): Promise<AskedPreview['from']> {
  if ((rows == null) === (file == null))
    throw new InvalidInput('input.rows', 'or file must be given, not both.');
  for (const [field, list] of Object.entries({ rows, lines })) {
    if (list != null && (list.length === 0 || list.length > MOST_PREVIEWED))
      throw new InvalidInput(`input.${field}`, `must have 1 to ${MOST_PREVIEWED} entries.`);
  }
  if (file == null) {
    if (lines != null) throw new InvalidInput('input.lines', 'can be given with a file only.');
    return { rows: rows ?? [] };
  }
  const { principal } = caller;
  const reader = { actor: principal.actor, isAdmin: principal.holdsEverywhere('admin') };
  const stored = await sync.files.get(readOwnId(file, 'SyncFile', 'input.file'), reader);
  return { file: stored, lines: lines ?? undefined };
}

/** As the audit trail names the fields. */
function fieldsOf({ desired }: MappedRecord): FieldChange[] {
  if (desired === undefined) return [];
  const { emails, fields, manager } = desired;
  const { location, ...others } = fields;
  const values = {
    emails: emails.values,
    ...others,
    ...(location === undefined ? {} : { locationId: location }),
    ...(manager === undefined ? {} : { managerId: manager === null ? null : manager.value }),
  };
  return Object.entries(values).map(([field, after]) => ({ field, before: null, after }));
}

function named(
  ids: readonly string[],
  all: readonly { readonly id: string; readonly name: string }[],
): string[] {
  const names = new Map(all.map(({ id, name }) => [id, name]));
  return ids.map((id) => names.get(id) ?? id);
}
