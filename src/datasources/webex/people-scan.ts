import type { OrganizationSize } from './catalogues.ts';
import type { CallContext, WebexClient } from './client.ts';
import { PageSize } from './page-size.ts';
import { listPeople } from './people.ts';
import type { Person, PersonParts } from './records.ts';
import { LARGEST_PAGE, Trail } from './slices.ts';

/**
 * Reads through the organization's list of people, as far as that pays, and later on from where it
 * stopped. It is the cheap way to read many people in full: a list holds all of them, `?id=` does not.
 */
export class PeopleScan {
  readonly #client: WebexClient;
  readonly #context: CallContext;
  readonly #organization: OrganizationSize;
  readonly #parts: PersonParts;
  readonly #size = new PageSize(LARGEST_PAGE);
  readonly #trail = new Trail();
  #from: string | undefined;
  #pages = 0;
  #finished = false;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param parts what of each person the list is asked for */
  constructor(client: WebexClient, context: CallContext, organization: OrganizationSize, parts: PersonParts) {
    this.#client = client;
    this.#context = context;
    this.#organization = organization;
    this.#parts = parts;
  }

  /**
   * Reads on as long as that is cheaper than to read each of the people who are missing by themselves. Where
   * the length of the list is known, the rest of it must be fewer pages than people are missing. Where it is
   * not, or is longer than was known, as many pages are tried as single reads would have been made, so that
   * never more than twice the least is spent.
   * One call after the other, so that what one finds the next need not look for.
   * @param missing how many people are still wanted
   * @param found is given everybody who is read
   */
  readOn(missing: () => number, found: (person: Person) => void): Promise<void> {
    const turn = this.#turn.then(async () => {
      const known = this.#organization.peoplePages;
      for (let pages = 0; !this.#finished; pages += 1) {
        const rest = known === undefined ? 0 : Math.max(1, known - this.#pages);
        if (Math.max(pages, rest) >= missing()) break;
        const slice = await this.#size.read(LARGEST_PAGE, (max) =>
          listPeople(this.#client, this.#context, {}, this.#parts, this.#from, max),
        );
        for (const person of slice.records) found(person);
        this.#from = this.#trail.behind(this.#from, slice);
        this.#pages += 1;
        this.#finished = this.#from === undefined;
        this.#learn();
      }
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** How many pages there are; while the last was not seen, at least one more than were read. */
  #learn(): void {
    const known = this.#organization.peoplePages ?? 0;
    this.#organization.peoplePages = this.#finished ? this.#pages : Math.max(known, this.#pages + 1);
  }
}
