import type { FieldProblem } from '../../errors/request.ts';
import { builder } from '../base/builder.ts';
import { FieldProblemRef } from '../errors/error.ts';
import { SyncMappingRef } from './refs.ts';

/** UTF-16 code units of a mapping's name; longer ones are found to be unknown. */
const LONGEST_NAME = 64;

SyncMappingRef.implement({
  description:
    'A version of a mapping: how records of a source become users, and how far a plan may go. A version never changes.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name, which stands in its text.' }),
    version: t.exposeInt('version', {
      description: 'Number of the version, from 1. 0 for a mapping that came with the request of a plan.',
    }),
    digest: t.string({
      description: 'The SHA-256 of its text, hexadecimal.',
      resolve: ({ digest }) => digest.toString('hex'),
    }),
    text: t.exposeString('text', { description: 'The mapping itself, as YAML or JSON.' }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When the version was stored.',
      resolve: ({ created_at }) => created_at,
    }),
    createdBy: t.string({
      description:
        'Who stored the version, as an actor of the audit trail. `gateway` for a mapping that comes with the gateway.',
      resolve: ({ created_by }) => created_by,
    }),
    warnings: t.field({
      type: [FieldProblemRef],
      description:
        'Names of licenses and roles that the connector of `putSyncMapping` does not have. A plan with such a name fails. Empty except in the answer of that mutation.',
      resolve: ({ warnings = [] }) => [...warnings],
    }),
  }),
});

/** Problems of names, as GraphQL shows them. */
export function shownProblems(
  problems: readonly { readonly field: string; readonly message: string }[],
): FieldProblem[] {
  return problems.map(({ field, message }) => ({ field, message }));
}

builder.queryFields((t) => ({
  syncMapping: t.field({
    type: SyncMappingRef,
    nullable: true,
    fallible: true,
    description: 'A mapping by name. Null if it does not exist.',
    args: {
      name: t.arg.string({ required: true, description: 'The name of the mapping.' }),
      version: t.arg.int({ required: false, description: 'Number of the version. Default: the newest.' }),
    },
    resolve: (_root, { name, version }, { sync }) =>
      name.length > LONGEST_NAME ? null : sync.mappings.get(name, version ?? undefined),
  }),
  syncMappings: t.field({
    type: [SyncMappingRef],
    fallible: true,
    description:
      'The newest version of each mapping, by name. Includes `control-hub-csv`, which comes with the gateway.',
    resolve: (_root, _arguments, { sync }) => sync.mappings.list(),
  }),
}));
