import { seatsLeft } from '../../datasources/webex/catalogues/licenses.ts';
import type { FieldChange, SeatNeed } from '../../provisioning/changes/outcome.ts';
import { builder } from '../base/builder.ts';
import { LicenseRef, type LicenseShape } from '../base/refs.ts';

/** Names of fields in the record of a change that inputs give another name. */
const SHOWN_AS: Readonly<Record<string, string>> = {
  manager: 'managerName',
  managerId: 'manager',
  locationId: 'location',
};

/** The name of a changed field for clients, as in the input of the mutation. */
export function shownName({ field }: FieldChange): string {
  return SHOWN_AS[field] ?? field;
}

/** The name in the record of a change of a field that clients name. */
export function recordedName(shown: string): string {
  return Object.entries(SHOWN_AS).find(([, name]) => name === shown)?.[0] ?? shown;
}

/** One field of a change; those of the audit trail do not say whether it was applied. */
interface FieldChangeShape extends FieldChange {
  readonly applied?: boolean | null;
}

export const FieldChangeRef = builder.objectRef<FieldChangeShape>('FieldChange').implement({
  description: 'One field of a change, with its value before and after.',
  fields: (t) => ({
    field: t.string({
      description: 'Name of the field, as in the input of the mutation.',
      resolve: shownName,
    }),
    before: t.expose('before', {
      type: 'JSON',
      nullable: true,
      description:
        'The value before the change. Licenses, roles and users are given by Webex’s own ids. Of the field members: who is removed.',
    }),
    after: t.expose('after', {
      type: 'JSON',
      nullable: true,
      description:
        'The requested value. Null if it is cleared, or deleted with its object. Of the field members: who is added.',
    }),
    beforeText: t.string({
      nullable: true,
      description: 'Names for the ids in `before`, as they were at that time. Null if they are not known.',
      resolve: ({ beforeText }) => beforeText,
    }),
    afterText: t.string({
      nullable: true,
      description: 'Names for the ids in `after`, as they were at that time. Null if they are not known.',
      resolve: ({ afterText }) => afterText,
    }),
    applied: t.boolean({
      nullable: true,
      description:
        'Whether Webex shows the field as requested; false if only a part of a list is. Null for a dry run, in the audit trail, and if it is not known.',
      resolve: ({ applied }) => applied,
    }),
  }),
});

/** The seats of a license that a change takes, and the license. */
export interface SeatShape {
  readonly need: SeatNeed;
  readonly license: LicenseShape;
}

export const LicenseSeatsRef = builder.objectRef<SeatShape>('LicenseSeats').implement({
  description: 'The seats of a license that a change takes or frees.',
  fields: (t) => ({
    license: t.field({ type: LicenseRef, description: 'The license.', resolve: ({ license }) => license }),
    needed: t.int({
      description: 'Number of seats that the change takes. Negative if seats become free.',
      resolve: ({ need }) => need.needed,
    }),
    available: t.int({
      nullable: true,
      description:
        'Number of seats that are free before the change. Null if there is no limit, or if it is not known.',
      resolve: ({ need }) => seatsLeft(need.license),
    }),
  }),
});
