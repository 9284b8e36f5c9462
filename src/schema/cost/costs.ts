import { firstOf, type PageRequest } from '../../datasources/rest/paging.ts';
import { LARGEST_PAGE } from '../../datasources/rest/slices.ts';
import { HOLDERS_PER_REQUEST } from '../../datasources/webex/catalogues/licenses.ts';
import { GROUPS_WITH_MEMBERS, MEMBERS_PER_REQUEST } from '../../datasources/webex/groups/groups.ts';
import { IDS_PER_REQUEST, mostPeopleAtOnce } from '../../datasources/webex/people/people.ts';
import { BASIC_PARTS, type PersonParts } from '../../datasources/webex/records.ts';
import { parseGlobalId } from '../base/global-ids.ts';

// What fields cost: requests to Webex for each object that has the field, at most, in parts of a request
// if several objects travel in one. docs/decisions/0006-query-cost-in-webex-requests.md says why these numbers.

/** How many connectors there are taken to be, unless more are known. */
export const USUAL_CONNECTORS = 10;
/** How long lists without a page are taken to be; few organizations have more. */
const USUAL_LENGTHS = {
  licenses: 25,
  roles: 25,
  groupsOfUser: 10,
} as const;
/** Requests for groups by id, at most: many are taken out of the list of all, so many pages of it. */
const GROUP_PAGES = 20;

/** What a query selects of the objects that one field returns. */
export interface Wanted {
  /** Undefined if no users are among them. */
  readonly users: PersonParts | undefined;
  /** Undefined if no groups are among them. */
  readonly groups: { readonly members: boolean } | undefined;
}

/** What the process knows of what it reads. */
export interface KnownSizes {
  /** Pages of 1000 people that the largest organization has; undefined if nobody knows. */
  readonly peoplePages?: number | undefined;
  /** Connectors that are in use. */
  readonly connectors?: number;
}

/** What is read once for a connector, however often an operation selects it. */
export type Catalogue = 'licenses' | 'roles' | 'memberships' | 'organization';

/** The share of people read by id who are read each by themselves, 0 to 1: in full, and with calling data. */
export interface Singly {
  readonly inFull: number;
  readonly calling: number;
}

/** What the costs of a query's fields hang on; handed to the complexity plugin as its context. */
export class CostBasis {
  readonly #wanted: ReadonlyMap<object, Wanted>;
  readonly #singly: Singly;
  /** How many connectors there may be. */
  readonly connectors: number;

  /** @param wanted what is selected below fields of the schema, anywhere in the query */
  constructor(wanted: ReadonlyMap<object, Wanted>, singly: Singly, connectors: number) {
    this.#wanted = wanted;
    this.#singly = singly;
    this.connectors = connectors;
  }

  wantedOf(field: object): Wanted {
    return this.#wanted.get(field) ?? { users: undefined, groups: undefined };
  }

  /** Requests for so many people by id. */
  people(count: number, field: object): number {
    const parts = this.wantedOf(field).users ?? BASIC_PARTS;
    const inFull = parts.admin || parts.presence ? this.#singly.inFull : 0;
    const singly = count * (parts.calling ? this.#singly.calling : inFull);
    return singly + (count - singly) / IDS_PER_REQUEST;
  }

  /** The same, where the ids are known: they cost nothing when no more is selected. */
  named(count: number, field: object): number {
    return this.wantedOf(field).users?.basic === true ? this.people(count, field) : 0;
  }
}

interface UserPage extends PageRequest {
  readonly filter?: { readonly locationId?: string | null | undefined } | null | undefined;
}

const catalogues = new WeakMap<object, Catalogue>();

/** The catalogue that is read for a field of this `complexity`; undefined if it is not one of a catalogue. */
export function catalogueOf(complexity: unknown): Catalogue | undefined {
  return typeof complexity === 'function' ? catalogues.get(complexity) : undefined;
}

/** The `complexity` of the fields that reach Webex, by what they return. */
export const costs = {
  connectors: (_values: object, context: object) => ({
    field: 0,
    multiplier: basisOf(context).connectors,
  }),
  organization: once('organization'),
  license: once('licenses'),
  licenses: once('licenses', USUAL_LENGTHS.licenses),
  /** What is selected of them is counted as of the licenses of the connector; so with roles. */
  licensesOfUser: once('licenses', 0),
  role: once('roles'),
  roles: once('roles', USUAL_LENGTHS.roles),
  rolesOfUser: once('roles', 0),
  groupsOfUser: once('memberships', USUAL_LENGTHS.groupsOfUser),
  user: (values: { readonly email?: string | null | undefined }, context: object, field: object) => ({
    field: values.email == null ? basisOf(context).people(1, field) : 1,
  }),
  userById: (_values: object, context: object, field: object) => ({
    field: basisOf(context).people(1, field),
  }),
  users: (values: UserPage, context: object, field: object) => {
    const { users = BASIC_PARTS } = basisOf(context).wantedOf(field);
    const most = mostPeopleAtOnce({ locationId: values.filter?.locationId ?? undefined }, users);
    return page(values, (first) => Math.ceil(first / most));
  },
  group: () => ({ field: 1 }),
  groups: (values: PageRequest, context: object, field: object) => {
    const { members = false } = basisOf(context).wantedOf(field).groups ?? {};
    const most = members ? GROUPS_WITH_MEMBERS : LARGEST_PAGE;
    // The next page begins with the last entry of the page before, to see whether the list has moved.
    const again = values.after == null || members ? 0 : 1;
    return page(values, (first) => Math.ceil((first + again) / most));
  },
  /** The first members come along with their group; who they are is read by id. */
  members: (values: PageRequest, context: object, field: object) =>
    page(values, (first) => {
      const beyond = values.after == null ? first - MEMBERS_PER_REQUEST : first;
      // Each request begins one before, to see whether the list has moved.
      const ids = Math.ceil(Math.max(0, beyond) / (MEMBERS_PER_REQUEST - 1));
      return ids + basisOf(context).named(first, field);
    }),
  holders: (values: PageRequest, context: object, field: object) =>
    page(values, (first) => Math.ceil(first / HOLDERS_PER_REQUEST) + basisOf(context).named(first, field)),
  /** Licenses and roles, to look up the names of a mapping. */
  mappingNames: () => ({ field: 2 }),
  /** A page of what the gateway keeps itself. What is selected below may need Webex. */
  stored: (values: PageRequest) => page(values, () => 0),
  /** The same for a list that is never longer. */
  storedList: (most: number) => () => ({ field: 0, multiplier: most }),
  /** A user or a group whose id is known. */
  target: (_values: object, context: object, field: object) => byIds(1, context, field),
  node: (values: { readonly id: string }, context: object, field: object) =>
    nodes([values.id], context, field),
  nodes: (values: { readonly ids: readonly string[] }, context: object, field: object) =>
    nodes(values.ids, context, field),
};

/** Types of objects that the gateway keeps itself. */
const STORED: ReadonlySet<string> = new Set([
  ...['ApiKey', 'AuditEvent', 'Connector'],
  ...['SyncFile', 'SyncItem', 'SyncPlan', 'SyncRun', 'SyncSchedule'],
]);

/** Reading an object that the gateway keeps itself takes no request. */
function nodes(ids: readonly string[], context: object, field: object) {
  const count = ids.filter((id) => !STORED.has(parseGlobalId(id)?.type ?? '')).length;
  return { ...byIds(count, context, field), multiplier: ids.length };
}

function basisOf(context: object): CostBasis {
  if (context instanceof CostBasis) return context;
  throw new Error('Costs are worked out before a query runs, never while it does.');
}

/** @param length how many entries there are below the field */
function once(catalogue: Catalogue, length = 1) {
  const complexity = () => ({ field: 0, multiplier: length });
  catalogues.set(complexity, catalogue);
  return complexity;
}

/** @param cost requests for a page of so many entries */
function page(values: PageRequest, cost: (first: number) => number) {
  // What lies outside is refused by the list itself, and read by nobody.
  const first = Math.min(Math.max(firstOf(values), 1), LARGEST_PAGE);
  return { field: cost(first), multiplier: first };
}

function byIds(count: number, context: object, field: object) {
  const basis = basisOf(context);
  const { groups } = basis.wantedOf(field);
  const forGroups = groups === undefined ? 0 : Math.min(count, GROUP_PAGES);
  return { field: basis.people(count, field) + forGroups, multiplier: count };
}
