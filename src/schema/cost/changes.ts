import { getArgumentValues, OperationTypeNode, TypeNameMetaFieldDef } from 'graphql';
import { fieldsOf, type Operation } from './selected-fields.ts';

/** The most changes of one operation, in all its fields together. */
export const MOST_CHANGES = 500;

/**
 * How many changes an operation asks for: one for each field of a mutation, or as many as its list has items.
 * Throws GraphQLError for an argument that is wrong.
 */
export function countChanges(operation: Operation): number {
  const { operation: definition, schema, variableValues } = operation;
  const root = schema.getMutationType();
  if (definition.operation !== OperationTypeNode.MUTATION || root == null) return 0;
  let changes = 0;
  for (const { node, field } of fieldsOf(operation, definition.selectionSet, root)) {
    if (field === TypeNameMetaFieldDef) continue;
    const { changes: count = () => 1 } = field.extensions;
    changes += count(getArgumentValues(field, node, variableValues));
  }
  return changes;
}

/** For the definition of a mutation: it makes as many changes as a list of its input has items. */
export function changesIn(list: string): (values: object) => number {
  return (values) => {
    const input: unknown = 'input' in values ? values.input : undefined;
    const items = new Map<string, unknown>(Object.entries(input ?? {})).get(list);
    return Array.isArray(items) ? items.length : 1;
  };
}
