import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  type InterfaceTypeDefinitionNode,
  isInterfaceType,
  isObjectType,
  Kind,
  lexicographicSortSchema,
  type ObjectTypeDefinitionNode,
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
  const marked = withDirectives(schema);
  return `${print(variant === 'strict' ? asStrict(marked) : marked)}\n`;
}

/** The document with every field that is marked `@semanticNonNull` as non-null, and without the directive. Pure. */
export function asStrict(document: DocumentNode): DocumentNode {
  return visit(document, {
    FieldDefinition: (node) => {
      const directives = node.directives?.filter(({ name }) => name.value !== SEMANTIC_NON_NULL.name);
      if (directives?.length === node.directives?.length) return undefined;
      return { ...node, type: nonNull(node.type), ...(directives === undefined ? {} : { directives }) };
    },
    DirectiveDefinition: ({ name }) => (name.value === SEMANTIC_NON_NULL.name ? null : undefined),
  });
}

function withDirectives(schema: GraphQLSchema): DocumentNode {
  const document = parse(printSchema(lexicographicSortSchema(schema)), { noLocation: true });
  const marked = (node: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode) => ({
    ...node,
    fields: (node.fields ?? []).map((field) =>
      isSemanticNonNull(schema, node.name.value, field.name.value) ? withDirective(field) : field,
    ),
  });
  return visit(document, { ObjectTypeDefinition: marked, InterfaceTypeDefinition: marked });
}

function isSemanticNonNull(schema: GraphQLSchema, typeName: string, fieldName: string): boolean {
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

function nonNull(type: TypeNode): TypeNode {
  return type.kind === Kind.NON_NULL_TYPE ? type : { kind: Kind.NON_NULL_TYPE, type };
}
