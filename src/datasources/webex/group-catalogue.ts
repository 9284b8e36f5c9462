import type { Catalogues } from './catalogues.ts';
import type { CallContext, WebexClient } from './client.ts';
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

  constructor(client: WebexClient, catalogues: Catalogues, context: CallContext) {
    this.#client = client;
    this.#catalogues = catalogues;
    // Everyone who waits shares a load, so it must not end with the one who happened to ask first.
    this.#context = { meter: context.meter };
  }

  /** What is kept, or on its way; undefined where it would have to be read. */
  get kept(): Promise<GroupCatalogue> | undefined {
    return this.#catalogues.groups.kept;
  }

  /** All groups with their first members. */
  groups(): Promise<GroupCatalogue> {
    return this.#catalogues.groups.get(async () => {
      const catalogue = await readGroupCatalogue(this.#client, this.#context);
      const { size } = this.#catalogues;
      size.groups = catalogue.groups.size;
      size.membershipRequests = catalogue.requests + catalogue.requestsLeft;
      return catalogue;
    });
  }

  /** Who is in which group. */
  async memberships(): Promise<MembershipIndex> {
    const catalogue = await this.groups();
    return catalogue.memberships.get(() => readMemberships(this.#client, this.#context, catalogue));
  }
}
