import type { GraphQLResolveInfo } from 'graphql';
import type { WebexDatasource } from '../datasources/webex/datasource.ts';
import { InvalidInput, NotFound, NotOurIds } from '../errors/request.ts';
import { auditEventById } from './audit/event.ts';
import { builder } from './base/builder.ts';
import type { Context } from './base/context.ts';
import {
  type GlobalId,
  isOwnId,
  isWebexId,
  MOST_IDS,
  parseGlobalId,
  type WebexType,
} from './base/global-ids.ts';
import { apiKeyById } from './callers/api-key.ts';
import { costs } from './cost/costs.ts';
import { openSelected } from './execution/open-selected.ts';
import { narrowTo, neededOfGroups, neededPersonParts, type Selected } from './execution/selection.ts';
import { syncFileById } from './sync/file.ts';
import { scheduleById } from './sync/schedule.ts';
import { itemById, planById, runById } from './sync/visible.ts';

builder.queryFields((t) => ({
  node: t.field({
    complexity: costs.node,
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: 'An object, by its global id. Null if it does not exist.',
    args: {
      id: t.arg.id({ required: true, description: 'Id of the object. Webex ids are not accepted here.' }),
    },
    resolve: (_root, { id }, context, info) => {
      const node = readNodeId(id);
      if (node === undefined) throw new NotOurIds(['id']);
      return loadNode(node, context, info);
    },
  }),
  nodes: t.field({
    complexity: costs.nodes,
    type: [builder.nodeInterfaceRef()],
    fallible: true,
    nullable: { list: false, items: true },
    description:
      'Objects by their global ids, in the order of the ids. An item is null if the object does not exist. If some are not global ids, their items are null, and one error lists them in its fields.',
    args: {
      ids: t.arg.idList({
        required: true,
        description: 'Ids of the objects, at most 1000. Webex ids are not accepted here.',
      }),
    },
    resolve: (_root, { ids }, context, info) => {
      if (ids.length > MOST_IDS)
        throw new InvalidInput('ids', `must be ${MOST_IDS} at most, not ${ids.length}.`);
      const nodes = ids.map(readNodeId);
      const wrong = [...nodes.keys()].filter((index) => nodes[index] === undefined);
      return nodes.map((node, index) => {
        if (node !== undefined) return loadNode(node, context, info);
        // One error tells of all wrong ids: a thousand would say nothing more.
        if (index === wrong[0]) return Promise.reject(new NotOurIds(wrong.map((each) => `ids[${each}]`)));
        return null;
      });
    },
  }),
}));

/** An id of this gateway, with what loads such objects. */
interface NodeId {
  readonly id: GlobalId;
  readonly load: LoadNode;
}

/** Undefined for a text that is no id of this gateway. */
function readNodeId(text: string): NodeId | undefined {
  const id = parseGlobalId(text);
  const load = id === undefined ? undefined : LOADERS.get(id.type);
  return id === undefined || load === undefined ? undefined : { id, load };
}

async function loadNode(
  { id, load }: NodeId,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<object | null> {
  try {
    const node = await load(id, context, narrowTo(info, id.type));
    return node === null ? null : { ...node, __typename: id.type };
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}

/** @param selected what is selected of an object of the id's own type */
type LoadNode = (id: GlobalId, context: Context, selected: Selected) => Promise<object | null>;

const LOADERS = new Map<string, LoadNode>(
  Object.entries({
    Connector: ({ connectorId }, context) => context.connector(connectorId),
    ApiKey: ({ connectorId: id }, context) => apiKeyById(id, context),
    AuditEvent: ({ connectorId: id }, context) => auditEventById(id, context),
    SyncFile: async ({ connectorId: id }, context) => (isOwnId(id) ? syncFileById(id, context) : null),
    SyncPlan: ({ connectorId: id }, context) => planById(id, context.within('read')),
    SyncItem: (id, context) => itemById(id, context.within('read')),
    SyncSchedule: ({ connectorId: id }, context) => scheduleById(id, context.within('read')),
    SyncRun: ({ connectorId: id }, context) => runById(id, context.within('read')),
    User: byWebexId('User', async (id, webex, selected) => {
      const person = await webex.people.load(id, neededPersonParts(selected));
      return person === null ? null : { webex, person };
    }),
    Group: byWebexId('Group', async (id, webex, selected) => {
      const group = await webex.groups.load(id, neededOfGroups(selected).members);
      return group === null ? null : { webex, group };
    }),
    License: byWebexId('License', async (id, webex) => {
      const [license] = await webex.licenses.some([id]);
      return license === undefined ? null : { webex, license };
    }),
    Role: byWebexId('Role', async (id, webex) => {
      const [role] = await webex.roles.some([id]);
      return role === undefined ? null : { webex, role };
    }),
    Organization: async (id, context, selected) => {
      const webex = await open(id, context, selected);
      const organization = await webex.organization();
      return organization.id === id.webexId ? { webex, organization } : null;
    },
  } satisfies Readonly<Record<string, LoadNode>>),
);

/** Null, without asking Webex, for what cannot be the id of such an object. */
function byWebexId(
  type: WebexType,
  load: (webexId: string, webex: WebexDatasource, selected: Selected) => Promise<object | null>,
): LoadNode {
  return async (id, context, selected) =>
    isWebexId(id.webexId, type) ? load(id.webexId, await open(id, context, selected), selected) : null;
}

/** The organization the object is of. */
async function open(id: GlobalId, context: Context, selected: Selected): Promise<WebexDatasource> {
  const connector = await context.within('read').connector(id.connectorId);
  return openSelected(connector, context, selected);
}
