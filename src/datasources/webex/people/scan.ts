import type { CallContext } from '../../rest/call-context.ts';
import type { PageSize } from '../../rest/page-size.ts';
import { LARGEST_PAGE, Trail } from '../../rest/slices.ts';
import type { Catalogues, OrganizationSize } from '../catalogues/catalogues.ts';
import type { WebexClient } from '../client.ts';
import type { PersonParts } from '../records.ts';
import { listPeople, mostPeopleAtOnce } from './people.ts';
import type { Person } from './person.ts';

/** With calling data a page takes Webex about as long as so many people who are read by themselves, side by side. */
const CALLING_PAGE = 10;
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
  /** People on a page, and how many such pages hold what the largest page would. */
  readonly #most: number;
  readonly #scale: number;
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
    this.#most = mostPeopleAtOnce({}, parts);
    this.#scale = LARGEST_PAGE / this.#most;
    this.#size = pageSizes.of('people', [parts.presence, parts.calling], this.#most);
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
        if (!this.#pays(pages, before)) break;
        const slice = await this.#size.read(this.#most, (max) =>
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
   * Whether to read another page.
   * @param pages how many were read for those who are missing
   */
  #pays(pages: number, missing: number): boolean {
    const { peoplePages, likelyPeoplePages } = this.#organization;
    const likely = peoplePages ?? likelyPeoplePages;
    const rest = Math.max(1, (likely ?? 0) * this.#scale - this.#pages);
    if (!this.#parts.calling) return Math.max(pages, rest) < missing;
    // A slow page is not tried at a venture for fewer people than it holds.
    if (likely === undefined && missing <= this.#most) return false;
    return CALLING_PAGE * Math.max(pages, rest) < missing;
  }

  /**
   * How many of the largest pages there are; while the last was not seen, as many as the share of hits makes likely, or one
   * more than were read.
   */
  #learn(): void {
    const size = this.#organization;
    const atLeast = Math.ceil((this.#pages + 1) / this.#scale);
    if (this.#finished) size.peoplePages = Math.ceil(this.#pages / this.#scale);
    else if (size.peoplePages !== undefined) size.peoplePages = Math.max(size.peoplePages, atLeast);
    const share = this.#pages < PAGES_THAT_TELL ? 1 : Math.max(this.#hits, 0.5) / this.#wanted;
    size.likelyPeoplePages = Math.max(atLeast, Math.ceil(this.#pages / share / this.#scale));
  }
}
