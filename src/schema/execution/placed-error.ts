import {
  type FieldNode,
  GraphQLError,
  type GraphQLResolveInfo,
  getLocation,
  type SourceLocation,
} from 'graphql';

/**
 * An error with its place in the answer and in the document. graphql-js looks its place up in the text of the document,
 * from the start for each error, which takes milliseconds in a long one; this takes what is known.
 */
export class PlacedError extends GraphQLError {
  override readonly locations: readonly SourceLocation[] | undefined;

  constructor(message: string, { locations, ...options }: Contents) {
    super(message, options);
    this.locations = locations;
  }
}

interface Contents {
  readonly locations: readonly SourceLocation[] | undefined;
  readonly path: GraphQLError['path'];
  readonly originalError?: Error;
  readonly extensions?: GraphQLError['extensions'];
}

const locations = new WeakMap<FieldNode, SourceLocation>();

/**
 * What a field failed with, with its place. Returned as it is if it has one, or is no Error.
 * @param index of the item that failed, if the field is a list
 */
export function placedAt(info: GraphQLResolveInfo, error: unknown, index?: number): unknown {
  if (!(error instanceof Error) || (error instanceof GraphQLError && error.path !== undefined)) return error;
  return new PlacedError(error.message, {
    path: pathOf(info, index),
    locations: info.fieldNodes.flatMap((node) => locationOf(node) ?? []),
    originalError: error,
  });
}

function pathOf({ path }: GraphQLResolveInfo, index: number | undefined): (string | number)[] {
  const keys: (string | number)[] = index === undefined ? [] : [index];
  for (let at: GraphQLResolveInfo['path'] | undefined = path; at !== undefined; at = at.prev)
    keys.push(at.key);
  return keys.reverse();
}

function locationOf(node: FieldNode): SourceLocation | undefined {
  const known = locations.get(node);
  if (known !== undefined || node.loc === undefined) return known;
  const found = getLocation(node.loc.source, node.loc.start);
  locations.set(node, found);
  return found;
}
