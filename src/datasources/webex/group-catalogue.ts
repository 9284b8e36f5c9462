import type { Urgency } from '../http/urgency.ts';
import type { CallContext } from './call.ts';
import type { Catalogues } from './catalogues.ts';
import type { WebexClient } from './client.ts';
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
  /** What this request reads, so that it does not read twice where the kept one runs out meanwhile. */
  #loading: Promise<GroupCatalogue> | undefined;

  constructor(client: WebexClient, catalogues: Catalogues, context: CallContext) {
    this.#client = client;
    this.#catalogues = catalogues;
    this.#context = context;
  }

  /** What is kept, or on its way; undefined where it would have to be read. */
  get kept(): Promise<GroupCatalogue> | undefined {
    return this.#catalogues.groups.kept;
  }

  /** All groups with their first members. */
  groups(): Promise<GroupCatalogue> {
    this.#loading ??= this.#read();
    return this.#loading;
  }

  /** Who is in which group. */
  async memberships(): Promise<MembershipIndex> {
    const catalogue = await this.groups();
    const { lane } = this.#context;
    return catalogue.memberships.get(
      (urgency) => readMemberships(this.#client, this.#shared(urgency), catalogue),
      { lane },
    );
  }

  #read(): Promise<GroupCatalogue> {
    const { groups, size } = this.#catalogues;
    return groups.get(async (lane) => {
      const catalogue = await readGroupCatalogue(this.#client, this.#shared(lane));
      size.groups = catalogue.groups.size;
      size.membershipRequests = catalogue.requests + catalogue.requestsLeft;
      return catalogue;
    }, this.#context);
  }

  /** Everyone who waits shares a load, so it must not end with the one who happened to ask first. */
  #shared(lane: Urgency): CallContext {
    return { meter: this.#context.meter, lane };
  }
}
