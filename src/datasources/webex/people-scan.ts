import type { CallContext, WebexClient } from './client.ts';
import { LARGEST_PAGE } from './paging.ts';
import { listPeople } from './people.ts';
import type { Person, PersonParts } from './records.ts';

/**
 * Reads through the organization's list of people, as far as that pays, and later on from where it
 * stopped. It is the cheap way to read many people in full: a list holds all of them, `?id=` does not.
 */
export class PeopleScan {
  readonly #client: WebexClient;
  readonly #context: CallContext;
  readonly #parts: PersonParts;
  #from: string | undefined;
  #finished = false;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param parts what of each person the list is asked for */
  constructor(client: WebexClient, context: CallContext, parts: PersonParts) {
    this.#client = client;
    this.#context = context;
    this.#parts = parts;
  }

  /**
   * Reads on as long as `missing` says that more people are wanted than pages were read for them: how
   * large the organization is cannot be known beforehand, and each of them could be read by itself.
   * One after the other, so that what one finds the next need not look for.
   * @param missing how many people are still wanted
   * @param found is given everybody who is read
   */
  readOn(missing: () => number, found: (person: Person) => void): Promise<void> {
    const turn = this.#turn.then(async () => {
      for (let pages = 0; !this.#finished && pages < missing(); pages += 1) {
        const slice = await listPeople(
          this.#client,
          this.#context,
          {},
          this.#parts,
          this.#from,
          LARGEST_PAGE,
        );
        for (const person of slice.records) found(person);
        this.#finished = slice.next === undefined || slice.next === this.#from;
        this.#from = slice.next;
      }
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
