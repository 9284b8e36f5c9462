import { createHash } from 'node:crypto';

/** A record that was given before a cursor, by which its position is found again. */
export interface Anchor {
  /** How many records were given behind it, up to the cursor. */
  readonly back: number;
  /** What its id is known by. */
  readonly print: string;
}

/** So many of the last records are all remembered; of those before, one for each doubling of the distance. */
const ALL_OF_LAST = 8;
/** Bytes of an id's hash; enough for no two ids of a list to be taken for one another. */
const PRINT_BYTES = 6;

/** The anchors of a cursor. */
export class Anchors {
  readonly #anchors: readonly Anchor[];
  readonly #backs: ReadonlyMap<string, number>;

  constructor(anchors: readonly Anchor[]) {
    this.#anchors = anchors;
    this.#backs = new Map(anchors.map(({ print, back }) => [print, back]));
  }

  /** How many records were given behind the record with this id; undefined if that is no anchor. */
  backOf(id: string): number | undefined {
    return this.#backs.size === 0 ? undefined : this.#backs.get(printOf(id));
  }

  /** The anchors of the cursor behind the first `count` of these ids, which were given behind this one. */
  behind(ids: readonly string[], count: number): Anchor[] {
    const kept: Anchor[] = [];
    let wanted = 0;
    for (; wanted < count; wanted = furtherBack(wanted)) {
      const id = ids[count - 1 - wanted];
      if (id !== undefined) kept.push({ back: wanted, print: printOf(id) });
    }
    for (const { back, print } of this.#anchors) {
      if (back + count < wanted) continue;
      kept.push({ back: back + count, print });
      wanted = furtherBack(back + count);
    }
    return kept;
  }
}

function furtherBack(back: number): number {
  return back < ALL_OF_LAST ? back + 1 : back * 2;
}

function printOf(id: string): string {
  return createHash('sha256').update(id).digest().toString('base64url', 0, PRINT_BYTES);
}
