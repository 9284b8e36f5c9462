import { type FieldProblem, InvalidInput, NotFound } from '../../errors/request.ts';

/** Reads an input part by part, so that everything that is wrong with it is answered at once. */
export class InputReading {
  readonly #problems: FieldProblem[] = [];
  #notFound: NotFound | undefined;

  /** Whether every part so far could be read. */
  get isClean(): boolean {
    return this.#problems.length === 0 && this.#notFound === undefined;
  }

  /** What `read` returns; undefined if it throws InvalidInput or NotFound. Throws anything else that `read` throws. */
  of<Part>(read: () => Part): Part | undefined {
    try {
      return read();
    } catch (error) {
      if (error instanceof InvalidInput) this.#problems.push(...error.problems);
      else if (error instanceof NotFound) this.#notFound ??= error;
      else throw error;
      return undefined;
    }
  }

  /** Throws InvalidInput with all problems of all parts; without problems, the first NotFound. */
  throwAny(): void {
    const [first, ...others] = this.#problems;
    if (first !== undefined) throw new InvalidInput(first.field, first.message, others);
    if (this.#notFound !== undefined) throw this.#notFound;
  }
}

/** Reads every item of a list. Throws InvalidInput with the problems of all items, or the first NotFound. */
export function readEach<Item, Read extends object>(
  items: readonly Item[] | null | undefined,
  read: (item: Item, index: number) => Read,
): Read[] {
  const reading = new InputReading();
  const found: Read[] = [];
  for (const [index, item] of (items ?? []).entries()) {
    const one = reading.of(() => read(item, index));
    if (one !== undefined) found.push(one);
  }
  reading.throwAny();
  return found;
}
