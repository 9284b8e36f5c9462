import { createHmac, timingSafeEqual } from 'node:crypto';
import { InvalidCursor } from '../../errors/request.ts';
import type { Anchor } from './anchors.ts';

/** Where a page ended: behind the `count`-th record of the slice that begins at `from`, and behind the anchors. */
export interface Position {
  readonly from: string | undefined;
  readonly count: number;
  /** The last first; empty if no record of the slice is to be skipped. */
  readonly anchors: readonly Anchor[];
}

/** Bytes of the signature that a cursor carries. */
const SIGNATURE_BYTES = 16;

/**
 * Creates and reads the cursors of one list. They are signed, because their content goes into the query of a request to the
 * service: only what came from there may.
 */
export class Cursors {
  readonly #key: string;
  readonly #list: string;

  /**
   * @param list names the list and its filter
   * @param key known to the gateway only
   */
  constructor(list: readonly unknown[], key: string) {
    this.#list = JSON.stringify(list);
    this.#key = key;
  }

  encode({ from, count, anchors }: Position): string {
    const anchorsAsTuples = anchors.map(({ back, print }) => [back, print]);
    const position = JSON.stringify([from ?? null, count, anchorsAsTuples]);
    return Buffer.concat([this.#sign(position), Buffer.from(position)]).toString('base64url');
  }

  /** Throws InvalidCursor for what was not made by this list with this key. */
  decode(cursor: string): Position {
    const bytes = Buffer.from(cursor, 'base64url');
    const position = bytes.subarray(SIGNATURE_BYTES).toString('utf8');
    const signature = bytes.subarray(0, SIGNATURE_BYTES);
    if (signature.length < SIGNATURE_BYTES || !timingSafeEqual(signature, this.#sign(position))) {
      throw new InvalidCursor();
    }
    const value: unknown = JSON.parse(position);
    const [from, count, anchorsAsTuples]: unknown[] = Array.isArray(value) ? value : [];
    if (
      (from !== null && typeof from !== 'string') ||
      typeof count !== 'number' ||
      !Number.isInteger(count) ||
      count < 0 ||
      !Array.isArray(anchorsAsTuples)
    ) {
      throw new InvalidCursor();
    }
    return { from: from ?? undefined, count, anchors: anchorsAsTuples.map(readAnchor) };
  }

  #sign(position: string): Buffer {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([this.#list, position]))
      .digest()
      .subarray(0, SIGNATURE_BYTES);
  }
}

function readAnchor(tuple: unknown): Anchor {
  const [back, print]: unknown[] = Array.isArray(tuple) ? tuple : [];
  if (typeof back !== 'number' || typeof print !== 'string') throw new InvalidCursor();
  return { back, print };
}
