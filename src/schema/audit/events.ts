import { InvalidInput } from '../../errors/request.ts';
import { type AuditFilter, cursorOf } from '../../provisioning/changes/audit-trail.ts';
import { builder } from '../base/builder.ts';
import type { Context } from '../base/context.ts';
import { parseGlobalId } from '../base/global-ids.ts';
import { readMoment } from '../base/moments.ts';
import { pageArguments } from '../base/pages.ts';
import { AuditEventRef, AuditOutcomeEnum, administeredConnectors } from './event.ts';

const AuditEventFilter = builder.inputType('AuditEventFilter', {
  description: 'Which events to list. An event has to match all conditions.',
  fields: (t) => ({
    connector: t.id({
      required: false,
      description: 'Changes through this connector: its id or name. For a deleted connector, its id.',
    }),
    target: t.id({
      required: false,
      description:
        'Changes of this user, group, connector or API key: its id, Webex’s own id, its email address or its name.',
    }),
    actor: t.string({ required: false, description: 'Changes that this actor requested.' }),
    operation: t.string({ required: false, description: 'Changes by this mutation. Example: updateUser.' }),
    outcomes: t.field({
      type: [AuditOutcomeEnum],
      required: false,
      description: 'Changes with one of these outcomes.',
    }),
    idempotencyKey: t.string({ required: false, description: 'Changes with this Idempotency-Key.' }),
    from: t.field({
      type: 'DateTime',
      required: false,
      description: 'Changes requested at this time or later.',
    }),
    to: t.field({ type: 'DateTime', required: false, description: 'Changes requested before this time.' }),
  }),
});

const AuditEvents = builder.connectionObject(
  {
    type: AuditEventRef,
    name: 'QueryAuditEventsConnection',
    description: 'A page of the audit trail, newest events first.',
  },
  { description: 'An event and its position in the audit trail.' },
);

const MOST_EVENTS = 1_000;

builder.queryField('auditEvents', (t) =>
  t.field({
    fallible: true,
    type: AuditEvents,
    description:
      'The audit trail: requested changes, newest first. You see the events of the connectors that you administer. If you administer all connectors, you also see events that belong to no single connector. GET /audit/events exports all events as JSON lines.',
    args: {
      ...pageArguments,
      filter: t.arg({
        type: AuditEventFilter,
        required: false,
        description: 'Which events. Default: all.',
      }),
    },
    resolve: async (_root, { first, after, filter }, context) => {
      const most = first ?? 100;
      if (most < 1 || most > MOST_EVENTS)
        throw new InvalidInput('first', `must be 1 to ${MOST_EVENTS}, not ${most}.`);
      const { audit } = context.provisioning;
      const connectorIds = await administeredConnectors(context);
      const wanted = { ...(await readFilter(filter ?? {}, context)), connectorIds };
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

async function readFilter(
  filter: typeof AuditEventFilter.$inferInput,
  context: Context,
): Promise<AuditFilter> {
  const { connector, target, actor, operation, outcomes, idempotencyKey, from, to } = filter;
  return {
    connectorId: connector == null ? undefined : await readConnector(connector, context),
    target: target == null ? undefined : readTarget(target),
    actor: actor ?? undefined,
    operation: operation ?? undefined,
    outcomes: outcomes ?? undefined,
    idempotencyKey: idempotencyKey ?? undefined,
    from: readMoment('filter.from', from) ?? undefined,
    to: readMoment('filter.to', to) ?? undefined,
  };
}

/** The id of a connector, by its global id, even if it is deleted, or by its name. Throws NotFound, Forbidden. */
async function readConnector(text: string, { connectors }: Context): Promise<string> {
  const id = parseGlobalId(text);
  return id?.type === 'Connector' ? id.connectorId : (await connectors.find(undefined, text)).id;
}

/** What the audit trail records of a target: Webex's id or ours, behind its global id, or else the text itself. */
function readTarget(text: string): string {
  const id = parseGlobalId(text);
  if (id === undefined) return text;
  if (id.type === 'Connector' || id.type === 'ApiKey') return id.connectorId;
  return id.webexId === '' ? text : id.webexId;
}
