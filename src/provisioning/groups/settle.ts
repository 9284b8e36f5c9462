import type { OpenOrganization } from '../../connectors/organizations.ts';
import type { Group } from '../../datasources/webex/records.ts';
import { NameTaken, NotFound } from '../../errors/request.ts';
import { UpstreamNotFound } from '../../errors/upstream.ts';
import type { Notes } from '../changes/notes.ts';
import type { FieldChange } from '../changes/outcome.ts';
import { replyTo, unseen } from '../changes/reply.ts';
import { judge, partsOf } from '../changes/verdict.ts';
import { hasTakenName } from './creation.ts';
import { type GroupFields, groupStanding } from './fields.ts';

/**
 * Sends a change of a group's name and description and finds out what came of it: the group is read again unless
 * Webex's answer shows all that was asked for.
 * @param differences the same, field by field
 * Throws NameTaken, PartiallyApplied, NotApplied, OutcomeUnknown, NotFound, or Webex's failure if nothing was done.
 */
export async function settleGroup(
  organization: OpenOrganization,
  id: string,
  wanted: GroupFields,
  differences: readonly FieldChange[],
  notes: Notes,
): Promise<Group> {
  const { connector, admin } = organization;
  const reply = await replyTo(() => admin.changeGroup(id, wanted), notes);
  const { answer, failure, call } = reply;
  if (answer !== undefined && groupStanding(answer.group, differences).missing.length === 0)
    return answer.group;
  const after = await admin.readGroup(id).catch(() => undefined);
  if (after === null && failure instanceof UpstreamNotFound) throw new NotFound('group', id);
  if (after == null) throw unseen(connector.id, reply);
  const { missing, hasMoved } = groupStanding(after, differences);
  const asked = differences.map(({ field }) => field);
  const error = judge({
    connectorId: connector.id,
    record: after,
    parts: partsOf(asked, missing),
    moved: hasMoved,
    failure,
    call,
  });
  if (error === undefined) return after;
  const isRefused = failure !== undefined && error === failure;
  if (isRefused && (await hasTakenName(organization, failure, wanted.displayName, id)))
    throw new NameTaken('group', wanted.displayName ?? '', call);
  throw error;
}
