import type { OpenOrganization } from '../../connectors/organizations.ts';
import { createMeter, type Meter } from '../../datasources/http/meter.ts';
import { canonicalEmail } from '../../datasources/webex/canonical.ts';
import { canonicalId } from '../../datasources/webex/ids.ts';
import { IDS_PER_REQUEST } from '../../datasources/webex/people/people.ts';
import type { Person } from '../../datasources/webex/people/person.ts';
import type { WebexScan } from '../../datasources/webex/scan.ts';
import { UpstreamError } from '../../errors/upstream.ts';
import { indexed } from './observed-user.ts';

/** A user who is there although the list of people did not show them. */
export interface SeenUser {
  readonly webexId: string;
  /** Canonical; the first signs in. */
  readonly emails: readonly string[];
}

/** GONE: Webex says that the user does not exist. UNKNOWN: it could not say, so the user may be there. */
export type Looked = SeenUser | 'GONE' | 'UNKNOWN';

export interface SecondLook {
  /** By the ids that were asked for. Empty if there were too many. */
  readonly byId: ReadonlyMap<string, Looked>;
  /** By the addresses that were asked for, canonical. Empty if there were too many. */
  readonly byEmail: ReadonlyMap<string, Looked>;
  /** Whether so many ids were given that the list of people itself is not to be believed. Nobody was asked about them. */
  readonly tooMany: boolean;
  readonly requests: number;
}

/** More users who are missing from the list of people mean that the list is not complete. */
const MOST_IDS = 1_000;
/** Creations are looked up by address only if there are fewer. */
const FEW_EMAILS = 50;
/** Ids on which Webex says nothing in a list, and that are asked for one by one. */
const MOST_SINGLE = 100;

/**
 * Asks Webex for users by id and by exact address before anything rests on their absence from a list.
 * @param wanted ids of users who were not seen or are to be removed; addresses of users who are to be created
 * @param signal ends it
 * Throws what the signal was aborted with, and errors that end the work as a whole, such as ReconnectRequired.
 */
export async function secondLook(
  organization: Pick<OpenOrganization, 'scan'>,
  { ids = [], emails = [] }: { readonly ids?: readonly string[]; readonly emails?: readonly string[] },
  signal: AbortSignal,
): Promise<SecondLook> {
  const looking = new Looking(organization.scan(signal));
  const tooMany = ids.length > MOST_IDS;
  const [byId, byEmail] = await Promise.all([
    tooMany ? new Map<string, Looked>() : looking.byId(ids),
    emails.length < FEW_EMAILS ? looking.byEmail(emails) : new Map<string, Looked>(),
  ]);
  return { byId, byEmail, tooMany, requests: looking.meter.requests };
}

class Looking {
  readonly meter: Meter = createMeter();
  readonly #scan: WebexScan;

  constructor(scan: WebexScan) {
    this.#scan = scan;
  }

  async byId(ids: readonly string[]): Promise<ReadonlyMap<string, Looked>> {
    const looked = new Map<string, Looked>(ids.map((id) => [id, 'UNKNOWN']));
    const chunks = Array.from({ length: Math.ceil(ids.length / IDS_PER_REQUEST) }, (_, chunk) =>
      ids.slice(chunk * IDS_PER_REQUEST, (chunk + 1) * IDS_PER_REQUEST),
    );
    await Promise.all(chunks.map((chunk) => this.#lookAtChunk(chunk, looked).catch(unlessOfCall)));
    const unknown = ids.filter((id) => looked.get(id) === 'UNKNOWN').slice(0, MOST_SINGLE);
    await Promise.all(
      unknown.map(async (id) => {
        looked.set(id, await this.#lookAtOne(id));
      }),
    );
    return looked;
  }

  async #lookAtChunk(ids: readonly string[], looked: Map<string, Looked>): Promise<void> {
    const { found, unknown } = await this.#scan.peopleByIds(ids, this.meter);
    const gone = new Set(unknown.map(canonicalId));
    const seen = new Map(found.map((person) => [canonicalId(person.id), person]));
    for (const id of ids) {
      const person = seen.get(canonicalId(id));
      if (person !== undefined) looked.set(id, seenUser(person));
      else if (gone.has(canonicalId(id))) looked.set(id, 'GONE');
    }
  }

  async #lookAtOne(id: string): Promise<Looked> {
    const person = await this.#scan.person(id, false, this.meter).catch(unlessOfCall);
    if (person === undefined) return 'UNKNOWN';
    return person === null ? 'GONE' : seenUser(person);
  }

  async byEmail(emails: readonly string[]): Promise<ReadonlyMap<string, Looked>> {
    const asked = [...new Set(emails.map(canonicalEmail))];
    const looked = await Promise.all(
      asked.map(async (email): Promise<[string, Looked]> => {
        const looking = this.#scan.personByEmail(email, this.meter);
        const answer = await looking.then((person) => ({ person })).catch(unlessOfCall);
        if (answer === undefined) return [email, 'UNKNOWN'];
        return [email, answer.person === undefined ? 'GONE' : seenUser(answer.person)];
      }),
    );
    return new Map(looked);
  }
}

function seenUser(person: Person): SeenUser {
  return { webexId: person.id, emails: person.emails.map(indexed) };
}

/** A call that fails says nothing. Other errors end the work. */
function unlessOfCall(error: unknown): undefined {
  if (error instanceof UpstreamError) return undefined;
  throw error;
}
