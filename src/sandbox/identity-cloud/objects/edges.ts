import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from './json.ts';

/** One end of a relationship. */
export interface End {
  /** Such as `alpha_user`. */
  readonly collection: string;
  readonly id: string;
  readonly property: string;
}

/** A relationship between two objects. Both ends show it, each under a property of its own. */
export interface Edge {
  readonly id: string;
  readonly revision: string;
  readonly ends: readonly [End, End];
  /** Empty: given by hand; `conditional`: by the condition of a role. */
  readonly grantType: string;
  readonly properties: JsonObject;
  /** Milliseconds since 1970. */
  readonly at: number;
  removedAt: number | undefined;
}

/** All relationships of a tenant. */
export class Edges {
  readonly #byEnd = new Map<string, Map<string, Edge>>();

  /** @param properties of the reference; `_grantType` among them */
  add(ends: readonly [End, End], at: number, properties: JsonObject = {}): Edge {
    const { _grantType: grantType = '', ...rest } = properties;
    const edge: Edge = {
      id: randomUUID(),
      revision: `${randomUUID()}-${Math.floor(at % 100_000)}`,
      ends,
      grantType: String(grantType),
      properties: rest,
      at,
      removedAt: undefined,
    };
    for (const end of ends) this.#of(end).set(edge.id, edge);
    return edge;
  }

  /** The relationships under a property, in the order in which they were made. */
  of(end: End): readonly Edge[] {
    return [...(this.#byEnd.get(keyOf(end))?.values() ?? [])].filter(
      ({ removedAt }) => removedAt === undefined,
    );
  }

  /** As `of`, as it was at an earlier moment, as far as that is kept. */
  asOf(end: End, moment: number): readonly Edge[] {
    return [...(this.#byEnd.get(keyOf(end))?.values() ?? [])].filter(
      ({ at, removedAt }) => at <= moment && (removedAt === undefined || removedAt > moment),
    );
  }

  find(end: End, edgeId: string): Edge | undefined {
    return this.of(end).find(({ id }) => id === edgeId);
  }

  remove(edge: Edge, at: number): void {
    edge.removedAt = at;
  }

  /** Removes all relationships of an object that is deleted. */
  removeAll(collection: string, id: string, at: number): void {
    for (const edges of this.#byEnd.values())
      for (const edge of edges.values())
        if (edge.ends.some((end) => end.collection === collection && end.id === id)) edge.removedAt ??= at;
  }

  #of(end: End): Map<string, Edge> {
    const key = keyOf(end);
    const known = this.#byEnd.get(key) ?? new Map<string, Edge>();
    this.#byEnd.set(key, known);
    return known;
  }
}

function keyOf({ collection, id, property }: End): string {
  return `${collection} ${id} ${property}`;
}

/** The end that an object sees from here. */
export function otherEnd(edge: Edge, from: End): End {
  const [one, other] = edge.ends;
  const isFirst = one.collection === from.collection && one.id === from.id && one.property === from.property;
  return isFirst ? other : one;
}

/** The reference as a record shows it. */
export function referenceOf(edge: Edge, from: End): { readonly [name: string]: Json } {
  const { collection, id } = otherEnd(edge, from);
  return {
    _ref: `managed/${collection}/${id}`,
    _refResourceCollection: `managed/${collection}`,
    _refResourceId: id,
    _refProperties: {
      _id: edge.id,
      _rev: edge.revision,
      _grantType: edge.grantType,
      ...edge.properties,
    },
  };
}
