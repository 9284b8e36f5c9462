import { type GraphQLNamedType, getArgumentValues, Kind, type SelectionSetNode } from 'graphql';
import type { CostBasis } from './costs.ts';
import type { SharedSelection } from './once-per-connector.ts';
import { fieldsOf, type Operation, type SelectedField } from './selected-fields.ts';

/** What one field costs, in whatever is counted. */
export interface Price {
  /** For the field itself. */
  readonly own: number;
  /** How often what is selected below it comes. */
  readonly multiplier: number;
}

export type Pricing = (selected: SelectedField) => Price;

/** The field that costs the most by itself, under whatever aliases it stands. */
export interface Costliest {
  /** The names of the fields that lead to it from the operation's root, and its own. */
  readonly path: readonly string[];
  /** What it costs. */
  readonly share: number;
}

/** A selection that is made so many times. */
interface Branch {
  readonly selections: SelectionSetNode;
  readonly type: GraphQLNamedType;
  readonly times: number;
}

/** What fields cost in requests to Webex. */
export function requestPricing(operation: Operation, basis: CostBasis): Pricing {
  return ({ node, field }) => {
    const option = field.extensions.complexity;
    const cost =
      typeof option === 'function'
        ? option(getArgumentValues(field, node, operation.variableValues), basis, field)
        : option;
    const { field: own = 0, multiplier = 1 } = typeof cost === 'number' ? { field: cost } : (cost ?? {});
    return { own, multiplier };
  };
}

/** What all fields of an operation cost together. */
export function totalOf(operation: Operation, pricing: Pricing): number {
  const walk = new CostWalk(operation, pricing);
  return walk.fieldsOn(rootOf(operation)).reduce((total, { whole }) => total + whole, 0);
}

/**
 * Finds the field that costs the most by itself.
 * @param shared what is counted apart from the operation
 */
export function findCostliest(
  operation: Operation,
  pricing: Pricing,
  shared: readonly SharedSelection[] = [],
): Costliest {
  const walk = new CostWalk(operation, pricing);
  let found = follow(walk, rootOf(operation), []);
  const type = operation.schema.getType('Connector');
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

function rootOf({ schema, operation }: Operation): Branch[] {
  const type = schema.getRootType(operation.operation);
  return type == null ? [] : [{ selections: operation.selectionSet, type, times: 1 }];
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
  /** For the fields themselves, and for all below them too. */
  own: number;
  whole: number;
  readonly below: Map<SelectionSetNode, Branch>;
}

class CostWalk {
  readonly #operation: Operation;
  readonly #pricing: Pricing;
  readonly #wholes = new Map<SelectionSetNode, number>();

  constructor(operation: Operation, pricing: Pricing) {
    this.#operation = operation;
    this.#pricing = pricing;
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
    for (const selected of fieldsOf(this.#operation, selections, type)) {
      yield { ...selected, ...this.#pricing(selected) };
    }
  }
}
