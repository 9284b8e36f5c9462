import { OtherOrganization, type UpstreamCall, UpstreamNotFound } from '../../errors/upstream.ts';
import type { Query, WriteMethod } from '../rest/call-context.ts';
import { isObject, readText, readTexts, type WireObject } from '../rest/json.ts';
import { isSameId } from './ids.ts';

/** Lists that take the organization they are asked of as `orgId`. Source: Webex's reference of each. */
const LISTS = new Set(['/people', '/groups', '/licenses']);

/** Writes that take the organization in the body as `orgId`; elsewhere the id in the path names it. Source: as above. */
const WRITES = new Set(['POST /people', 'POST /groups', 'PATCH /licenses/users']);

/** One person or group, or the members of a group. Who asks for `me` means the account and not the organization. */
const RECORD = /^\/(?:people\/(?!me$)[^/]+|groups\/[^/]+(?:\/members)?)$/;

/**
 * The organization that a connector means. A partner's account reaches several, so Webex is told which one where
 * it takes that, and what it answers is compared: a record of another organization is never taken for one of ours.
 */
export class MeantOrganization {
  readonly #named: string | null;
  readonly #meant: string | undefined;

  /**
   * @param named the organization to name in every request that takes one; null: the account's own, unnamed
   * @param own the account's own; undefined if it is not known yet
   */
  constructor(named: string | null, own: string | undefined) {
    this.#named = named;
    this.#meant = named ?? own;
  }

  /** The query of a read, with the organization if it has to be named. */
  inQuery(path: string, query: Query): Query {
    return this.#named !== null && LISTS.has(path) ? { ...query, orgId: this.#named } : query;
  }

  /** The body of a write, with the organization if it has to be named. */
  inBody(method: WriteMethod, path: string, body: WireObject | undefined): WireObject | undefined {
    return this.#named !== null && WRITES.has(`${method} ${path}`) ? { ...body, orgId: this.#named } : body;
  }

  /**
   * The body of an answer to a read, without people of other organizations, whom Webex finds for a partner by
   * their address or id. Throws UpstreamNotFound for one record of another organization, and OtherOrganization for
   * a whole list, which was not the one that was asked for then.
   */
  checkRead(path: string, query: Query, body: WireObject, call: UpstreamCall): WireObject {
    if (RECORD.test(path) && this.#isForeign(body)) {
      throw new UpstreamNotFound('Webex knows it in another organization only.', call);
    }
    if (path !== '/people' && path !== '/groups') return body;
    const field = path === '/people' ? 'items' : 'groups';
    const records: unknown = body[field];
    if (!Array.isArray(records)) return body;
    const foreign = records.filter((record) => this.#isForeign(record));
    if (foreign.length === 0) return body;
    const isLookUp = path === '/people' && (query.id !== undefined || query.email !== undefined);
    if (this.#named !== null && !isLookUp) this.checkWritten(foreign[0], call);
    const own = { ...body, [field]: records.filter((record) => !foreign.includes(record)) };
    if (query.id === undefined) return own;
    const ids = foreign.flatMap((record) => readText(record, 'id') ?? []);
    return { ...own, notFoundIds: [...readTexts(body, 'notFoundIds'), ...ids] };
  }

  /** Throws OtherOrganization if a record that Webex answers with is said to belong to another organization. */
  checkWritten(record: WireObject | undefined, call: UpstreamCall): void {
    if (this.#meant === undefined || !this.#isForeign(record)) return;
    const id = readText(record, 'id') ?? readText(record, 'personId');
    throw new OtherOrganization(this.#meant, readText(record, 'orgId') ?? '', id, call);
  }

  #isForeign(record: unknown): record is WireObject {
    if (this.#meant === undefined || !isObject(record)) return false;
    const found = readText(record, 'orgId');
    return found !== undefined && !isSameId(found, this.#meant);
  }
}
