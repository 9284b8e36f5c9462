import { readText, type SyncMappingRow } from '../../sync/mapping/mappings.ts';
import { LONGEST_MAPPING } from '../../sync/mapping/read-mapping.ts';
import { recorded } from '../audit/recorded.ts';
import { builder } from '../base/builder.ts';
import { chooseConnector } from '../base/chosen-connector.ts';
import type { Context } from '../base/context.ts';
import { costs } from '../cost/costs.ts';
import { ErrorRef } from '../errors/error.ts';
import type { Failure } from '../errors/failure.ts';
import { failsAs } from '../errors/payloads.ts';
import { shownProblems } from './mapping.ts';
import { namesOf } from './names.ts';
import { type ShownMapping, SyncMappingRef } from './refs.ts';

interface PayloadShape {
  readonly mapping?: ShownMapping;
  readonly failure?: Failure;
}

const SyncMappingPayload = builder.objectRef<PayloadShape>('SyncMappingPayload').implement({
  description: 'The answer to a change of a mapping.',
  fields: (t) => ({
    mapping: t.field({
      type: SyncMappingRef,
      nullable: true,
      description:
        'The version that is stored now. After a deletion, the newest version that was there. Null if `error` is set.',
      resolve: ({ mapping }) => mapping,
    }),
    error: t.field({
      type: ErrorRef,
      nullable: true,
      description: 'Why nothing was changed. Null if the change was made.',
      resolve: ({ failure }) => failure,
    }),
  }),
});

const PutSyncMappingInput = builder.inputType('PutSyncMappingInput', {
  description: 'A mapping to store.',
  fields: (t) => ({
    text: t.string({
      required: true,
      description: `The mapping, as YAML or JSON. Its name stands in it. At most ${LONGEST_MAPPING} characters.`,
      extensions: { longestText: LONGEST_MAPPING },
    }),
    ifVersion: t.int({
      required: false,
      description:
        'The newest version that you have seen. If there is another one, nothing is stored and the code is MODIFIED_MEANWHILE. Null: the mapping must not exist yet. Default: no condition.',
    }),
    connector: t.id({
      required: false,
      description:
        'Connector to look up the names of licenses and roles in, by id or name. Unknown names are `warnings`. Needs the scope read for it. Default: names are not looked up.',
    }),
  }),
});

const DeleteSyncMappingInput = builder.inputType('DeleteSyncMappingInput', {
  description: 'The mapping to delete.',
  fields: (t) => ({ name: t.string({ required: true, description: 'The name of the mapping.' }) }),
});

builder.mutationFields((t) => ({
  putSyncMapping: t.field({
    type: SyncMappingPayload,
    fallible: true,
    onFailure: failsAs(failed),
    complexity: ({ input }) => (input.connector == null ? { field: 0 } : costs.mappingNames()),
    description:
      'Stores a new version of a mapping. The same text as that of the newest version is that version. A mapping that raises a limit above its default, or that gives or takes roles, also needs the scope admin for all connectors. `source.key` cannot change.',
    args: { input: t.arg({ type: PutSyncMappingInput, required: true, description: 'The mapping.' }) },
    resolve: async (_root, { input }, context, info) => {
      const { sync, caller } = context;
      const mapping = readText(input.text, 'input.text');
      const names = input.connector == null ? undefined : await namesAt(context, input.connector, mapping);
      return recorded(context, info, subjectOf(mapping.outline.name), async () => {
        const stored = await sync.mappings.put({
          text: input.text,
          ifVersion: input.ifVersion,
          actor: caller.principal.actor,
          byAdmin: caller.principal.holdsEverywhere('admin'),
          names,
        });
        const result = { mapping: { ...stored.mapping, warnings: shownProblems(stored.warnings) } };
        return { result, changes: stored.isNew ? changesOf(stored.before, stored.mapping) : [] };
      });
    },
  }),
  deleteSyncMapping: t.field({
    type: SyncMappingPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description:
      'Deletes a mapping with its links, so that a later mapping of that name starts without them. Fails with MAPPING_IN_USE while a schedule, a plan that can still be applied, or a run uses it. Plans keep the version that they were made with. Nothing changes in Webex.',
    args: { input: t.arg({ type: DeleteSyncMappingInput, required: true, description: 'Which one.' }) },
    resolve: (_root, { input: { name } }, context, info) =>
      recorded(context, info, subjectOf(name), async () => {
        const mapping = await context.sync.mappings.delete(name);
        return { result: { mapping }, changes: changesOf(mapping, null) };
      }),
  }),
}));

async function namesAt(context: Context, given: string, mapping: ReturnType<typeof readText>) {
  const connector = await chooseConnector(context, given, 'input.connector');
  context.caller.principal.assertMay('read', connector);
  return namesOf(mapping, await context.webex(connector));
}

function failed(failure: Failure): PayloadShape {
  return { failure };
}

/** The audit trail has no kind of target for mappings: they are configuration, as connectors are. */
function subjectOf(name: string) {
  return { connector: null, target: { type: 'Connector', id: null, name } } as const;
}

function changesOf(before: SyncMappingRow | null, after: SyncMappingRow | null) {
  const digest = (row: SyncMappingRow | null) => row?.digest.toString('hex') ?? null;
  return [
    { field: 'version', before: before?.version ?? null, after: after?.version ?? null },
    { field: 'digest', before: digest(before), after: digest(after) },
  ];
}
