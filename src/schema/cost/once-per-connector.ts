import {
  type FieldNode,
  type GraphQLNamedType,
  getArgumentValues,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import { MOST_IDS, parseGlobalId } from '../base/global-ids.ts';
import { type Catalogue, catalogueOf, costs, type Wanted } from './costs.ts';
import { fieldsOf, type Operation, type SelectedField } from './selected-fields.ts';

/** A field that is counted as one of the connector, wherever it stands. */
export interface SharedSelection {
  readonly node: FieldNode;
  /** The names of the fields that lead to it from the operation's root, in one of the places where it stands. */
  readonly path: readonly string[];
  /** Of how many connectors it may be read. */
  readonly connectors: number;
}

/** What an operation reads once for each connector that it reaches. */
export interface OncePerConnector {
  /** Requests for the catalogues of all of them. */
  readonly catalogues: number;
  /** Of how many of them people are read with what only administrators see, and of how many with calling data. */
  readonly inFull: number;
  readonly calling: number;
  readonly shared: readonly SharedSelection[];
}

/** What is selected below some root fields, as far as it is read once. */
class Found {
  readonly catalogues = new Set<Catalogue>();
  /** With the path to each. */
  readonly shared = new Map<FieldNode, readonly string[]>();
  inFull = false;
  calling = false;

  /** @param from the names of the fields that lead to what was found */
  add(other: Found, from: readonly string[] = []): void {
    for (const catalogue of other.catalogues) this.catalogues.add(catalogue);
    for (const [node, path] of other.shared) {
      if (!this.shared.has(node)) this.shared.set(node, [...from, ...path]);
    }
    this.inFull ||= other.inFull;
    this.calling ||= other.calling;
  }
}

/**
 * Finds what an operation reads once for each connector, and of how many connectors.
 * Throws GraphQLError for an argument that is wrong.
 * @param setApart what was taken out of the operation to be counted once, by what stands there instead
 * @param wanted what is selected below fields of the schema
 * @param allConnectors how many connectors there may be
 */
export function findOncePerConnector(
  operation: Operation,
  setApart: ReadonlyMap<FieldNode, FieldNode>,
  wanted: ReadonlyMap<object, Wanted>,
  allConnectors: number,
): OncePerConnector {
  const root = operation.schema.getRootType(operation.operation.operation);
  const walk = new Walk(operation, setApart, wanted);
  const selected = root == null ? [] : [...fieldsOf(operation, operation.operation.selectionSet, root)];
  let catalogues = 0;
  let [inFull, calling] = [0, 0];
  const shared = new Map<FieldNode, SharedSelection>();
  for (const { fields, connectors } of groupAlike(operation, selected, allConnectors)) {
    const found = new Found();
    for (const field of fields) walk.meet(field, found);
    catalogues += connectors * found.catalogues.size;
    inFull += found.inFull ? connectors : 0;
    calling += found.calling ? connectors : 0;
    for (const [node, path] of found.shared) {
      const known = shared.get(node) ?? { node, path, connectors: 0 };
      shared.set(node, { ...known, connectors: known.connectors + connectors });
    }
  }
  return { catalogues, inFull, calling, shared: [...shared.values()] };
}

/** Root fields, and how many connectors there are that these and no others lead to. */
interface Alike {
  readonly fields: readonly SelectedField[];
  readonly connectors: number;
}

/** Ids may name a thousand connectors, of which the same is read: those are counted as one. */
function groupAlike(
  operation: Operation,
  selected: readonly SelectedField[],
  allConnectors: number,
): Iterable<Alike> {
  const byConnector = new Map<string, { readonly connectors: number; readonly indexes: number[] }>();
  for (const [index, field] of selected.entries()) {
    for (const [name, connectors] of connectorsOf(operation, field, allConnectors)) {
      const known = byConnector.get(name) ?? { connectors, indexes: [] };
      byConnector.set(name, known);
      known.indexes.push(index);
    }
  }
  const alike = new Map<string, Alike>();
  for (const { connectors, indexes } of byConnector.values()) {
    const name = indexes.join();
    const known = alike.get(name) ?? {
      fields: indexes.flatMap((index) => selected[index] ?? []),
      connectors: 0,
    };
    alike.set(name, { ...known, connectors: known.connectors + connectors });
  }
  return alike.values();
}

/** Goes through what is selected, each selection once, in however many places it is spread. */
class Walk {
  readonly #operation: Operation;
  readonly #setApart: ReadonlyMap<FieldNode, FieldNode>;
  readonly #wanted: ReadonlyMap<object, Wanted>;
  readonly #known = new Map<SelectionSetNode, Found>();

  constructor(
    operation: Operation,
    setApart: ReadonlyMap<FieldNode, FieldNode>,
    wanted: ReadonlyMap<object, Wanted>,
  ) {
    this.#operation = operation;
    this.#setApart = setApart;
    this.#wanted = wanted;
  }

  /** Puts down what a field is, and what is below it. */
  meet({ node, field, returned }: SelectedField, found: Found): void {
    const catalogue = catalogueOf(field.extensions.complexity);
    if (catalogue !== undefined) found.catalogues.add(catalogue);
    const users = this.#wanted.get(field)?.users;
    found.inFull ||= users !== undefined && (users.admin || users.presence);
    found.calling ||= users?.calling === true;
    const whole = this.#setApart.get(node);
    if (whole !== undefined) found.shared.set(whole, []);
    const { selectionSet } = whole ?? node;
    if (selectionSet !== undefined) found.add(this.#below(selectionSet, returned), [node.name.value]);
  }

  #below(selections: SelectionSetNode, type: GraphQLNamedType): Found {
    const known = this.#known.get(selections);
    if (known !== undefined) return known;
    const found = new Found();
    this.#known.set(selections, found);
    for (const selected of fieldsOf(this.#operation, selections, type)) this.meet(selected, found);
    return found;
  }
}

/** Which connectors a root field leads to: something that tells them from others, and how many that stands for. */
function connectorsOf(
  { operation, variableValues }: Operation,
  { node, field }: SelectedField,
  allConnectors: number,
): readonly (readonly [name: string, connectors: number])[] {
  // A change makes what was read before it stale, so what its answer needs is read again.
  if (operation.operation !== OperationTypeNode.QUERY) return [[(node.alias ?? node.name).value, 1]];
  if (field.extensions.complexity === costs.connectors) return [['all', allConnectors]];
  const { id, ids = id, name } = getArgumentValues(field, node, variableValues);
  if (ids == null) return [[`named ${name ?? ''}`, 1]];
  // More are refused by the field itself, and need not be told apart.
  const some = [ids].flat().slice(0, MOST_IDS);
  const found = some.flatMap((each) => parseGlobalId(String(each))?.connectorId ?? []);
  return [...new Set(found)].map((connectorId) => [connectorId, 1]);
}
