import type { FieldComplexity } from '@pothos/plugin-complexity';
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { CostBasis } from './costs.ts';

declare module 'graphql' {
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    complexity?: FieldComplexity<object, object>;
  }
}

/** An operation, with all that is needed to work out what its fields cost. */
export interface Query {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly variableValues: GraphQLResolveInfo['variableValues'];
  readonly shared: readonly SharedSelection[];
}

/** A field that is counted as one of the connector, wherever it stands. */
export interface SharedSelection {
  readonly node: FieldNode;
  /** The names of the fields that lead to it, from the operation or fragment on that it stands in. */
  readonly path: readonly string[];
}

/** The field that takes the most requests by itself, under whatever aliases it stands. */
export interface Costliest {
  /** The names of the fields that lead to it, and its own. */
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

/** Finds the field that costs the most by itself. */
export function findCostliest(query: Query, basis: CostBasis): Costliest {
  const walk = new CostWalk(query, basis);
  const { schema, operation, shared } = query;
  const found = follow(walk, operation.selectionSet, schema.getRootType(operation.operation));
  const selections = shared.map(({ node }) => node);
  const below = follow(walk, { kind: Kind.SELECTION_SET, selections }, schema.getType('Connector'));
  if (below.share <= found.share) return found;
  const stands = shared.find(({ node }) => node.name.value === below.path[0]);
  return { path: [...(stands?.path ?? []), ...below.path], share: below.share };
}

/** Goes from field to field where it costs the most, as long as there may be a costlier one below. */
function follow(
  walk: CostWalk,
  selections: SelectionSetNode,
  type: GraphQLNamedType | null | undefined,
): Costliest {
  let level: Branch[] = type == null ? [] : [{ selections, type, times: 1 }];
  let path: readonly string[] = [];
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
  readonly #query: Query;
  readonly #basis: CostBasis;
  readonly #wholes = new Map<SelectionSetNode, number>();

  constructor(query: Query, basis: CostBasis) {
    this.#query = query;
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

  /** The fields selected, those behind fragments included; each fragment is entered once. */
  *#fieldsOf(
    selections: SelectionSetNode,
    type: GraphQLNamedType,
    entered = new Set<string>(),
  ): Generator<{ node: FieldNode; own: number; multiplier: number; returned: GraphQLNamedType }> {
    const { schema, fragments } = this.#query;
    for (const selection of selections.selections) {
      if (selection.kind === Kind.FIELD) {
        const cost = this.#costOf(selection, type);
        if (cost !== undefined) yield cost;
        continue;
      }
      const name = selection.kind === Kind.FRAGMENT_SPREAD ? selection.name.value : undefined;
      if (name !== undefined && entered.has(name)) continue;
      if (name !== undefined) entered.add(name);
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments[selection.name.value] : selection;
      if (fragment === undefined) continue;
      const condition = fragment.typeCondition?.name.value;
      const narrowed = condition === undefined ? type : schema.getType(condition);
      if (narrowed !== undefined) yield* this.#fieldsOf(fragment.selectionSet, narrowed, entered);
    }
  }

  #costOf(node: FieldNode, type: GraphQLNamedType) {
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined;
    if (field === undefined) return undefined;
    const option = field.extensions.complexity;
    const cost =
      typeof option === 'function'
        ? option(getArgumentValues(field, node, this.#query.variableValues), this.#basis, field)
        : option;
    const { field: own = 0, multiplier = 1 } = typeof cost === 'number' ? { field: cost } : (cost ?? {});
    return { node, own, multiplier, returned: getNamedType(field.type) };
  }
}
