import type { Group } from '../../datasources/webex/records.ts';
import { builder } from '../base/builder.ts';
import { GroupMembers, pageArguments, toUserConnection } from '../base/pages.ts';
import { GroupRef, type GroupShape } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';
import { neededPersonParts } from '../execution/selection.ts';
import { CONNECTOR_OPTIONS, idOptions, webexIdOptions } from './common-fields.ts';

const ofDetails = { reads: { groupDetails: true } } as const;

/** The whole group. If only its name is known, it is read in a batch. Null if it was deleted in the meantime. */
async function whole({ webex, group }: GroupShape): Promise<Group | null> {
  return 'memberCount' in group ? group : webex.groups.load(group.id, false);
}

builder.objectType(GroupRef, {
  description: 'A group of users of the organization. Groups can be used to assign licenses and settings.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id(idOptions('Group', ({ group }) => group.id)),
    webexId: t.string(webexIdOptions(({ group }) => group.id)),
    connector: t.field(CONNECTOR_OPTIONS),
    displayName: t.string({
      nullable: true,
      plain: true,
      description: 'The name of the group. Null if Webex does not say.',
      resolve: ({ group }) => group.displayName,
    }),
    description: t.string({
      ...ofDetails,
      nullable: true,
      description: 'The description of the group. Null if it has none.',
      resolve: async (shape) => (await whole(shape))?.description,
    }),
    memberCount: t.int({
      ...ofDetails,
      nullable: true,
      description:
        'Number of members. Null if Webex does not say. 0 if the group was deleted in the meantime.',
      resolve: async (shape) => {
        const group = await whole(shape);
        return group === null ? 0 : group.memberCount;
      },
    }),
    members: t.field({
      complexity: costs.members,
      reads: { groupMembers: true },
      fallible: true,
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
    createdAt: t.field({
      ...ofDetails,
      type: 'DateTime',
      nullable: true,
      description: 'When the group was created. Null if Webex does not say.',
      resolve: async (shape) => (await whole(shape))?.created,
    }),
    lastModifiedAt: t.field({
      ...ofDetails,
      type: 'DateTime',
      nullable: true,
      description: 'When the group was last changed. Null if Webex does not say.',
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
