import {
  type DirectiveNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  getNamedType,
  isCompositeType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { BASIC_PARTS, joinParts, type PersonParts } from '../datasources/webex/records.ts';
import type { FieldReads } from './builder.ts';

/** What was found for one field of a query; every item of a list asks about the same field again. */
interface Found {
  readonly type: string;
  readonly returnType: GraphQLResolveInfo['returnType'];
  readonly fieldNodes: readonly FieldNode[];
  readonly reads: readonly FieldReads[];
}

/** By the variables of one execution, as @include and @skip hang on them, then by the field's first node. */
const walked = new WeakMap<GraphQLResolveInfo['variableValues'], WeakMap<FieldNode, Found[]>>();

/**
 * What the fields selected of `type` below this field read of Webex: of the objects the field itself
 * returns, through lists and Relay connections, but not of other objects behind those. Fragments,
 * @include and @skip are followed.
 */
function readsOf(info: GraphQLResolveInfo, type: string): readonly FieldReads[] {
  const { fieldNodes, returnType, variableValues } = info;
  const [first] = fieldNodes;
  if (first === undefined) return [];
  const byNode = walked.get(variableValues) ?? new WeakMap<FieldNode, Found[]>();
  walked.set(variableValues, byNode);
  const known = byNode.get(first) ?? [];
  byNode.set(first, known);
  const same = known.find(
    (found) =>
      found.type === type && found.returnType === returnType && sameNodes(found.fieldNodes, fieldNodes),
  );
  if (same !== undefined) return same.reads;
  const reads = walk(info, type);
  known.push({ type, returnType, fieldNodes, reads });
  return reads;
}

function sameNodes(some: readonly FieldNode[], others: readonly FieldNode[]): boolean {
  return some.length === others.length && some.every((node, index) => node === others[index]);
}

function walk(info: GraphQLResolveInfo, type: string): FieldReads[] {
  const reads: FieldReads[] = [];
  // A fragment tells the same however often it is spread: each is entered once, or spreads of spreads
  // would double with every level.
  const entered = new Set<string>();
  const visit = (parent: GraphQLNamedType | undefined, selections: SelectionSetNode | undefined) => {
    if (!isCompositeType(parent) || selections === undefined) return;
    for (const selection of selections.selections) {
      if (!isIncluded(selection.directives, info)) continue;
      if (selection.kind === Kind.FIELD) {
        if (!isObjectType(parent)) continue;
        const field = parent.getFields()[selection.name.value];
        if (field === undefined) continue;
        if (parent.name === type) reads.push(field.extensions.reads ?? {});
        else if (leadsOn(parent.name)) visit(getNamedType(field.type), selection.selectionSet);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value;
        visit(condition === undefined ? parent : info.schema.getType(condition), selection.selectionSet);
      } else if (!entered.has(selection.name.value)) {
        entered.add(selection.name.value);
        const fragment = info.fragments[selection.name.value];
        if (fragment !== undefined)
          visit(info.schema.getType(fragment.typeCondition.name.value), fragment.selectionSet);
      }
    }
  };
  for (const node of info.fieldNodes) visit(getNamedType(info.returnType), node.selectionSet);
  return reads;
}

/** What the selection needs of the users that this field returns. */
export function neededPersonParts(info: GraphQLResolveInfo): PersonParts {
  return readsOf(info, 'User')
    .map((reads) => reads.personParts ?? BASIC_PARTS)
    .reduce(joinParts, BASIC_PARTS);
}

/** What the selection needs of the groups that this field returns. */
export function neededOfGroups(info: GraphQLResolveInfo): { members: boolean; details: boolean } {
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

function isIncluded(directives: readonly DirectiveNode[] | undefined, info: GraphQLResolveInfo): boolean {
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
