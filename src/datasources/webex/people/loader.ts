import DataLoader from 'dataloader';
import type { CallContext } from '../../rest/call-context.ts';
import type { Catalogues } from '../catalogues/catalogues.ts';
import type { WebexClient } from '../client.ts';
import { isOfThisCallOnly, isRefusedRequest } from '../failures.ts';
import { BASIC_PARTS, includesParts, joinParts, type PersonParts } from '../records.ts';
import { getPeopleByIds, getPerson, IDS_PER_REQUEST } from './people.ts';
import type { Person } from './person.ts';
import { PeopleScan } from './scan.ts';

interface PersonKey {
  readonly id: string;
  readonly needs: PersonParts;
}

/**
 * Loads people by id for one GraphQL request: each at most once, in batches, and in the way that costs
 * the fewest Webex requests for what is needed of them.
 */
export class PersonLoader {
  readonly #client: WebexClient;
  readonly #context: CallContext;
  readonly #known = new Map<string, Person | null>();
  readonly #loader: DataLoader<PersonKey, Person | null, string>;
  /** By whether they read presence and calling data. */
  readonly #scans = new Map<string, PeopleScan>();
  readonly #scanFor: (presence: boolean, calling: boolean) => PeopleScan;
  /** Ids that will certainly be asked for: those that are being read, and those that wait for a full request. */
  readonly #ahead = new Map<string, Promise<ReadonlyMap<string, Error>>>();
  readonly #waiting = new Set<string>();
  /** Why Webex does not show the calling data of people whom it knows. */
  readonly #refused = new Map<string, unknown>();

  /** @param schedule when what was asked for is read: called with what reads it */
  constructor(
    client: WebexClient,
    context: CallContext,
    catalogues: Catalogues,
    schedule: (dispatch: () => void) => void,
  ) {
    this.#client = client;
    this.#context = context;
    this.#scanFor = (presence, calling) => {
      const name = `${presence} ${calling}`;
      const parts = { basic: true, admin: true, presence, calling };
      const scan = this.#scans.get(name) ?? new PeopleScan(client, context, catalogues, parts);
      this.#scans.set(name, scan);
      return scan;
    };
    this.#loader = new DataLoader((keys) => this.#loadBatch(keys), {
      cacheKeyFn: ({ id, needs }) => `${+needs.admin}${+needs.presence}${+needs.calling} ${id}`,
      batchScheduleFn: schedule,
    });
  }

  /**
   * The person with at least the parts needed, but without calling data if Webex refuses to show it; null if Webex does
   * not know the id.
   */
  load(id: string, needs: PersonParts): Promise<Person | null> {
    const known = this.#knownWith(id, this.#refused.has(id) ? { ...needs, calling: false } : needs);
    return known === undefined ? this.#loader.load({ id, needs }) : Promise.resolve(known);
  }

  /** As `load`, but throws UpstreamRejected if Webex refuses to show a part that is needed. */
  async loadParts(id: string, needs: PersonParts): Promise<Person | null> {
    const person = await this.load(id, needs);
    const isShort = person !== null && !includesParts(person.parts, needs);
    if (isShort && this.#refused.has(id)) throw this.#refused.get(id);
    return person;
  }

  /** As `load` for many ids; ids that Webex does not know are not in the answer. */
  async loadMany(ids: readonly string[], needs: PersonParts): Promise<Map<string, Person>> {
    const people = await Promise.all(ids.map(async (id) => [id, await this.load(id, needs)] as const));
    return new Map(people.flatMap(([id, person]) => (person === null ? [] : [[id, person] as const])));
  }

  /**
   * Begins to read people who are bound to be asked for, names and addresses only, as far as they fill whole
   * requests. The rest waits until it is asked for.
   */
  ahead(ids: readonly string[]): void {
    for (const id of ids) if (!this.#known.has(id) && !this.#ahead.has(id)) this.#waiting.add(id);
    while (this.#waiting.size >= IDS_PER_REQUEST) {
      const chunk = [...this.#waiting].slice(0, IDS_PER_REQUEST);
      const read = this.#readTogether(chunk);
      for (const id of chunk) {
        this.#waiting.delete(id);
        this.#ahead.set(id, read);
      }
    }
  }

  /** Remembers a person who came along with something else, so that they are not read again. */
  remember(person: Person): void {
    this.#rememberAs(person.id, person);
  }

  /** Webex may know the person under another spelling of the id than we asked with. */
  #rememberAs(id: string, person: Person): void {
    const known = this.#known.get(id);
    this.#known.set(id, known == null ? person : person.joinedWith(known));
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
    const begun = new Set(ids.map((id) => this.#ahead.get(id)).filter((read) => read !== undefined));
    const left = ids.filter((id) => !this.#ahead.has(id));
    for (const id of left) this.#waiting.delete(id);
    const reads = [...begun];
    for (let start = 0; start < left.length; start += IDS_PER_REQUEST)
      reads.push(this.#readTogether(left.slice(start, start + IDS_PER_REQUEST)));
    for (const failed of await Promise.all(reads)) for (const [id, error] of failed) failures.set(id, error);
  }

  /** In one request; resolves with those for whom it failed. */
  async #readTogether(ids: readonly string[]): Promise<ReadonlyMap<string, Error>> {
    const failures = new Map<string, Error>();
    const { meter } = this.#context;
    if (meter !== undefined && ids.length > 1) meter.batchedKeys += ids.length;
    try {
      const { found, unknown } = await getPeopleByIds(this.#client, this.#context, ids);
      for (const person of found) this.remember(person);
      this.#rememberMissing(unknown);
      // A person that Webex neither returns nor reports as missing is read once more before they count as gone.
      const unclear = ids.filter((id) => !this.#known.has(id));
      await this.#loadSingly(
        unclear.map((id) => [id, BASIC_PARTS]),
        failures,
      );
    } catch (error) {
      // One malformed id may spoil the answer for all; asked for by itself it spoils only its own.
      if (isRefusedRequest(error)) {
        await this.#loadSingly(
          ids.map((id) => [id, BASIC_PARTS]),
          failures,
        );
      } else for (const id of ids) failures.set(id, asError(error));
    }
    return failures;
  }

  async #loadFull(wanted: ReadonlyMap<string, PersonParts>, failures: Map<string, Error>): Promise<void> {
    const full = [...wanted].filter(([, needs]) => isMoreThanBasic(needs));
    // Pages with calling data are ten times as many, and slow: only those who need them are looked for there.
    const { true: calling = [], false: others = [] } = Object.groupBy(full, ([, needs]) =>
      needs.calling ? 'true' : 'false',
    );
    await Promise.all([calling, others].map((some) => this.#loadByList(some, failures)));
  }

  /** Out of the organization's list as far as that pays, and the others by themselves. */
  async #loadByList(
    wanted: readonly (readonly [string, PersonParts])[],
    failures: Map<string, Error>,
  ): Promise<void> {
    const stillMissing = () => wanted.filter(([id, needs]) => this.#knownWith(id, needs) === undefined);
    try {
      const { presence, calling } = wanted.map(([, parts]) => parts).reduce(joinParts, BASIC_PARTS);
      await this.#scanFor(presence, calling).readOn(
        () => stillMissing().length,
        (person) => this.remember(person),
      );
    } catch (error) {
      // The list was a short cut; if it fails for itself, each can still be read alone.
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
    await Promise.all(wanted.map(([id, needs]) => this.#loadOne(id, needs, failures)));
  }

  async #loadOne(id: string, needs: PersonParts, failures: Map<string, Error>): Promise<void> {
    try {
      const person = await getPerson(this.#client, this.#context, id, needs);
      if (person === null) this.#rememberMissing([id]);
      else this.#rememberAs(id, person);
    } catch (error) {
      if (!needs.calling || !isRefusedRequest(error)) {
        failures.set(id, asError(error));
        return;
      }
      // Webex may refuse the calling data only. Fields that need none are answered then.
      this.#refused.set(id, error);
      await this.#loadOne(id, { ...needs, calling: false }, failures);
    }
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
