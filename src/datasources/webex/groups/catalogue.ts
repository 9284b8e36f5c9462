import type { CallContext } from '../../rest/call-context.ts';
import type { Catalogues } from '../catalogues/catalogues.ts';
import type { WebexClient } from '../client.ts';
import {
  type GroupCatalogue,
  type MembershipIndex,
  readGroupCatalogue,
  readMemberships,
} from './memberships.ts';

/** All groups, and who is in which: kept for a short time for everyone, as one GraphQL request reads it. */
export class GroupCatalogueReader {
  readonly #client: WebexClient;
  readonly #catalogues: Catalogues;
  readonly #context: CallContext;
  /** What this request reads, so that it does not read twice if the kept one runs out meanwhile. */
  #loading: Promise<GroupCatalogue> | undefined;

  constructor(client: WebexClient, catalogues: Catalogues, context: CallContext) {
    this.#client = client;
    this.#catalogues = catalogues;
    this.#context = context;
  }

  /** Whether this request reads it anyway. */
  get isWanted(): boolean {
    return this.#loading !== undefined;
  }

  /** What is kept; undefined if it would have to be waited for. */
  get kept(): GroupCatalogue | undefined {
    return this.#catalogues.groups.loaded;
  }

  /** What is kept, or on its way; undefined if it would have to be read. */
  join(): Promise<GroupCatalogue> | undefined {
    return this.#catalogues.groups.join(this.#unmetered);
  }

  /** All groups with their first members. */
  groups(): Promise<GroupCatalogue> {
    this.#loading ??= this.#read();
    return this.#loading;
  }

  /** Who is in which group. */
  async memberships(): Promise<MembershipIndex> {
    const catalogue = await this.groups();
    const { meter } = this.#context;
    const { pageSizes } = this.#catalogues;
    return catalogue.memberships.get(
      (shared) => readMemberships(this.#client, { ...shared, meter }, pageSizes, catalogue),
      this.#unmetered,
    );
  }

  #read(): Promise<GroupCatalogue> {
    const { groups, size, pageSizes } = this.#catalogues;
    return groups.get(async (shared) => {
      const catalogue = await readGroupCatalogue(this.#client, shared, pageSizes);
      size.groups = catalogue.groups.size;
      size.membershipRequests = catalogue.requests + catalogue.requestsLeft;
      return catalogue;
    }, this.#context);
  }

  /** The catalogue counts as kept or shared when it is requested, and not a second time. */
  get #unmetered(): CallContext {
    return { ...this.#context, meter: undefined };
  }
}
