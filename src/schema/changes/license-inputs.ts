import type { LicenseAssignment } from '../../provisioning/users/licenses.ts';
import { builder } from '../base/builder.ts';
import { readReference } from './references.ts';

export const LicenseAssignmentInput = builder.inputType('LicenseAssignmentInput', {
  description: 'A license to assign to a user.',
  fields: (t) => ({
    license: t.id({ required: true, description: 'The license, by id, Webex id or unique name.' }),
    location: t.id({
      required: false,
      description:
        'Calling location, by Webex id. Only for a calling license, and required with an extension alone. Default: the location of the phone number.',
    }),
    phoneNumber: t.string({
      required: false,
      description:
        'Phone number with country code. Only for a calling license, which needs a phone number or an extension.',
    }),
    extension: t.string({
      required: false,
      description: 'Extension of 2 to 10 digits. Only for a calling license.',
    }),
  }),
});

/** Licenses to assign, each with its calling data. Throws InvalidInput, and NotFound for a license of another connector. */
export function readAssignments(
  assignments: readonly (typeof LicenseAssignmentInput.$inferInput)[] | null | undefined,
  connectorId: string,
  at: string,
): LicenseAssignment[] {
  return (assignments ?? []).map((assignment, index) => ({
    ...assignment,
    license: readReference(assignment.license, 'License', connectorId, `${at}[${index}].license`),
  }));
}
