import { type FieldProblem, InvalidInput } from '../../errors/request.ts';
import type { ValueReader } from '../users/input-values.ts';

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

  /** A value as it is sent. One that is refused is a problem, and undefined. */
  value(field: string, given: string | null | undefined, read: ValueReader): string | null | undefined {
    if (given == null) return given;
    const found = read(given);
    if ('value' in found) return found.value;
    this.add(field, found.refusal);
    return undefined;
  }

  /**
   * A list of values as they are sent, each once. Those that are refused are problems, and left out.
   * @param most how many there may be
   */
  list(
    field: string,
    given: readonly string[] | null | undefined,
    most: number,
    read: ValueReader,
  ): readonly string[] | null | undefined {
    if (given == null) return given;
    if (given.length > most) {
      this.add(field, `must be ${most} at most.`);
      return undefined;
    }
    const values = given.map((each, index) => this.value(`${field}[${index}]`, each, read));
    return [...new Set(values.filter((value) => value != null))];
  }

  /** Throws InvalidInput where anything was found. */
  throwAny(): void {
    const [first, ...others] = this.#found;
    if (first !== undefined) throw new InvalidInput(first.field, first.message, others);
  }
}

/**
 * One value as it is sent, of a field that stands by itself.
 * @param field where it stands in the caller's request
 * Throws InvalidInput.
 */
export function readValue(field: string, given: string, read: ValueReader): string {
  const found = read(given);
  if ('refusal' in found) throw new InvalidInput(field, found.refusal);
  return found.value;
}
