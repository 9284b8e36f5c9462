import {
  type LicenseAssignment,
  type LicensesInput,
  readLicenses,
} from '../../provisioning/users/licenses.ts';
import { builder } from '../base/builder.ts';
import { InputReading, readEach } from './input-reading.ts';
import { readReference, readReferences } from './references.ts';

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

/** Licenses and attendee sites as a caller gives them. */
interface GivenLicenses {
  readonly add?: readonly (typeof LicenseAssignmentInput.$inferInput)[] | null | undefined;
  readonly remove?: readonly string[] | null | undefined;
  readonly addAttendeeSites?: readonly string[] | null | undefined;
  readonly removeAttendeeSites?: readonly string[] | null | undefined;
}

/** No change of licenses. */
export const NO_LICENSES: LicensesInput = { add: [], remove: [], addSites: [], removeSites: [] };

/**
 * Licenses and sites to add and to remove, with ids told apart from names.
 * Throws InvalidInput with every value that is not valid if a reference is not, NotFound for a license of another connector.
 */
export function readLicenseChanges(input: GivenLicenses, connectorId: string, at: string): LicensesInput {
  const { add, remove } = input;
  const sites = { addSites: input.addAttendeeSites ?? [], removeSites: input.removeAttendeeSites ?? [] };
  const reading = new InputReading();
  const licenses = {
    ...sites,
    add: reading.of(() => readAssignments(add, connectorId, `${at}.add`)) ?? [],
    remove: reading.of(() => readReferences(remove, 'License', connectorId, `${at}.remove`)) ?? [],
  };
  if (!reading.isClean) {
    // The other values are checked when the change is made, which it is not now.
    const named = (add ?? []).map((each) => ({ ...each, license: { name: each.license } }));
    reading.of(() => readLicenses({ ...sites, add: named, remove: [] }, at));
  }
  reading.throwAny();
  return licenses;
}

function readAssignments(add: GivenLicenses['add'], connectorId: string, at: string): LicenseAssignment[] {
  return readEach(add, (assignment, index) => ({
    ...assignment,
    license: readReference(assignment.license, 'License', connectorId, `${at}[${index}].license`),
  }));
}
