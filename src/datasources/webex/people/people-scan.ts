import type { CallContext } from '../call.ts';
import type { Catalogues, OrganizationSize } from '../catalogues/catalogues.ts';
import type { WebexClient } from '../client.ts';
import type { PageSize } from '../lists/page-size.ts';
import { LARGEST_PAGE, Trail } from '../lists/slices.ts';
import type { PersonParts } from '../records.ts';
import { listPeople } from './people.ts';
import type { Person } from './person.ts';

/** After so many pages the share of people found says how long the list may be; few pages are read anyway. */
const PAGES_THAT_TELL = 3;

/**
 * Reads through the organization's list of people, as far as that pays, and later on from where it
 * stopped. It is the cheap way to read many people in full: a list holds all of them, `?id=` does not.
 */
export class PeopleScan {
  readonly #client: WebexClient;
  readonly #context: CallContext;
  readonly #organization: OrganizationSize;
  readonly #parts: PersonParts;
  readonly #size: PageSize;
  readonly #trail = new Trail();
  #from: string | undefined;
  #pages = 0;
  /** People who were wanted, and those of them whom the pages so far held. */
  #wanted = 0;
  #hits = 0;
  #finished = false;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param parts what of each person the list is asked for */
  constructor(
    client: WebexClient,
    context: CallContext,
    { size, pageSizes }: Catalogues,
    parts: PersonParts,
  ) {
    this.#client = client;
    this.#context = context;
    this.#organization = size;
    this.#size = pageSizes.of('people', [parts.presence, parts.calling], LARGEST_PAGE);
    this.#parts = parts;
  }

  /**
   * Reads on as long as that is cheaper than to read each of the people who are missing by themselves: while
   * the rest of the list is fewer pages than people are missing. How long the list is may be known from
   * before; else, after a few pages, the share of the wanted that they held tells. Never are more pages tried
   * than single reads would have been made.
   * One call after the other, so that what one finds the next need not look for.
   * @param missing how many people are still wanted
   * @param found is given everybody who is read
   */
  readOn(missing: () => number, found: (person: Person) => void): Promise<void> {
    const turn = this.#turn.then(async () => {
      this.#wanted += missing();
      for (let pages = 0; !this.#finished; pages += 1) {
        const before = missing();
        const { peoplePages, likelyPeoplePages = 0 } = this.#organization;
        const rest = Math.max(1, (peoplePages ?? likelyPeoplePages) - this.#pages);
        if (Math.max(pages, rest) >= before) break;
        const slice = await this.#size.read(LARGEST_PAGE, (max) =>
          listPeople(this.#client, this.#context, {}, this.#parts, this.#from, max),
        );
        for (const person of slice.records) found(person);
        this.#from = this.#trail.behind(this.#from, slice);
        this.#pages += 1;
        this.#finished = this.#from === undefined;
        this.#hits += before - missing();
        this.#learn();
      }
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /**
   * How many pages there are; while the last was not seen, as many as the share of hits makes likely, or one
   * more than were read.
   */
  #learn(): void {
    const size = this.#organization;
    if (this.#finished) size.peoplePages = this.#pages;
    else if (size.peoplePages !== undefined) size.peoplePages = Math.max(size.peoplePages, this.#pages + 1);
    const share = this.#pages < PAGES_THAT_TELL ? 1 : Math.max(this.#hits, 0.5) / this.#wanted;
    size.likelyPeoplePages = Math.max(this.#pages + 1, Math.ceil(this.#pages / share));
  }
}
