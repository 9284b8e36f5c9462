import { InvalidCursor } from '../../errors/request.ts';
import { Batches } from '../rest/batches.ts';
import type { CallContext } from '../rest/call-context.ts';
import { ListReader } from '../rest/list-reader.ts';
import type { Page, PageRequest } from '../rest/paging.ts';
import { LARGEST_PAGE } from '../rest/slices.ts';
import type { Catalogues } from './catalogues/catalogues.ts';
import { HOLDERS_PER_REQUEST, listHolders, listLicenses } from './catalogues/licenses.ts';
import { getOrganization } from './catalogues/organizations.ts';
import { CatalogueReader } from './catalogues/reader.ts';
import { listRoles } from './catalogues/roles.ts';
import type { WebexClient } from './client.ts';
import { GroupCatalogueReader } from './groups/catalogue.ts';
import {
  type GroupFilter,
  isIndex,
  listGroups,
  MEMBERS_PER_REQUEST,
  MOST_GROUPS_WITH_MEMBERS,
} from './groups/groups.ts';
import { GroupLoader } from './groups/loader.ts';
import { MembershipLoader } from './groups/membership-loader.ts';
import { membersOf } from './groups/memberships.ts';
import { PersonLoader } from './people/loader.ts';
import { listPeople, mostPeopleAtOnce, type PeopleFilter } from './people/people.ts';
import type { Person } from './people/person.ts';
import { PEOPLE_PER_LOOK_UP } from './people/writes.ts';
import type {
  Group,
  GroupMember,
  License,
  LicenseHolder,
  Organization,
  PersonParts,
  Role,
} from './records.ts';

/** What Webex has granted to a connector. */
export interface GrantedAccess {
  readonly connectorId: string;
  readonly organizationId: string;
  readonly scopes: readonly string[];
  /** Signs the cursors of the connector's lists; a secret that no client knows. */
  readonly cursorKey: string;
}

/** Which catalogues a selection is bound to want. */
export interface WantedCatalogues {
  readonly licenses: boolean;
  readonly roles: boolean;
  /** The groups of users; whole if more than their names is wanted. */
  readonly memberships: boolean;
  readonly wholeGroups: boolean;
}

/**
 * One Webex organization as one GraphQL request sees it: what the request has read once it does not read
 * again, reads of one moment travel together, and all of them end when the request does.
 */
export class WebexDatasource {
  readonly connectorId: string;
  /** Webex's id. */
  readonly organizationId: string;
  readonly people: PersonLoader;
  readonly groups: GroupLoader;
  readonly memberships: MembershipLoader;
  readonly licenses: CatalogueReader<License>;
  readonly roles: CatalogueReader<Role>;
  readonly #peopleLists: ListReader<Person>;
  readonly #groupLists: ListReader<Group>;
  readonly #memberLists: ListReader<GroupMember>;
  readonly #holderLists: ListReader<LicenseHolder>;
  readonly #client: WebexClient;
  readonly #catalogues: Catalogues;
  readonly #access: GrantedAccess;
  readonly #context: CallContext;

  constructor(client: WebexClient, catalogues: Catalogues, access: GrantedAccess, context: CallContext) {
    const batches = new Batches();
    const { schedule } = batches;
    const { size, pageSizes } = catalogues;
    const groupCatalogue = new GroupCatalogueReader(client, catalogues, context);
    this.connectorId = access.connectorId;
    this.organizationId = access.organizationId;
    this.people = new PersonLoader(client, context, catalogues, schedule);
    this.groups = new GroupLoader(client, groupCatalogue, catalogues, context, schedule);
    this.memberships = new MembershipLoader(client, groupCatalogue, size, access, context, schedule);
    this.licenses = new CatalogueReader(catalogues.licenses, (call) => listLicenses(client, call), context);
    this.roles = new CatalogueReader(catalogues.roles, (call) => listRoles(client, call), context);
    this.#peopleLists = new ListReader('people', access.cursorKey, batches, pageSizes);
    this.#groupLists = new ListReader('groups', access.cursorKey, batches, pageSizes);
    this.#memberLists = new ListReader('members', access.cursorKey, batches, pageSizes);
    this.#holderLists = new ListReader('holders', access.cursorKey, batches, pageSizes);
    this.#client = client;
    this.#catalogues = catalogues;
    this.#access = access;
    this.#context = context;
  }

  /** A page of the organization's people, in Webex's own order. */
  async listPeople(filter: PeopleFilter, needs: PersonParts, page: PageRequest): Promise<Page<Person>> {
    let slices = 0;
    const most = mostPeopleAtOnce(filter, needs);
    const people = await this.#peopleLists.take(
      {
        list: [this.connectorId, 'people', filter],
        // The list holds what administrators see whether it is asked for or not.
        parts: [needs.presence, needs.calling],
        most,
        fetch: async (from, max) => {
          const slice = await listPeople(this.#client, this.#context, filter, needs, from, max);
          slices += 1;
          return slice;
        },
      },
      page,
    );
    for (const { record } of people.items) this.people.remember(record);
    const isAll = page.after == null && !people.hasNextPage && Object.values(filter).every(isUndefined);
    if (isAll && slices > 0) {
      this.#catalogues.size.peoplePages = Math.ceil((slices * most) / LARGEST_PAGE);
    }
    return people;
  }

  /** The person with exactly this address; null if nobody has it. */
  async personByEmail(email: string, needs: PersonParts): Promise<Person | null> {
    const { items } = await this.listPeople({ email }, needs, { first: PEOPLE_PER_LOOK_UP });
    return items[0]?.record ?? null;
  }

  /**
   * A page of groups by name, with their first members where asked for.
   * @param came is given the groups as they come, before the page is whole
   */
  async listGroups(
    filter: GroupFilter,
    includeMembers: boolean,
    page: PageRequest,
    came: (groups: readonly Group[]) => void = () => undefined,
  ): Promise<Page<Group>> {
    const groups = await this.#groupLists.take(
      {
        list: [this.connectorId, 'groups', filter],
        parts: includeMembers,
        most: includeMembers ? MOST_GROUPS_WITH_MEMBERS : LARGEST_PAGE,
        byIndex: true,
        fetch: async (from, max) => {
          const start = indexOf(from);
          const slice = await listGroups(this.#client, this.#context, filter, includeMembers, start, max);
          came(slice.records);
          return slice;
        },
      },
      page,
    );
    if (groups.total !== undefined && Object.values(filter).every(isUndefined)) {
      this.#catalogues.size.groups = groups.total;
    }
    return groups;
  }

  /** A page of a group's members; no request for those that came along with the group. */
  listMembers(group: Group, page: PageRequest): Promise<Page<GroupMember>> {
    const fetch = membersOf(this.#client, this.#context, group);
    return this.#memberLists.take(
      {
        list: [this.connectorId, 'members', group.id],
        parts: null,
        most: MEMBERS_PER_REQUEST,
        absent: 'none',
        byIndex: true,
        fetch: async (from, max) => fetch(indexOf(from), max),
      },
      page,
    );
  }

  /** A page of the organization's people who hold a license; holders from other organizations are left out. */
  async listHolders(licenseId: string, page: PageRequest): Promise<Page<LicenseHolder>> {
    const holders = await this.#holderLists.take(
      {
        list: [this.connectorId, 'holders', licenseId],
        parts: null,
        most: HOLDERS_PER_REQUEST,
        // A license that ended since the catalogue was read has no holders.
        absent: 'none',
        fetch: (from, max) => listHolders(this.#client, this.#context, licenseId, from, max),
      },
      page,
    );
    return { ...holders, items: holders.items.filter(({ record }) => !record.external) };
  }

  /** Begins to read the catalogues that a selection is bound to want, beside whatever it reads first. */
  start({ licenses, roles, memberships, wholeGroups }: WantedCatalogues): void {
    if (licenses) this.licenses.start();
    if (roles) this.roles.start();
    if (memberships) this.memberships.start(wholeGroups);
  }

  organization(): Promise<Organization> {
    return this.#catalogues.organization.get(
      (shared) => getOrganization(this.#client, shared, this.#access.organizationId),
      this.#context,
    );
  }
}

/** The index at which a list begins. Throws InvalidCursor for a text that is not an index. */
function indexOf(from: string | undefined): string | undefined {
  if (from !== undefined && !isIndex(from)) throw new InvalidCursor();
  return from;
}

function isUndefined(value: unknown): boolean {
  return value === undefined;
}
