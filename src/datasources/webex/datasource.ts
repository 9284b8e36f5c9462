import { CatalogueReader } from './catalogue-reader.ts';
import type { Catalogues } from './catalogues.ts';
import type { CallContext, WebexClient } from './client.ts';
import { GroupLoader } from './group-loader.ts';
import { type GroupFilter, listGroups, listMembers } from './groups.ts';
import { listHolders, listLicenses } from './licenses.ts';
import { getOrganization } from './organizations.ts';
import { type Page, type PageRequest, type Slice, takePage } from './paging.ts';
import { listPeople, type PeopleFilter } from './people.ts';
import { PersonLoader } from './person-loader.ts';
import type {
  Group,
  GroupMember,
  License,
  LicenseHolder,
  Organization,
  Person,
  PersonParts,
  Role,
} from './records.ts';
import { listRoles } from './roles.ts';

/** What Webex has granted to a connector. */
export interface GrantedAccess {
  readonly connectorId: string;
  readonly organizationId: string;
  readonly scopes: readonly string[];
}

/**
 * One Webex organization as one GraphQL request sees it: what the request has read once it does not read
 * again, reads of one moment travel together, and all of them end when the request does.
 */
export class WebexDatasource {
  readonly connectorId: string;
  readonly people: PersonLoader;
  readonly groups: GroupLoader;
  readonly licenses: CatalogueReader<License>;
  readonly roles: CatalogueReader<Role>;
  readonly #client: WebexClient;
  readonly #catalogues: Catalogues;
  readonly #access: GrantedAccess;
  readonly #context: CallContext;

  constructor(client: WebexClient, catalogues: Catalogues, access: GrantedAccess, context: CallContext) {
    this.connectorId = access.connectorId;
    this.people = new PersonLoader(client, context);
    this.groups = new GroupLoader(client, catalogues, access, context);
    this.licenses = new CatalogueReader(catalogues.licenses, (call) => listLicenses(client, call), context);
    this.roles = new CatalogueReader(catalogues.roles, (call) => listRoles(client, call), context);
    this.#client = client;
    this.#catalogues = catalogues;
    this.#access = access;
    this.#context = context;
  }

  /** A page of the organization's people, in Webex's own order. */
  async listPeople(filter: PeopleFilter, needs: PersonParts, page: PageRequest): Promise<Page<Person>> {
    const list = [this.connectorId, 'people', filter];
    const people = await takePage(list, page, (from, max) =>
      listPeople(this.#client, this.#context, filter, needs, from, max),
    );
    for (const { record } of people.items) this.people.remember(record);
    return people;
  }

  /** The person with exactly this address; null when there is none. */
  async personByEmail(email: string, needs: PersonParts): Promise<Person | null> {
    const found = await listPeople(this.#client, this.#context, { email }, needs, undefined, 1);
    const person = found.records[0];
    if (person === undefined) return null;
    this.people.remember(person);
    return person;
  }

  /** A page of groups by name, with their first members where asked for. */
  listGroups(filter: GroupFilter, includeMembers: boolean, page: PageRequest): Promise<Page<Group>> {
    const list = [this.connectorId, 'groups', filter];
    return takePage(list, page, (from, max) =>
      listGroups(this.#client, this.#context, filter, includeMembers, from, max),
    );
  }

  /** A page of a group's members; no request for those that came along with the group. */
  listMembers(group: Group, page: PageRequest): Promise<Page<GroupMember>> {
    const list = [this.connectorId, 'members', group.id];
    const total = group.memberCount;
    return takePage(list, page, async (from, max): Promise<Slice<GroupMember>> => {
      const start = Number(from ?? 1);
      const inline = group.members?.slice(start - 1, start - 1 + max) ?? [];
      if (inline.length === 0 && start <= total) {
        const slice = await listMembers(this.#client, this.#context, group.id, from, max);
        return { ...slice, total };
      }
      const next = start + inline.length;
      const call = { method: 'GET', path: '/groups' };
      return { records: inline, next: next <= total ? String(next) : undefined, total, call };
    });
  }

  /** A page of the organization's people who hold a license; holders from other organizations are left out. */
  async listHolders(licenseId: string, page: PageRequest): Promise<Page<LicenseHolder>> {
    const list = [this.connectorId, 'holders', licenseId];
    const holders = await takePage(list, page, (from, max) =>
      listHolders(this.#client, this.#context, licenseId, from, max),
    );
    return { ...holders, items: holders.items.filter(({ record }) => !record.external) };
  }

  organization(): Promise<Organization> {
    const { meter } = this.#context;
    return this.#catalogues.organization.get(() =>
      getOrganization(this.#client, { meter }, this.#access.organizationId),
    );
  }
}
