import { InvalidCursor } from '../../errors.ts';
import { Batches } from './batches.ts';
import type { CallContext } from './call.ts';
import { CatalogueReader } from './catalogue-reader.ts';
import type { Catalogues } from './catalogues.ts';
import type { WebexClient } from './client.ts';
import { GroupCatalogueReader } from './group-catalogue.ts';
import { GroupLoader } from './group-loader.ts';
import {
  GROUPS_WITH_MEMBERS,
  type GroupFilter,
  isIndex,
  listGroups,
  listMembers,
  MEMBERS_PER_REQUEST,
} from './groups.ts';
import { HOLDERS_PER_REQUEST, listHolders, listLicenses } from './licenses.ts';
import { ListReader } from './list-reader.ts';
import { MembershipLoader } from './membership-loader.ts';
import { getOrganization } from './organizations.ts';
import type { Page, PageRequest } from './paging.ts';
import { listPeople, mostPeopleAtOnce, type PeopleFilter } from './people.ts';
import type { Person } from './person.ts';
import { PersonLoader } from './person-loader.ts';
import type {
  Group,
  GroupMember,
  License,
  LicenseHolder,
  Organization,
  PersonParts,
  Role,
} from './records.ts';
import { listRoles } from './roles.ts';
import { LARGEST_PAGE } from './slices.ts';

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
  /** The groups of users; whole where more than their names is wanted. */
  readonly memberships: boolean;
  readonly wholeGroups: boolean;
}

/**
 * One Webex organization as one GraphQL request sees it: what the request has read once it does not read
 * again, reads of one moment travel together, and all of them end when the request does.
 */
export class WebexDatasource {
  readonly connectorId: string;
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
    const { size } = catalogues;
    const groupCatalogue = new GroupCatalogueReader(client, catalogues, context);
    this.connectorId = access.connectorId;
    this.people = new PersonLoader(client, context, size, schedule);
    this.groups = new GroupLoader(client, groupCatalogue, size, context, schedule);
    this.memberships = new MembershipLoader(client, groupCatalogue, size, access, context, schedule);
    this.licenses = new CatalogueReader(catalogues.licenses, (call) => listLicenses(client, call), context);
    this.roles = new CatalogueReader(catalogues.roles, (call) => listRoles(client, call), context);
    this.#peopleLists = new ListReader(access.cursorKey, batches);
    this.#groupLists = new ListReader(access.cursorKey, batches);
    this.#memberLists = new ListReader(access.cursorKey, batches);
    this.#holderLists = new ListReader(access.cursorKey, batches);
    this.#client = client;
    this.#catalogues = catalogues;
    this.#access = access;
    this.#context = context;
  }

  /** A page of the organization's people, in Webex's own order. */
  async listPeople(filter: PeopleFilter, needs: PersonParts, page: PageRequest): Promise<Page<Person>> {
    let slices = 0;
    const people = await this.#peopleLists.take(
      {
        list: [this.connectorId, 'people', filter],
        // The list holds what administrators see whether it is asked for or not.
        parts: [needs.presence, needs.calling],
        most: mostPeopleAtOnce(filter, needs),
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
    if (isAll && slices > 0 && !needs.calling) this.#catalogues.size.peoplePages = slices;
    return people;
  }

  /** The person with exactly this address; null when there is none. */
  async personByEmail(email: string, needs: PersonParts): Promise<Person | null> {
    const { items } = await this.listPeople({ email }, needs, { first: 1 });
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
        most: includeMembers ? GROUPS_WITH_MEMBERS : LARGEST_PAGE,
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
    const total = group.memberCount;
    return this.#memberLists.take(
      {
        list: [this.connectorId, 'members', group.id],
        parts: null,
        most: MEMBERS_PER_REQUEST,
        byIndex: true,
        fetch: async (position, max) => {
          const from = indexOf(position);
          const start = Number(from ?? 1);
          const inline = group.members?.slice(start - 1, start - 1 + max) ?? [];
          if (inline.length === 0 && start <= total) {
            const slice = await listMembers(this.#client, this.#context, group.id, from, max);
            return { ...slice, total };
          }
          const next = start + inline.length;
          const call = { method: 'GET', path: '/groups' };
          return { records: inline, next: next <= total ? String(next) : undefined, total, call };
        },
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
    const { meter } = this.#context;
    return this.#catalogues.organization.get(
      (lane) => getOrganization(this.#client, { meter, lane }, this.#access.organizationId),
      this.#context,
    );
  }
}

/** Where a list by index begins. Throws InvalidCursor for what is none. */
function indexOf(from: string | undefined): string | undefined {
  if (from !== undefined && !isIndex(from)) throw new InvalidCursor();
  return from;
}

function isUndefined(value: unknown): boolean {
  return value === undefined;
}
