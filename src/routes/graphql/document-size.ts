import {
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { RequestTooComplex } from '../../errors/limits.ts';

/** What a document may hold at most. Far above what people and front ends write, far below what hurts. */
const MOST = {
  operations: 20,
  fragments: 200,
  variables: 200,
  directives: 100,
  aliases: 200,
  /** Levels of fields within fields, wherever fragments put them. */
  depth: 30,
  /** Fields at the top of one operation. */
  'root fields': 50,
  /** Fields when every fragment stands where it is spread, over all operations and fragments. */
  fields: 5_000,
  /** How often two fields have the same place in the answer, so that they have to be compared. */
  'repeated fields': 10_000,
} as const;

type Measure = keyof typeof MOST;

/**
 * Refuses a document that would be dear to check or to run; takes time in proportion to its length.
 * Throws RequestTooComplex, which names what there is too much of.
 */
export function assertSmall(document: DocumentNode): void {
  const limit = (measure: Measure, found: number) => {
    if (found > MOST[measure]) throw new RequestTooComplex(measure, MOST[measure]);
  };
  const { definitions } = document;
  const operations = definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  limit('operations', operations.length);
  limit('fragments', fragments.length);
  for (const [measure, found] of Object.entries(countNodes(document))) limit(asMeasure(measure), found);
  const sizes = new Sizes(fragments);
  const all = definitions.filter(hasSelections).map(({ selectionSet }) => selectionSet);
  limit('depth', Math.max(0, ...all.map((set) => sizes.of(set).depth)));
  limit('fields', sum(all.map((set) => sizes.of(set).fields)));
  // From here on what is walked through is bounded.
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    limit('root fields', sizes.fieldsOf([definition.selectionSet]).length);
  }
  limit('repeated fields', sum(all.map((set) => repetitions([set], sizes))));
}

function asMeasure(text: string): Measure {
  return text === 'aliases' || text === 'directives' ? text : 'variables';
}

function countNodes(document: DocumentNode): { aliases: number; directives: number; variables: number } {
  const found = { aliases: 0, directives: 0, variables: 0 };
  visit(document, {
    Field: ({ alias }) => {
      if (alias !== undefined) found.aliases += 1;
    },
    Directive: () => {
      found.directives += 1;
    },
    VariableDefinition: () => {
      found.variables += 1;
    },
  });
  return found;
}

function hasSelections(
  definition: DefinitionNode,
): definition is DefinitionNode & { readonly selectionSet: SelectionSetNode } {
  return definition.kind === Kind.OPERATION_DEFINITION || definition.kind === Kind.FRAGMENT_DEFINITION;
}

interface Size {
  readonly depth: number;
  readonly fields: number;
}

const NOTHING: Size = { depth: 0, fields: 0 };

/** How large selections are with their fragments expanded. Each fragment is visited once. */
class Sizes {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #known = new Map<SelectionSetNode, Size>();
  readonly #entered = new Set<SelectionSetNode>();
  /** Where a fragment leads back to itself, which validation will say. As if nothing stood there, all is finite. */
  readonly #circular = new Set<FragmentSpreadNode>();

  constructor(fragments: readonly FragmentDefinitionNode[]) {
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  }

  of(set: SelectionSetNode): Size {
    const known = this.#known.get(set);
    if (known !== undefined) return known;
    this.#entered.add(set);
    let [depth, fields] = [0, 0];
    const spread = new Set<string>();
    for (const selection of set.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        // The same fragment once more in one place adds nothing to it.
        if (spread.has(selection.name.value)) continue;
        spread.add(selection.name.value);
      }
      const inner = this.#below(selection);
      const own = selection.kind === Kind.FIELD ? 1 : 0;
      depth = Math.max(depth, inner.depth + own);
      fields += inner.fields + own;
    }
    const size = { depth, fields };
    this.#entered.delete(set);
    this.#known.set(set, size);
    return size;
  }

  #below(selection: SelectionNode): Size {
    if (selection.kind !== Kind.FRAGMENT_SPREAD) {
      return selection.selectionSet === undefined ? NOTHING : this.of(selection.selectionSet);
    }
    const set = this.#fragments.get(selection.name.value)?.selectionSet;
    if (set === undefined) return NOTHING;
    if (!this.#entered.has(set)) return this.of(set);
    this.#circular.add(selection);
    return NOTHING;
  }

  /** The fields that stand in one place, those of fragments among them. */
  fieldsOf(sets: readonly SelectionSetNode[]): FieldNode[] {
    const fields: FieldNode[] = [];
    const spread = new Set<string>();
    const from = (set: SelectionSetNode) => {
      for (const selection of set.selections) {
        if (selection.kind === Kind.FIELD) fields.push(selection);
        else if (selection.kind === Kind.INLINE_FRAGMENT) from(selection.selectionSet);
        else if (!spread.has(selection.name.value) && !this.#circular.has(selection)) {
          spread.add(selection.name.value);
          const fragment = this.#fragments.get(selection.name.value);
          if (fragment !== undefined) from(fragment.selectionSet);
        }
      }
    };
    for (const set of sets) from(set);
    return fields;
  }
}

/** How many pairs of fields have the same place in the answer. */
function repetitions(sets: readonly SelectionSetNode[], sizes: Sizes): number {
  let found = 0;
  const byName = Map.groupBy(sizes.fieldsOf(sets), ({ alias, name }) => (alias ?? name).value);
  for (const fields of byName.values()) {
    found += (fields.length * (fields.length - 1)) / 2;
    const below = fields.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (below.length > 0) found += repetitions(below, sizes);
  }
  return found;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
