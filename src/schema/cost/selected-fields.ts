import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';

/** An operation, with all that is needed to work out what its fields cost. */
export interface Operation {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly variableValues: GraphQLResolveInfo['variableValues'];
}

/** A field that is selected. */
export interface SelectedField {
  readonly node: FieldNode;
  readonly field: GraphQLField<unknown, unknown>;
  /** What it returns, without lists and nullability. */
  readonly returned: GraphQLNamedType;
}

/**
 * The fields selected of a type, those behind fragments included; each fragment is entered once.
 * @param entered fragments that are not entered again; what is entered is added
 */
export function* fieldsOf(
  operation: Operation,
  selections: SelectionSetNode,
  type: GraphQLNamedType,
  entered = new Set<string>(),
): Generator<SelectedField> {
  const { schema, fragments } = operation;
  for (const selection of selections.selections) {
    if (selection.kind === Kind.FIELD) {
      const fields = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
      const field = fields[selection.name.value] ?? introspection(selection);
      if (field !== undefined) yield { node: selection, field, returned: getNamedType(field.type) };
      continue;
    }
    const name = selection.kind === Kind.FRAGMENT_SPREAD ? selection.name.value : undefined;
    if (name !== undefined && entered.has(name)) continue;
    if (name !== undefined) entered.add(name);
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments[selection.name.value] : selection;
    if (fragment === undefined) continue;
    const condition = fragment.typeCondition?.name.value;
    const narrowed = condition === undefined ? type : schema.getType(condition);
    if (narrowed !== undefined) yield* fieldsOf(operation, fragment.selectionSet, narrowed, entered);
  }
}

const INTROSPECTION = [SchemaMetaFieldDef, TypeMetaFieldDef, TypeNameMetaFieldDef];

/** The fields of GraphQL itself, which no type lists among its own. */
function introspection({ name }: FieldNode): GraphQLField<unknown, unknown> | undefined {
  return INTROSPECTION.find((field) => field.name === name.value);
}
