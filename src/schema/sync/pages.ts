import { InvalidCursor } from '../../errors/request.ts';

/** Lists whose positions a cursor may name. */
type List = 'plan' | 'run' | 'item' | 'problem';

/** A position of a list, opaque for clients. */
export function cursorTo(list: List, position: string): string {
  return Buffer.from(`${list}:${position}`).toString('base64url');
}

/** The position behind a cursor of this list. Throws InvalidCursor. */
export function positionOf(list: List, cursor: string): string {
  const text = cursor.length > 200 ? '' : Buffer.from(cursor, 'base64url').toString('utf8');
  if (!text.startsWith(`${list}:`)) throw new InvalidCursor();
  return text.slice(list.length + 1);
}

/** The number behind a cursor of this list; undefined without a cursor. Throws InvalidCursor. */
export function numberAfter(list: List, cursor: string | null | undefined): number | undefined {
  if (cursor == null) return undefined;
  const position = positionOf(list, cursor);
  if (!/^\d{1,9}$/.test(position)) throw new InvalidCursor();
  return Number(position);
}

const counts = new WeakMap<object, () => Promise<number>>();

/**
 * A page of a list that is read by its keys.
 * @param count counts the whole list; called only if the client selects the number
 */
export function toKeysetConnection<Node>(
  nodes: readonly Node[],
  hasNextPage: boolean,
  cursorOf: (node: Node) => string,
  count: () => Promise<number>,
) {
  const edges = nodes.map((node) => ({ node, cursor: cursorOf(node) }));
  const connection = {
    edges,
    pageInfo: {
      hasNextPage,
      hasPreviousPage: false,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
  counts.set(connection, count);
  return connection;
}

/** How many objects the whole list has. Rejects with StoreUnavailable. */
async function totalOf(connection: object): Promise<number> {
  const count = counts.get(connection);
  if (count === undefined) throw new Error('This list is not read by its keys.');
  return count();
}

/** The field `totalCount` of a list that is read by its keys. */
export const TOTAL_COUNT = {
  fallible: true,
  description: 'Number of objects in the whole list. Counted only if it is selected.',
  resolve: totalOf,
} as const;

/** Whether a filter has a list of values. An empty list is no condition. */
export function isGiven<T>(values: readonly T[] | null | undefined): values is readonly T[] {
  return values != null && values.length > 0;
}
