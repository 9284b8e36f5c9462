import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  Kind,
  lexicographicSortSchema,
  parse,
  print,
  printSchema,
  type TypeNode,
  visit,
} from 'graphql';
import { SEMANTIC_NON_NULL } from './execution/semantic-non-null.ts';

/**
 * How fields are printed that are null only if they fail. `marked`: nullable, with `@semanticNonNull`. `strict`: as
 * non-null, for clients that give up an answer that has errors; GraphQL itself would not answer so.
 */
export type SdlVariant = 'marked' | 'strict';

/** The schema as text, sorted by name, with the directives that `printSchema` of graphql-js leaves out. */
export function printSdl(schema: GraphQLSchema, variant: SdlVariant): string {
  const document = parse(printSchema(lexicographicSortSchema(schema)), { noLocation: true });
  const change = variant === 'strict' ? asNonNull : withDirective;
  const fieldsOf = (type: string, fields: readonly FieldDefinitionNode[] | undefined) =>
    fields?.map((field) => (isSemanticNonNull(schema, type, field.name.value) ? change(field) : field));
  const printed = visit(document, {
    ObjectTypeDefinition: (node) => ({ ...node, fields: fieldsOf(node.name.value, node.fields) }),
    InterfaceTypeDefinition: (node) => ({ ...node, fields: fieldsOf(node.name.value, node.fields) }),
    DirectiveDefinition: ({ name }) =>
      variant === 'strict' && name.value === SEMANTIC_NON_NULL.name ? null : undefined,
  });
  return `${print(printed)}\n`;
}

/** Whether a field of the schema is null only if it fails. */
export function isSemanticNonNull(schema: GraphQLSchema, typeName: string, fieldName: string): boolean {
  const type = schema.getType(typeName);
  const fields = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
  return fields[fieldName]?.extensions.directives?.semanticNonNull !== undefined;
}

function withDirective(field: FieldDefinitionNode): FieldDefinitionNode {
  const directive: ConstDirectiveNode = {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: SEMANTIC_NON_NULL.name },
  };
  return { ...field, directives: [...(field.directives ?? []), directive] };
}

function asNonNull(field: FieldDefinitionNode): FieldDefinitionNode {
  return { ...field, type: nonNull(field.type) };
}

function nonNull(type: TypeNode): TypeNode {
  return type.kind === Kind.NON_NULL_TYPE ? type : { kind: Kind.NON_NULL_TYPE, type };
}
