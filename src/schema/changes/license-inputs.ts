import type { Reference } from '../../provisioning/changes/references.ts';
import type { LicenseAssignment } from '../../provisioning/users/licenses.ts';
import { builder } from '../base/builder.ts';
import { readReference } from './run.ts';

export const LicenseAssignmentInput = builder.inputType('LicenseAssignmentInput', {
  description: 'A license to give to a user.',
  fields: (t) => ({
    license: t.id({
      required: true,
      description: 'The license: its id, the id Webex itself uses, or its name where that is unique.',
    }),
    locationId: t.string({
      required: false,
      description: 'With a calling license: Webex’s id of the location. Not needed with a phoneNumber.',
    }),
    phoneNumber: t.string({ required: false, description: 'With a calling license: the number.' }),
    extension: t.string({ required: false, description: 'With a calling license: the extension.' }),
  }),
});

/** Licenses to give, each with what it takes. Throws InvalidInput. */
export function readAssignments(
  assignments:
    | readonly (Omit<LicenseAssignment, 'license'> & { readonly license: string })[]
    | null
    | undefined,
  connectorId: string,
  at: string,
): LicenseAssignment[] {
  return (assignments ?? []).map((assignment, index) => ({
    ...assignment,
    license: readReference(assignment.license, 'License', connectorId, `${at}[${index}].license`),
  }));
}

/** Licenses or roles by id or name. Throws InvalidInput for the id of something else. */
export function readReferences(
  texts: readonly string[] | null | undefined,
  type: 'License' | 'Role',
  connectorId: string,
  at: string,
): Reference[] {
  return (texts ?? []).map((text, index) => readReference(text, type, connectorId, `${at}[${index}]`));
}
