import { PartiallyApplied } from '../../errors/changes.ts';
import type { FailedMember } from '../../provisioning/changes/change-report.ts';
import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import { UserRef, type UserShape } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';
import { ErrorRef } from '../errors/error.ts';
import { failureOf } from '../errors/failure.ts';
import { ChangeOutcomeEnum } from './outcomes.ts';
import type { ChangeResult } from './run.ts';

const MemberAction = builder.enumType('MemberAction', {
  description: 'What was to be done with a member.',
  values: {
    ADD: { description: 'Add the user to the group.' },
    REMOVE: { description: 'Remove the user from the group.' },
  } as const,
});

/** A member who could not be added or removed, of the organization of a connector. */
interface MemberShape extends FailedMember {
  readonly connectorId: string;
}

export const MemberOutcomeRef = builder.objectRef<MemberShape>('MemberOutcome').implement({
  description: 'A member who could not be added to a group or removed from it, and why.',
  fields: (t) => ({
    reference: t.id({
      description:
        'The user as given in the input. Webex’s own id if this is the answer to an earlier request.',
      resolve: ({ id, given }) => given ?? id,
    }),
    user: t.field({
      complexity: costs.userById,
      type: UserRef,
      nullable: true,
      description: 'The user. Null if the user does not exist.',
      resolve: readUser,
    }),
    action: t.expose('action', { type: MemberAction, description: 'What was to be done.' }),
    outcome: t.expose('outcome', { type: ChangeOutcomeEnum, description: 'How it ended.' }),
    error: t.field({
      type: ErrorRef,
      nullable: true,
      description: 'Why it was not done.',
      resolve: ({ error, connectorId }, _arguments, context) =>
        failureOf(error, context, { connectorId }) ?? null,
    }),
  }),
});

async function readUser(
  { id, connectorId }: MemberShape,
  _arguments: object,
  context: Context,
): Promise<UserShape | null> {
  const webex = await context.webex(await context.connector(connectorId));
  const person = await webex.people.load(id, { basic: true, admin: false, presence: false, calling: false });
  return person === null ? null : { webex, person };
}

/** The members who could not be added or removed. Those of an earlier request are known by its error. */
export function membersOf({ connectorId, failedMembers, failure }: ChangeResult): MemberShape[] {
  if (failedMembers.length > 0) return failedMembers.map((member) => ({ ...member, connectorId }));
  const { error } = failure ?? {};
  if (!(error instanceof PartiallyApplied)) return [];
  return error.parts.flatMap(({ field, name, isApplied }): MemberShape[] => {
    const [, action, id] = /^(add|remove) (.+)$/.exec(name) ?? [];
    if (field !== 'members' || isApplied || id === undefined) return [];
    return [{ id, error, connectorId, action: action === 'add' ? 'ADD' : 'REMOVE', outcome: 'NOT_APPLIED' }];
  });
}
