import type { Person } from '../../datasources/webex/people/person.ts';
import type { WebexScan } from '../../datasources/webex/scan.ts';
import { UpstreamError } from '../../errors/upstream.ts';
import type { Staging } from '../../store/sync/staging.ts';
import type { TargetRows } from './observed-user.ts';
import type { Tally } from './tally.ts';

/** Reads people into `sync_target_rows`. */
export class PeopleReading {
  readonly #scan: WebexScan;
  readonly #calling: boolean;
  readonly #staging: Staging;
  readonly #rows: Promise<TargetRows>;
  readonly #tally: Tally;
  /** Ids of bots and the like, because one that comes twice counts once. There are few. */
  readonly #others = new Set<string>();
  #count = 0;

  /** @param rows makes their rows, as soon as licenses and roles are known */
  constructor(scan: WebexScan, calling: boolean, staging: Staging, rows: Promise<TargetRows>, tally: Tally) {
    this.#scan = scan;
    this.#calling = calling;
    this.#staging = staging;
    this.#rows = rows;
    this.#tally = tally;
  }

  /** Reads all people. */
  async read(): Promise<void> {
    const sink = {
      take: (people: readonly Person[]) => this.#store(people),
      restart: async () => {
        await this.#staging.clear('sync_target_rows');
        this.#count = 0;
        this.#others.clear();
      },
    };
    this.#tally.ended('people', await this.#scan.people(this.#calling, sink, this.#tally.meterOf('people')));
  }

  /** Reads people again, one by one, and stores them as they are now. */
  async again(ids: readonly string[]): Promise<void> {
    let unreadable = 0;
    for (const id of ids) {
      const person = await this.#readOne(id);
      if (person === undefined) unreadable += 1;
      else await this.#replace(id, person);
    }
    if (unreadable > 0) {
      this.#tally.note('people', `Users who were changed meanwhile could not be read again: ${unreadable}.`);
    }
  }

  /** Undefined: Webex could not say. */
  async #readOne(id: string): Promise<Person | null | undefined> {
    try {
      return await this.#scan.person(id, this.#calling, this.#tally.meterOf('people'));
    } catch (error) {
      if (error instanceof UpstreamError) return undefined;
      throw error;
    }
  }

  async #replace(id: string, person: Person | null): Promise<void> {
    this.#count -= await this.#staging.remove('sync_target_rows', [id]);
    this.#others.delete(id);
    await this.#store(person === null ? [] : [person]);
  }

  async #store(people: readonly Person[]) {
    const rows = await this.#rows;
    const made = people.map((person) => rows.of(person));
    const fresh = await this.#staging.insert('sync_target_rows', made);
    const conflicting = fresh === made.length ? 0 : await this.#staging.conflicting('sync_target_rows', made);
    for (const { type, webex_id: id } of made) if (type !== 'person') this.#others.add(id);
    this.#count += fresh;
    this.#tally.others = this.#others.size;
    this.#tally.people = this.#count - this.#others.size;
    this.#tally.tell();
    return { fresh, conflicting };
  }
}
