import { type FieldProblem, InvalidInput } from '../errors.ts';

/** Collects what is wrong with an input, so that all of it can be told at once. */
export class Problems {
  readonly #at: string;
  readonly #found: FieldProblem[] = [];

  /** @param at where the input stands in the caller's request, as `input` or `input.users[3]` */
  constructor(at: string) {
    this.#at = at;
  }

  add(field: string, message: string): void {
    this.#found.push({ field: `${this.#at}.${field}`, message });
  }

  /** A text without the space around it. An empty one is a problem, as null clears. */
  text(field: string, value: string | null | undefined, longest: number): string | null | undefined {
    if (value == null) return value;
    const text = value.trim();
    if (text === '') this.add(field, 'must not be empty. Give null to clear it.');
    if (text.length > longest) this.add(field, `must be ${longest} characters at most.`);
    if (/\p{Cc}/u.test(text)) this.add(field, 'must not hold control characters.');
    return text;
  }

  /** A list of texts, each of which has to pass; without repetitions. */
  list(
    field: string,
    values: readonly string[] | null | undefined,
    most: number,
    passes: (value: string) => boolean,
    sentence: string,
  ): readonly string[] | null | undefined {
    if (values == null) return values;
    if (values.length > most) this.add(field, `must be ${most} at most.`);
    const texts = values.map((value) => value.trim());
    for (const [index, value] of texts.entries())
      if (!passes(value)) this.add(`${field}[${index}]`, sentence);
    return [...new Set(texts)];
  }

  /** Throws InvalidInput where anything was found. */
  throwAny(): void {
    const [first, ...others] = this.#found;
    if (first !== undefined) throw new InvalidInput(first.field, first.message, others);
  }
}
