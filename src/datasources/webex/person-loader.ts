import DataLoader from 'dataloader';
import type { OrganizationSize } from './catalogues.ts';
import type { CallContext, WebexClient } from './client.ts';
import { isOfThisCallOnly, isRefusedRequest } from './failures.ts';
import { getPeopleByIds, getPerson, IDS_PER_REQUEST } from './people.ts';
import { PeopleScan } from './people-scan.ts';
import {
  BASIC_PARTS,
  includesParts,
  joinParts,
  joinPeople,
  type Person,
  type PersonParts,
} from './records.ts';

interface PersonKey {
  readonly id: string;
  readonly needs: PersonParts;
}

/**
 * How many people one GraphQL request reads in full before reading through the whole organization is
 * considered, while nobody knows how large that is. Below, single requests side by side are as quick, and
 * never many more.
 */
const SCAN_FROM = 20;

/**
 * Loads people by id for one GraphQL request: each at most once, in batches, and in the way that costs
 * the fewest Webex requests for what is needed of them.
 */
export class PersonLoader {
  readonly #client: WebexClient;
  readonly #context: CallContext;
  readonly #organization: OrganizationSize;
  readonly #known = new Map<string, Person | null>();
  readonly #loader: DataLoader<PersonKey, Person | null, string>;
  readonly #scan: PeopleScan;
  readonly #scanWithPresence: PeopleScan;
  #askedInFull = 0;

  /** @param schedule when what was asked for is read: called with what reads it */
  constructor(
    client: WebexClient,
    context: CallContext,
    organization: OrganizationSize,
    schedule: (dispatch: () => void) => void,
  ) {
    this.#client = client;
    this.#context = context;
    this.#organization = organization;
    const scan = (presence: boolean) =>
      new PeopleScan(client, context, organization, { admin: true, presence, calling: false });
    this.#scan = scan(false);
    this.#scanWithPresence = scan(true);
    this.#loader = new DataLoader((keys) => this.#loadBatch(keys), {
      cacheKeyFn: ({ id, needs }) => `${+needs.admin}${+needs.presence}${+needs.calling} ${id}`,
      batchScheduleFn: schedule,
    });
  }

  /** The person with at least the parts needed; null when Webex does not know the id. */
  load(id: string, needs: PersonParts): Promise<Person | null> {
    const known = this.#knownWith(id, needs);
    return known === undefined ? this.#loader.load({ id, needs }) : Promise.resolve(known);
  }

  /** As `load` for many ids; whoever Webex does not know is not in the answer. */
  async loadMany(ids: readonly string[], needs: PersonParts): Promise<Map<string, Person>> {
    const people = await Promise.all(ids.map(async (id) => [id, await this.load(id, needs)] as const));
    return new Map(people.flatMap(([id, person]) => (person === null ? [] : [[id, person] as const])));
  }

  /** Remembers a person who came along with something else, so that nobody asks for them again. */
  remember(person: Person): void {
    this.#rememberAs(person.id, person);
  }

  /** Webex may know the person under another spelling of the id than we asked with. */
  #rememberAs(id: string, person: Person): void {
    const known = this.#known.get(id);
    this.#known.set(id, known == null ? person : joinPeople(known, person));
  }

  #knownWith(id: string, needs: PersonParts): Person | null | undefined {
    const known = this.#known.get(id);
    return known == null || includesParts(known.parts, needs) ? known : undefined;
  }

  async #loadBatch(keys: readonly PersonKey[]): Promise<(Person | null | Error)[]> {
    const wanted = new Map<string, PersonParts>();
    for (const { id, needs } of keys) {
      if (this.#knownWith(id, needs) !== undefined) continue;
      const other = wanted.get(id);
      wanted.set(id, other === undefined ? needs : joinParts(other, needs));
    }
    const failures = new Map<string, Error>();
    await Promise.all([this.#loadBasic(wanted, failures), this.#loadFull(wanted, failures)]);
    return keys.map(({ id }) => failures.get(id) ?? this.#known.get(id) ?? null);
  }

  /** In chunks of 85: one request a chunk, for names and addresses only. */
  async #loadBasic(wanted: ReadonlyMap<string, PersonParts>, failures: Map<string, Error>): Promise<void> {
    const ids = [...wanted].filter(([, needs]) => !isMoreThanBasic(needs)).map(([id]) => id);
    const chunks: string[][] = [];
    for (let start = 0; start < ids.length; start += IDS_PER_REQUEST)
      chunks.push(ids.slice(start, start + IDS_PER_REQUEST));
    await Promise.all(
      chunks.map(async (chunk) => {
        try {
          for (const person of await getPeopleByIds(this.#client, this.#context, chunk))
            this.remember(person);
          this.#rememberMissing(chunk);
        } catch (error) {
          // One malformed id may spoil the answer for all; asked for by itself it spoils only its own.
          if (isRefusedRequest(error))
            await this.#loadSingly(
              chunk.map((id) => [id, BASIC_PARTS]),
              failures,
            );
          else for (const id of chunk) failures.set(id, asError(error));
        }
      }),
    );
  }

  async #loadFull(wanted: ReadonlyMap<string, PersonParts>, failures: Map<string, Error>): Promise<void> {
    const full = [...wanted].filter(([, needs]) => isMoreThanBasic(needs));
    const stillMissing = () => full.filter(([id, needs]) => this.#knownWith(id, needs) === undefined);
    this.#askedInFull += full.length;
    try {
      const needs = full.map(([, parts]) => parts).reduce(joinParts, BASIC_PARTS);
      const mayPay = this.#organization.peoplePages !== undefined || this.#askedInFull > SCAN_FROM;
      // With calling data Webex sends so few people at a time, so slowly, that single requests win.
      if (mayPay && !needs.calling) {
        const scan = needs.presence ? this.#scanWithPresence : this.#scan;
        await scan.readOn(
          () => stillMissing().length,
          (person) => this.remember(person),
        );
      }
    } catch (error) {
      // The list was a short cut; where it fails for itself, each can still be read alone.
      if (!isOfThisCallOnly(error)) {
        for (const [id] of stillMissing()) failures.set(id, asError(error));
        return;
      }
    }
    await this.#loadSingly(stillMissing(), failures);
  }

  async #loadSingly(
    wanted: readonly (readonly [string, PersonParts])[],
    failures: Map<string, Error>,
  ): Promise<void> {
    await Promise.all(
      wanted.map(async ([id, needs]) => {
        try {
          const person = await getPerson(this.#client, this.#context, id, needs);
          if (person === null) this.#rememberMissing([id]);
          else this.#rememberAs(id, person);
        } catch (error) {
          failures.set(id, asError(error));
        }
      }),
    );
  }

  #rememberMissing(ids: readonly string[]): void {
    for (const id of ids) if (!this.#known.has(id)) this.#known.set(id, null);
  }
}

function isMoreThanBasic(needs: PersonParts): boolean {
  return needs.admin || needs.presence || needs.calling;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('not an error', { cause: error });
}
