import { type GraphQLNamedType, getArgumentValues, Kind, type SelectionSetNode } from 'graphql';
import type { CostBasis } from './costs.ts';
import type { SharedSelection } from './once-per-connector.ts';
import { fieldsOf, type Operation } from './selected-fields.ts';

/** The field that takes the most requests by itself, under whatever aliases it stands. */
export interface Costliest {
  /** The names of the fields that lead to it from the operation's root, and its own. */
  readonly path: readonly string[];
  /** Requests. */
  readonly share: number;
}

/** A selection that is made so many times. */
interface Branch {
  readonly selections: SelectionSetNode;
  readonly type: GraphQLNamedType;
  readonly times: number;
}

/**
 * Finds the field that costs the most by itself.
 * @param shared what is counted apart from the operation
 */
export function findCostliest(
  operation: Operation,
  shared: readonly SharedSelection[],
  basis: CostBasis,
): Costliest {
  const walk = new CostWalk(operation, basis);
  const { schema } = operation;
  const { selectionSet: selections, operation: kind } = operation.operation;
  const root = schema.getRootType(kind);
  let found = follow(walk, root == null ? [] : [{ selections, type: root, times: 1 }], []);
  const type = schema.getType('Connector');
  if (type === undefined) return found;
  for (const [place, ...others] of Map.groupBy(shared, ({ path }) => path.join('.')).values()) {
    if (place === undefined) continue;
    const branches = [place, ...others].map(({ node, connectors }) => ({
      selections: { kind: Kind.SELECTION_SET, selections: [node] } as const,
      type,
      times: connectors,
    }));
    const below = follow(walk, branches, place.path);
    if (below.share > found.share) found = below;
  }
  return found;
}

/** Goes from field to field where it costs the most, as long as there may be a costlier one below. */
function follow(walk: CostWalk, branches: readonly Branch[], from: readonly string[]): Costliest {
  let level = branches;
  let path = from;
  let found: Costliest = { path, share: 0 };
  for (;;) {
    const [heaviest] = walk.fieldsOn(level).sort((one, other) => other.whole - one.whole);
    if (heaviest === undefined || heaviest.whole <= found.share) return found;
    path = [...path, heaviest.name];
    if (heaviest.own > found.share) found = { path, share: heaviest.own };
    level = [...heaviest.below.values()];
  }
}

/** All fields of one name on one level. */
interface FieldCost {
  readonly name: string;
  /** Requests for the fields themselves, and for all below them too. */
  own: number;
  whole: number;
  readonly below: Map<SelectionSetNode, Branch>;
}

class CostWalk {
  readonly #operation: Operation;
  readonly #basis: CostBasis;
  readonly #wholes = new Map<SelectionSetNode, number>();

  constructor(operation: Operation, basis: CostBasis) {
    this.#operation = operation;
    this.#basis = basis;
  }

  fieldsOn(level: readonly Branch[]): FieldCost[] {
    const found = new Map<string, FieldCost>();
    for (const { selections, type, times } of level) {
      for (const { node, own, multiplier, returned } of this.#fieldsOf(selections, type)) {
        const name = node.name.value;
        const cost = found.get(name) ?? {
          name,
          own: 0,
          whole: 0,
          below: new Map<SelectionSetNode, Branch>(),
        };
        found.set(name, cost);
        cost.own += times * own;
        cost.whole += times * own;
        if (node.selectionSet === undefined) continue;
        cost.whole += times * multiplier * this.#wholeOf(node.selectionSet, returned);
        const same = cost.below.get(node.selectionSet)?.times ?? 0;
        const branch = { selections: node.selectionSet, type: returned, times: same + times * multiplier };
        cost.below.set(node.selectionSet, branch);
      }
    }
    return [...found.values()];
  }

  #wholeOf(selections: SelectionSetNode, type: GraphQLNamedType): number {
    const known = this.#wholes.get(selections);
    if (known !== undefined) return known;
    let whole = 0;
    for (const { node, own, multiplier, returned } of this.#fieldsOf(selections, type)) {
      const below = node.selectionSet === undefined ? 0 : this.#wholeOf(node.selectionSet, returned);
      whole += own + multiplier * below;
    }
    this.#wholes.set(selections, whole);
    return whole;
  }

  *#fieldsOf(selections: SelectionSetNode, type: GraphQLNamedType) {
    for (const { node, field, returned } of fieldsOf(this.#operation, selections, type)) {
      const option = field.extensions.complexity;
      const cost =
        typeof option === 'function'
          ? option(getArgumentValues(field, node, this.#operation.variableValues), this.#basis, field)
          : option;
      const { field: own = 0, multiplier = 1 } = typeof cost === 'number' ? { field: cost } : (cost ?? {});
      yield { node, own, multiplier, returned };
    }
  }
}
