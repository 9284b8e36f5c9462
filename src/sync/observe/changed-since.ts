import type { AuditEventRepository } from '../../store/audit-events.ts';

/** Users and groups that the gateway changed, by id. */
export interface Changed {
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/** Changes that are checked. If there are more, records are not read again. */
const MOST_CHANGES = 100;
/** How long a change may take from its audit event until Webex shows it, in milliseconds. */
const LONGEST_CHANGE_MS = 2 * 60_000;

/**
 * What was changed through the gateway since a moment and shortly before it, by the audit trail.
 * @returns undefined if there are more than 100 changes
 */
export async function changedSince(
  auditEvents: AuditEventRepository,
  connectorId: string,
  since: Date,
): Promise<Changed | undefined> {
  const from = new Date(since.getTime() - LONGEST_CHANGE_MS);
  const outcomes = ['PENDING', 'APPLIED', 'PARTIALLY_APPLIED', 'UNKNOWN', 'UNDONE'] as const;
  const events = await auditEvents.list({ connectorId, from, outcomes }, MOST_CHANGES + 1);
  if (events.length > MOST_CHANGES) return undefined;
  const idsOf = (type: 'User' | 'Group') => {
    const ids = events.map(({ targetType, targetId }) => (targetType === type ? targetId : null));
    return [...new Set(ids.filter((id) => id !== null))];
  };
  return { users: idsOf('User'), groups: idsOf('Group') };
}
