import type { ASTNode } from '@marcbachmann/cel-js';

/** Macros that bind a name: `list.map(x, …)`. */
const MACROS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** The nodes below a node that are not names. */
function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case '!_':
    case '-_':
      return [node.args];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'map':
      return node.args.flat();
    default:
      return node.args;
  }
}

/** Names that an expression reads from its record, without those that its macros bind. Pure. */
export function freeNames(node: ASTNode, bound: ReadonlySet<string> = new Set()): Set<string> {
  if (node.op === 'id') return new Set(bound.has(node.args) ? [] : [node.args]);
  if (node.op === 'rcall') {
    const [name, receiver, [first, ...others]] = node.args;
    if (first?.op === 'id' && MACROS.has(name)) {
      const inner = new Set([...bound, first.args]);
      return union([freeNames(receiver, bound), ...others.map((each) => freeNames(each, inner))]);
    }
    const [value, body] = others;
    if (
      name === 'bind' &&
      first?.op === 'id' &&
      receiver.op === 'id' &&
      value !== undefined &&
      body !== undefined
    )
      return union([freeNames(value, bound), freeNames(body, new Set([...bound, first.args]))]);
  }
  return union(childrenOf(node).map((child) => freeNames(child, bound)));
}

function union(sets: readonly Set<string>[]): Set<string> {
  return new Set(sets.flatMap((set) => [...set]));
}

/** All nodes of an expression. Pure. */
export function* nodesOf(node: ASTNode): Generator<ASTNode> {
  yield node;
  for (const child of childrenOf(node)) yield* nodesOf(child);
}
