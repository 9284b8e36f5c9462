import type { Group } from '../../datasources/webex/records.ts';
import { builder } from '../base/builder.ts';
import { localId } from '../base/global-ids.ts';
import { GroupMembers, pageArguments, toUserConnection } from '../base/pages.ts';
import { GroupRef, type GroupShape } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';
import { neededPersonParts } from '../execution/selection.ts';

const ofDetails = { reads: { groupDetails: true } } as const;

/** The whole group; read, in a batch, where only its name is known. Null when it is gone meanwhile. */
async function whole({ webex, group }: GroupShape): Promise<Group | null> {
  return 'memberCount' in group ? group : webex.groups.load(group.id, false);
}

builder.node(GroupRef, {
  description: 'A named set of users, to whom licenses and settings can be given together.',
  id: { resolve: ({ webex, group }) => localId(webex.connectorId, group.id) },
  fields: (t) => ({
    webexId: t.string({
      description: 'The id Webex itself uses, as in its REST API.',
      resolve: ({ group }) => group.id,
    }),
    displayName: t.string({
      nullable: true,
      description: 'Name of the group. Null if Webex does not say.',
      resolve: ({ group }) => group.displayName,
    }),
    description: t.string({
      ...ofDetails,
      nullable: true,
      description: 'What the group is for.',
      resolve: async (shape) => (await whole(shape))?.description,
    }),
    memberCount: t.int({
      ...ofDetails,
      nullable: true,
      description: 'Number of members. Null if Webex does not say, 0 if the group was deleted meanwhile.',
      resolve: async (shape) => {
        const group = await whole(shape);
        return group === null ? 0 : group.memberCount;
      },
    }),
    members: t.field({
      complexity: costs.members,
      reads: { groupMembers: true },
      type: GroupMembers,
      description: 'The users in the group.',
      args: pageArguments,
      resolve: async (shape, page, _context, info) => {
        const { webex } = shape;
        const group = await whole(shape);
        const members = await webex.listMembers(group ?? { ...shape.group, ...GONE }, page);
        return toUserConnection(webex, members, neededPersonParts(info));
      },
    }),
    created: t.field({
      ...ofDetails,
      type: 'DateTime',
      nullable: true,
      description: 'When the group was made.',
      resolve: async (shape) => (await whole(shape))?.created,
    }),
    lastModified: t.field({
      ...ofDetails,
      type: 'DateTime',
      nullable: true,
      description: 'When the group last changed.',
      resolve: async (shape) => (await whole(shape))?.lastModified,
    }),
  }),
});

/** A group that was deleted since its name was read. */
const GONE = {
  description: undefined,
  memberCount: 0,
  created: undefined,
  lastModified: undefined,
  members: [],
};
