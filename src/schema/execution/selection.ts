import {
  type DirectiveNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getArgumentValues,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type NamedTypeNode,
  type SelectionSetNode,
} from 'graphql';
import { firstOf } from '../../datasources/rest/paging.ts';
import type { WantedCatalogues } from '../../datasources/webex/datasource.ts';
import {
  BASIC_PARTS,
  joinParts,
  type PersonParts,
  REFERENCE_PARTS,
} from '../../datasources/webex/records.ts';
import type { FieldReads } from './reads.ts';

/** A field of a query, and what is selected below it. */
export type Selected = Pick<
  GraphQLResolveInfo,
  'fieldNodes' | 'returnType' | 'schema' | 'fragments' | 'variableValues'
>;

/** What was found out about one field of a query. */
interface Found<T> {
  readonly about: string;
  readonly returnType: GraphQLResolveInfo['returnType'];
  readonly fieldNodes: readonly FieldNode[];
  readonly value: T;
}

/**
 * Remembers what is found out about fields: every item of a list asks about the same field again. By the
 * variables of one execution, as @include and @skip hang on them, then by the field's first node.
 */
class FieldMemory<T> {
  readonly #known = new WeakMap<GraphQLResolveInfo['variableValues'], WeakMap<FieldNode, Found<T>[]>>();

  /** @param about tells apart what is found out about one field */
  get(info: Selected, about: string, find: () => T): T {
    const { fieldNodes, returnType, variableValues } = info;
    const [first] = fieldNodes;
    if (first === undefined) return find();
    const byNode = this.#known.get(variableValues) ?? new WeakMap<FieldNode, Found<T>[]>();
    this.#known.set(variableValues, byNode);
    const known = byNode.get(first) ?? [];
    byNode.set(first, known);
    const same = known.find(
      (found) =>
        found.about === about && found.returnType === returnType && sameNodes(found.fieldNodes, fieldNodes),
    );
    if (same !== undefined) return same.value;
    const value = find();
    known.push({ about, returnType, fieldNodes, value });
    return value;
  }
}

const readsByField = new FieldMemory<readonly FieldReads[]>();
const cataloguesByField = new FieldMemory<WantedCatalogues>();

/**
 * What the fields selected of `type` below this field read of Webex: of the objects the field itself
 * returns, through lists and Relay connections, but not of other objects behind those. Fragments,
 * @include and @skip are followed.
 */
export function readsOf(info: Selected, type: string): readonly FieldReads[] {
  return readsByField.get(info, type, () => walk(info, type));
}

function sameNodes(some: readonly FieldNode[], others: readonly FieldNode[]): boolean {
  return some.length === others.length && some.every((node, index) => node === others[index]);
}

function walk(info: Selected, type: string): FieldReads[] {
  const reads: FieldReads[] = [];
  visitFields(info, ({ parent, field }) => {
    if (parent.name !== type) return leadsOn(parent.name);
    reads.push(field.extensions.reads ?? {});
    return false;
  });
  return reads;
}

interface SelectedField {
  readonly parent: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
  readonly node: FieldNode;
}

/** Goes through the fields selected below this field; `visit` says whether to go on below the one it is given. */
function visitFields(info: Selected, visit: (selected: SelectedField) => boolean): void {
  // A fragment tells the same of one type however often it is spread: each is entered once for it, or spreads
  // of spreads would double with every level.
  const entered = new Set<string>();
  const enter = (parent: GraphQLNamedType | undefined, selections: SelectionSetNode | undefined) => {
    if (!isCompositeType(parent) || selections === undefined) return;
    for (const selection of selections.selections) {
      if (!isIncluded(selection.directives, info)) continue;
      if (selection.kind === Kind.FIELD) {
        const field = isObjectType(parent) ? parent.getFields()[selection.name.value] : undefined;
        if (!isObjectType(parent) || field === undefined) continue;
        if (visit({ parent, field, node: selection }))
          enter(getNamedType(field.type), selection.selectionSet);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        enter(conditioned(parent, selection.typeCondition, info), selection.selectionSet);
      } else {
        const fragment = info.fragments[selection.name.value];
        const type = fragment && conditioned(parent, fragment.typeCondition, info);
        const name = `${type?.name} ${selection.name.value}`;
        if (entered.has(name)) continue;
        entered.add(name);
        enter(type, fragment?.selectionSet);
      }
    }
  };
  for (const node of info.fieldNodes) enter(getNamedType(info.returnType), node.selectionSet);
}

/** What a fragment in a selection of `parent` selects of; undefined if no such object is met there. */
function conditioned(
  parent: GraphQLNamedType,
  condition: NamedTypeNode | undefined,
  { schema }: Selected,
): GraphQLNamedType | undefined {
  const type = condition === undefined ? parent : schema.getType(condition.name.value);
  if (!isObjectType(parent) || type === parent) return type;
  return isAbstractType(type) && schema.isSubType(type, parent) ? parent : undefined;
}

/** The same field, of which it is known that it returns an object of this type. */
export function narrowTo(info: Selected, type: string): Selected {
  const returnType = info.schema.getType(type);
  return isObjectType(returnType) ? { ...info, returnType } : info;
}

/** Which catalogues the selection below this field reads, however deep: all can be begun at once. */
export function neededCatalogues(info: Selected): WantedCatalogues {
  return cataloguesByField.get(info, '', () => findCatalogues(info));
}

function findCatalogues(info: Selected): WantedCatalogues {
  const found = new Set<FieldReads['catalogue']>();
  let wholeGroups = false;
  visitFields(info, ({ field, node }) => {
    const catalogue = field.extensions.reads?.catalogue;
    found.add(catalogue);
    if (catalogue === 'memberships') {
      const { members, details } = neededOfGroups(below(info, field, node));
      wholeGroups ||= members || details;
    }
    return true;
  });
  return {
    licenses: found.has('licenses'),
    roles: found.has('roles'),
    memberships: found.has('memberships'),
    wholeGroups,
  };
}

/**
 * How many members of each group that this field returns are wanted with no more than names and addresses:
 * they can be read as soon as a group is there. 0 if more of them is wanted, or none.
 */
export function neededMemberNames(info: Selected): number {
  let most = 0;
  let needs = REFERENCE_PARTS;
  visitFields(info, ({ parent, field, node }) => {
    if (parent.name !== 'Group') return leadsOn(parent.name);
    if (field.extensions.reads?.groupMembers !== true) return false;
    const { first, after } = getArgumentValues(field, node, info.variableValues);
    const parts = neededPersonParts(below(info, field, node));
    needs = joinParts(needs, parts);
    if (after == null && parts.basic)
      most = Math.max(most, firstOf({ first: typeof first === 'number' ? first : null }));
    return false;
  });
  return needs.admin || needs.presence || needs.calling ? 0 : most;
}

/** What a resolver of a field further down would be told. */
function below(info: Selected, field: GraphQLField<unknown, unknown>, node: FieldNode): Selected {
  return { ...info, fieldNodes: [node], returnType: field.type };
}

/** What the selection needs of the users that this field returns: their ids only, or names at least. */
export function neededPersonParts(info: Selected): PersonParts {
  return readsOf(info, 'User')
    .map((reads) => reads.personParts ?? BASIC_PARTS)
    .reduce(joinParts, REFERENCE_PARTS);
}

/** What the selection needs of the groups that this field returns. */
export function neededOfGroups(info: Selected): { members: boolean; details: boolean } {
  const reads = readsOf(info, 'Group');
  return {
    members: reads.some((read) => read.groupMembers === true),
    details: reads.some((read) => read.groupDetails === true),
  };
}

/** Connections and edges only wrap what a field returns. */
function leadsOn(type: string): boolean {
  return type.endsWith('Connection') || type.endsWith('Edge');
}

function isIncluded(directives: readonly DirectiveNode[] | undefined, info: Selected): boolean {
  return (directives ?? []).every((directive) => {
    const name = directive.name.value;
    if (name !== 'skip' && name !== 'include') return true;
    const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
    const condition =
      value?.kind === Kind.VARIABLE
        ? info.variableValues.coerced[value.name.value] === true
        : value?.kind === Kind.BOOLEAN && value.value;
    return name === 'include' ? condition : !condition;
  });
}
