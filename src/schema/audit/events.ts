import { encodeGlobalID } from '@pothos/plugin-relay';
import { InvalidInput } from '../../errors/request.ts';
import { type AuditEvent, type AuditFilter, cursorOf } from '../../provisioning/changes/audit-trail.ts';
import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import { localId, parseGlobalId, readConnectorId } from '../base/global-ids.ts';
import { readMoment } from '../base/moments.ts';
import { pageArguments } from '../base/pages.ts';
import { FieldChangeRef } from '../changes/outcomes.ts';

const AuditOutcomeEnum = builder.enumType('AuditOutcome', {
  description: 'What came of a change.',
  values: {
    PENDING: {
      description: 'It was begun, and its end is not known: it is under way, or the gateway died over it.',
    },
    APPLIED: { description: 'It was made, as asked for.' },
    PARTIALLY_APPLIED: { description: 'A part of it was made.' },
    NOT_APPLIED: { description: 'It was not made; errorCode says why.' },
    UNKNOWN: { description: 'It was sent, and the gateway could not find out whether Webex applied it.' },
    NOTHING_CHANGED: { description: 'Everything was so already; nothing was sent.' },
    UNDONE: {
      description:
        'The gateway found that a change it had acknowledged no longer holds. Usually Webex applied an earlier change late; somebody may also have set it back outside the gateway. changes says what was acknowledged (before) and what is there now (after); the actor is gateway, and operation, requestId and idempotencyKey are those of the change that is undone.',
    },
    DRY_RUN: { description: 'It was worked out only; nothing was sent.' },
  } as const,
});

const AuditTargetType = builder.enumType('AuditTargetType', {
  description: 'What kind of object a change is about.',
  values: {
    USER: { value: 'User', description: 'A user of the organization.' },
    GROUP: { value: 'Group', description: 'A group of the organization.' },
    CONNECTOR: { value: 'Connector', description: 'A connector: its settings or its connection.' },
    API_KEY: { value: 'ApiKey', description: 'An API key.' },
  } as const,
});

const AuditEventRef = builder.objectRef<AuditEvent>('AuditEvent').implement({
  description:
    'A change that somebody asked for. Of a user or group it is written down before anything is sent to Webex, and completed afterwards; of a connector or an API key once it is made. What is refused is written down with the reason; where a list has more than ten items that are refused before anything is sent, the others are counted: one event for each errorCode and connector, without a target, with the number in the field refused of changes. Only a request leaves none that names something which is not there for the caller, or whose caller lacks the scope for every connector: see the request log.',
  fields: (t) => ({
    eventId: t.exposeID('id', { description: 'Names this event.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was begun.' }),
    completedAt: t.expose('completedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its outcome was known. Null while it is not.',
    }),
    actor: t.exposeString('actor', {
      description:
        'Who asked: api-key:NAME, oidc:SUBJECT, anonymous where access control is off, or browser for whoever came back from the page of Webex where connections are approved.',
    }),
    operation: t.exposeString('operation', { description: 'The mutation, as in updateUser.' }),
    dryRun: t.exposeBoolean('dryRun', { description: 'Whether nothing was to be sent.' }),
    connectorName: t.exposeString('connectorName', {
      nullable: true,
      description:
        'The connector as it was called then; it may be gone by now. Null for a connector that never came to be, and for an API key of all connectors or of several.',
    }),
    targetType: t.expose('targetType', { type: AuditTargetType, description: 'What kind of object.' }),
    targetId: t.id({
      nullable: true,
      description:
        'The id of the user, group or connector, for node(id), or of the API key. Null where it never came to be.',
      resolve: idOfTarget,
    }),
    targetWebexId: t.string({
      nullable: true,
      description: 'The id Webex itself uses for it. Null where it never came to be, or is nothing of Webex.',
      resolve: ({ targetType, targetId }) => (isOfWebex(targetType) ? targetId : null),
    }),
    targetName: t.exposeString('targetName', {
      nullable: true,
      description: 'The e-mail address of the user, or the name, as it was then.',
    }),
    changes: t.field({
      type: [FieldChangeRef],
      description:
        'Field by field, how it was and how it was asked to be. A client secret is told as set, a proxy without its user name and password, certificates by their fingerprints.',
      resolve: ({ changes }) => [...changes],
    }),
    outcome: t.expose('outcome', { type: AuditOutcomeEnum, description: 'What came of it.' }),
    errorCode: t.exposeString('errorCode', {
      nullable: true,
      description: 'The code of the error that was answered. Null where there was none.',
    }),
    trackingIds: t.stringList({
      description: 'Webex’s ids of the requests that were sent. Cisco’s support asks for them.',
      resolve: ({ trackingIds }) => [...trackingIds],
    }),
    idempotencyKey: t.exposeString('idempotencyKey', {
      nullable: true,
      description: 'The Idempotency-Key that came with the request. Null where there was none.',
    }),
    requestId: t.exposeString('requestId', {
      description: 'The id of the request to the gateway, as in its log and in the header X-Request-Id.',
    }),
  }),
});

const AuditEventFilter = builder.inputType('AuditEventFilter', {
  description: 'Which events. Several conditions have to be met together.',
  fields: (t) => ({
    connectorId: t.id({ required: false, description: 'Changes through this connector.' }),
    target: t.id({
      required: false,
      description:
        'Changes of this user, group, connector or API key: its id, the id Webex itself uses, or its address or name.',
    }),
    actor: t.string({ required: false, description: 'What this caller asked for.' }),
    operation: t.string({ required: false, description: 'This mutation, as in updateUser.' }),
    outcomes: t.field({ type: [AuditOutcomeEnum], required: false, description: 'What came of them.' }),
    idempotencyKey: t.string({ required: false, description: 'What came with this Idempotency-Key.' }),
    from: t.field({ type: 'DateTime', required: false, description: 'Begun at this moment or later.' }),
    to: t.field({ type: 'DateTime', required: false, description: 'Begun before this moment.' }),
  }),
});

const AuditEvents = builder.connectionObject(
  {
    type: AuditEventRef,
    name: 'QueryAuditEventsConnection',
    description: 'A page of the audit trail, the newest events first.',
  },
  { description: 'An event, and where it stands in the trail.' },
);

const MOST_EVENTS = 1_000;

builder.queryField('auditEvents', (t) =>
  t.field({
    type: AuditEvents,
    description:
      'Changes that were asked for, the newest first: those of the connectors that the caller administers, and those that are about no single connector for whoever administers all. All of them as JSON lines: GET /audit/events.',
    args: {
      ...pageArguments,
      filter: t.arg({ type: AuditEventFilter, required: false, description: 'Which; all unless told.' }),
    },
    resolve: async (_root, { first, after, filter }, context) => {
      const most = first ?? 100;
      if (most < 1 || most > MOST_EVENTS)
        throw new InvalidInput('first', `must be 1 to ${MOST_EVENTS}, not ${most}.`);
      const { audit } = context.provisioning;
      const wanted = { ...readFilter(filter ?? {}), connectorIds: await administered(context) };
      const { events, hasNextPage } = await audit.page(wanted, most, after ?? undefined);
      const edges = events.map((node) => ({ node, cursor: cursorOf(node) }));
      return {
        edges,
        pageInfo: {
          hasNextPage,
          hasPreviousPage: false,
          startCursor: edges[0]?.cursor ?? null,
          endCursor: edges.at(-1)?.cursor ?? null,
        },
      };
    },
  }),
);

/** The connectors whose trail the caller may see; undefined for all, deleted ones included. */
async function administered({ caller, connectors }: Context): Promise<string[] | undefined> {
  if (caller.principal.holdsEverywhere('admin')) return undefined;
  const visible = await connectors.list();
  return visible.filter((each) => caller.principal.may('admin', each)).map(({ id }) => id);
}

function readFilter(filter: typeof AuditEventFilter.$inferInput): AuditFilter {
  const { connectorId, target, actor, operation, outcomes, idempotencyKey, from, to } = filter;
  return {
    connectorId: connectorId == null ? undefined : readConnectorId(connectorId, 'filter.connectorId'),
    ...(target == null ? {} : readTargetFilter(target)),
    actor: actor ?? undefined,
    operation: operation ?? undefined,
    outcomes: outcomes ?? undefined,
    idempotencyKey: idempotencyKey ?? undefined,
    from: readMoment('filter.from', from) ?? undefined,
    to: readMoment('filter.to', to) ?? undefined,
  };
}

/** By a global id, which names the connector too, or by what stands in the trail. */
function readTargetFilter(target: string): Pick<AuditFilter, 'target'> {
  const id = parseGlobalId(target);
  if (id?.type === 'Connector') return { target: id.connectorId };
  return { target: id !== undefined && id.webexId !== '' ? id.webexId : target };
}

function isOfWebex(type: AuditEvent['targetType']): type is 'User' | 'Group' {
  return type === 'User' || type === 'Group';
}

function idOfTarget({ targetType, targetId, connectorId }: AuditEvent): string | null {
  if (targetId === null || targetType === 'ApiKey') return targetId;
  return encodeGlobalID(targetType, isOfWebex(targetType) ? localId(connectorId ?? '', targetId) : targetId);
}
