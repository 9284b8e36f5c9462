import { LONGEST_MAPPING } from '../../sync/mapping/read-mapping.ts';
import { builder } from '../base/builder.ts';

/** A mapping as requests name it. */
export const SyncMappingRefInput = builder.inputType('SyncMappingRef', {
  description: 'A mapping: a stored one, by name, or its text.',
  fields: (t) => ({
    name: t.string({ required: false, description: 'The name of a stored mapping.' }),
    version: t.int({
      required: false,
      description: 'Version of the stored mapping. Default: the newest.',
    }),
    text: t.string({
      required: false,
      description: `The mapping itself, as YAML or JSON, at most ${LONGEST_MAPPING} characters. It is not stored. Give text or name, not both.`,
      extensions: { longestText: LONGEST_MAPPING },
    }),
  }),
});
