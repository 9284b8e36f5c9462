import type { AuditEvent } from '../../provisioning/changes/audit-trail.ts';
import { globalIdOf, webexGlobalId } from '../base/global-ids.ts';
import type { ObjectKind } from '../base/object-kinds.ts';
import { shownName } from '../changes/field-changes.ts';

const KINDS = {
  User: 'USER',
  Group: 'GROUP',
  Connector: 'CONNECTOR',
  ApiKey: 'API_KEY',
} as const satisfies Readonly<Record<AuditEvent['targetType'], ObjectKind>>;

/** What the change is about, as clients see it. */
export function targetKindOf({ targetType }: AuditEvent): ObjectKind {
  return KINDS[targetType];
}

/** The global id of what the change is about. Null if it does not exist yet, or never came to be. */
export function targetIdOf({ targetType, targetId, connectorId }: AuditEvent): string | null {
  if (targetId === null) return null;
  return isOfWebex(targetType)
    ? webexGlobalId(targetType, connectorId ?? '', targetId)
    : globalIdOf(targetType, targetId);
}

/** Webex's own id of what the change is about. Null if Webex has no id for it. */
export function targetWebexIdOf({ targetType, targetId }: AuditEvent): string | null {
  return isOfWebex(targetType) ? targetId : null;
}

/** An event as a JSON object, with the names and ids that the API gives it. */
export function shownEvent(event: AuditEvent) {
  const { requestedAt, completedAt, actor, operation, dryRun, outcome, errorCode } = event;
  const { connectorId, connectorName, targetName, changes, trackingIds, idempotencyKey, requestId } = event;
  return {
    id: globalIdOf('AuditEvent', event.id),
    ...{ requestedAt, completedAt, actor, operation, dryRun, outcome, errorCode },
    connectorId: connectorId === null ? null : globalIdOf('Connector', connectorId),
    connectorName,
    targetKind: targetKindOf(event),
    targetId: targetIdOf(event),
    targetWebexId: targetWebexIdOf(event),
    targetName,
    changes: changes.map((change) => ({
      field: shownName(change),
      before: change.before,
      after: change.after,
      beforeText: change.beforeText ?? null,
      afterText: change.afterText ?? null,
    })),
    ...{ trackingIds, idempotencyKey, requestId },
  };
}

function isOfWebex(type: AuditEvent['targetType']): type is 'User' | 'Group' {
  return type === 'User' || type === 'Group';
}
