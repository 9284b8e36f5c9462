import { DEFAULT_PAGE, type Page, type PageItem } from '../../datasources/rest/paging.ts';
import type { WebexDatasource } from '../../datasources/webex/datasource.ts';
import { Person } from '../../datasources/webex/people/person.ts';
import type { PersonParts } from '../../datasources/webex/records.ts';
import { builder } from './builder.ts';
import { GroupRef, UserRef } from './refs.ts';

/** The arguments of every list that can grow. */
export const pageArguments = builder.args((t) => ({
  first: t.int({
    required: false,
    defaultValue: DEFAULT_PAGE,
    description: 'Maximum number of items, 1 to 1000. Null means the default.',
  }),
  after: t.string({
    required: false,
    description:
      'Return the items after this cursor: endCursor of the previous page. Default: the first page.',
  }),
}));

/** The same for every list. */
const edge = { description: 'An item of a page, with its cursor.' };

const totalCount = {
  nullable: true,
  description: 'Number of items in the whole list. Null if Webex does not say.',
} as const;

export const ConnectorUsers = builder.connectionObject(
  {
    type: UserRef,
    name: 'ConnectorUsersConnection',
    description: 'A page of the users of an organization.',
  },
  edge,
);

export const ConnectorGroups = builder.connectionObject(
  {
    type: GroupRef,
    name: 'ConnectorGroupsConnection',
    description: 'A page of the groups of an organization, by name.',
    fields: (t) => ({ totalCount: t.int({ ...totalCount, resolve: total }) }),
  },
  edge,
);

export const GroupMembers = builder.connectionObject(
  {
    type: UserRef,
    name: 'GroupMembersConnection',
    description:
      'A page of the members of a group. Users who are deleted are left out, unless only ids are selected: the users are not read then.',
    fields: (t) => ({ totalCount: t.int({ ...totalCount, resolve: total }) }),
  },
  edge,
);

export const LicenseUsers = builder.connectionObject(
  {
    type: UserRef,
    name: 'LicenseUsersConnection',
    description:
      'A page of the users who have a license. Guests from other organizations use seats too, but cannot be read and are left out, so a page can be shorter than requested.',
  },
  edge,
);

export const RoleUsers = builder.connectionObject(
  {
    type: UserRef,
    name: 'RoleUsersConnection',
    description: 'A page of the users who have an administrator role.',
  },
  edge,
);

/** A page as Relay wants it, each record turned into a node; what has no node is left out. */
export function toConnection<Record, Node>(page: Page<Record>, toNode: (record: Record) => Node | null) {
  const edges = page.items.flatMap((item) => {
    const node = toNode(item.record);
    return node === null ? [] : [new Edge(item, node)];
  });
  return {
    edges,
    total: page.total,
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: false,
      get startCursor() {
        return edges[0]?.cursor ?? null;
      },
      get endCursor() {
        return page.last?.cursor ?? null;
      },
    },
  };
}

/** A node and its cursor, which is not made before it is asked for. */
class Edge<Node> {
  readonly node: Node;
  readonly #item: PageItem<unknown>;

  constructor(item: PageItem<unknown>, node: Node) {
    this.#item = item;
    this.node = node;
  }

  get cursor(): string {
    return this.#item.cursor;
  }
}

/**
 * A page of references to people, as a page of users. Where more than their ids is needed they are read, and
 * users who are deleted are left out.
 */
export async function toUserConnection<Reference extends { readonly id: string }>(
  webex: WebexDatasource,
  page: Page<Reference>,
  needs: PersonParts,
) {
  if (!needs.basic) return toConnection(page, ({ id }) => ({ webex, person: Person.reference(id) }));
  const people = await webex.people.loadMany(
    page.items.map(({ record }) => record.id),
    needs,
  );
  return toConnection(page, ({ id }) => {
    const person = people.get(id);
    return person === undefined ? null : { webex, person };
  });
}

function total(connection: object): number | null {
  return 'total' in connection && typeof connection.total === 'number' ? connection.total : null;
}
