import { Forbidden } from '../../errors/access.ts';
import type { AuditEvent } from '../../provisioning/changes/audit-trail.ts';
import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import { ObjectKindEnum } from '../base/object-kinds.ts';
import { FieldChangeRef } from '../changes/field-changes.ts';
import { targetIdOf, targetKindOf, targetWebexIdOf } from './shown-event.ts';

export const AuditOutcomeEnum = builder.enumType('AuditOutcome', {
  description: 'The outcome of a change, as the audit trail records it.',
  values: {
    PENDING: {
      description:
        'The outcome is not known yet. The change is in progress, or the gateway stopped before it ended.',
    },
    APPLIED: { description: 'The change was made as requested.' },
    PARTIALLY_APPLIED: { description: 'Only a part of the change was made. See changes.' },
    NOT_APPLIED: { description: 'The change was not made. See errorCode.' },
    UNKNOWN: {
      description: 'The change was sent, and the gateway could not find out whether Webex applied it.',
    },
    NOTHING_CHANGED: { description: 'No change was necessary. Nothing was sent to Webex.' },
    UNDONE: {
      description:
        'A change that the gateway had reported as applied is not there any more. Usually Webex applied an earlier change late, or someone reverted it outside the gateway. In changes, before is what was applied and after is what was found. The actor is gateway; operation, requestId and idempotencyKey are those of the change that was undone.',
    },
    DRY_RUN: { description: 'A dry run. Nothing was sent to Webex.' },
  } as const,
});

/** An event of the audit trail. */
export const AuditEventRef = builder.objectRef<AuditEvent>('AuditEvent');

builder.node(AuditEventRef, {
  description:
    'A requested change. Changes of users and groups are recorded before anything is sent to Webex, and completed afterwards. Changes of connectors and API keys are recorded when they are made. Refused changes are recorded with the reason. If more than ten items of a list are refused before anything is sent, the others are counted: one event for each errorCode and connector, without a target, whose changes have a field refused with the number. Two kinds of request are not recorded, only logged: those that name something that the caller cannot see, and those of callers who do not have the scope for any connector. Reading an event by its id needs the scope admin.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    requestedAt: t.expose('requestedAt', {
      type: 'DateTime',
      description: 'When the change was requested.',
    }),
    completedAt: t.expose('completedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the outcome was known. Null if the outcome is PENDING.',
    }),
    actor: t.exposeString('actor', {
      description:
        'Who requested the change: api-key:NAME, oidc:SUBJECT, anonymous if access control is off, browser if someone returned from Webex’s page to approve a connection, or gateway.',
    }),
    operation: t.exposeString('operation', {
      description: 'The mutation. Example: updateUser. More may be added.',
    }),
    dryRun: t.exposeBoolean('dryRun', { description: 'Whether it was a dry run.' }),
    outcome: t.expose('outcome', { type: AuditOutcomeEnum, description: 'The outcome of the change.' }),
    errorCode: t.exposeString('errorCode', {
      nullable: true,
      description:
        'The code of the error. Null if there was none. Events of older versions may hold codes that are not used any more.',
    }),
    connectorName: t.exposeString('connectorName', {
      nullable: true,
      description:
        'The name of the connector at that time. Null for a connector that was not created, and for an API key for all or several connectors.',
    }),
    targetKind: t.field({
      type: ObjectKindEnum,
      description: 'What kind of object was to be changed.',
      resolve: targetKindOf,
    }),
    targetId: t.id({
      nullable: true,
      description: 'The id of the object, for node(id). Null if the object was not created.',
      resolve: targetIdOf,
    }),
    targetWebexId: t.string({
      nullable: true,
      description: 'Webex’s own id of the user or group. Null for other objects, and if it was not created.',
      resolve: targetWebexIdOf,
    }),
    targetName: t.exposeString('targetName', {
      nullable: true,
      description:
        'The email address of the user, or the name of the object, at that time. Null if it is not known.',
    }),
    changes: t.field({
      type: [FieldChangeRef],
      description:
        'The changed fields, before and after. Secrets are never included: a client secret is shown as set, a proxy without user name and password, certificates by their fingerprints.',
      resolve: ({ changes }) => [...changes],
    }),
    trackingIds: t.stringList({
      description: 'Webex’s ids of the requests that were sent. Cisco’s support asks for them.',
      resolve: ({ trackingIds }) => [...trackingIds],
    }),
    idempotencyKey: t.exposeString('idempotencyKey', {
      nullable: true,
      description: 'The Idempotency-Key of the request. Null if it had none.',
    }),
    requestId: t.exposeString('requestId', {
      description: 'The id of the request to the gateway, as in the log and in the header X-Request-Id.',
    }),
  }),
});

/**
 * The event with this id, as the caller sees it; null if it does not exist or is hidden from them.
 * Throws Forbidden for a caller without the scope admin, StoreUnavailable.
 */
export async function auditEventById(id: string, context: Context): Promise<AuditEvent | null> {
  if (!context.caller.principal.holds('admin')) throw new Forbidden('admin');
  const event = await context.provisioning.audit.get(id);
  const connectorIds = await administeredConnectors(context);
  if (event === null || connectorIds === undefined) return event;
  return event.connectorId !== null && connectorIds.includes(event.connectorId) ? event : null;
}

/** Ids of the connectors whose events the caller may see. Undefined: all events, including those of deleted connectors. */
export async function administeredConnectors({ caller, connectors }: Context): Promise<string[] | undefined> {
  if (caller.principal.holdsEverywhere('admin')) return undefined;
  const visible = await connectors.list();
  return visible.filter((each) => caller.principal.may('admin', each)).map(({ id }) => id);
}
