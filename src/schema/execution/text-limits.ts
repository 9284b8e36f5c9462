import {
  type ASTNode,
  type ASTVisitor,
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLInputField,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  getOperationAST,
  isInputObjectType,
  Kind,
  TypeInfo,
  typeFromAST,
  type ValidationContext,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { InvalidInput } from '../../errors/request.ts';

declare module 'graphql' {
  interface GraphQLInputFieldExtensions {
    /** Maximum number of characters of the field's text. Default: `LONGEST_TEXT`. */
    longestText?: number;
  }
}

/** Maximum number of characters of a text in an argument, unless its input field sets another limit. */
const LONGEST_TEXT = 10_000;

/**
 * Checks the variables of an operation before anything reads or matches their texts.
 * Throws InvalidInput, whose field is the path in the request: `variables.input.serviceUri`.
 */
export function assertShortVariables({
  schema,
  document,
  operationName,
  variableValues,
}: Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'>): void {
  for (const { variable, type } of getOperationAST(document, operationName)?.variableDefinitions ?? []) {
    const name = variable.name.value;
    const value = variableValues?.[name];
    const isLong = typeof value === 'string' && value.length > LONGEST_TEXT;
    const longest = isLong ? longestOfVariable(schema, document, name) : LONGEST_TEXT;
    assertShort(value, `variables.${name}`, typeFromAST(schema, type), longest);
  }
}

/** The least limit of the places where a document has a variable, which may be fields of inputs with limits of their own. */
function longestOfVariable(schema: GraphQLSchema, document: DocumentNode, variable: string): number {
  const limits: number[] = [];
  const types = new TypeInfo(schema);
  const visitor: ASTVisitor = {
    Variable: (node, _key, parent) => {
      if (node.name.value !== variable || isDefinition(parent)) return;
      limits.push(longestOf(fieldAt(types.getParentInputType(), parent)));
    },
  };
  visit(document, visitWithTypeInfo(types, visitor));
  return limits.length === 0 ? LONGEST_TEXT : Math.min(...limits);
}

/** What has a value in a document: a node, the list that it stands in, or nothing. */
type Parent = ASTNode | readonly ASTNode[] | undefined;

function isDefinition(parent: Parent): boolean {
  return parent !== undefined && 'kind' in parent && parent.kind === Kind.VARIABLE_DEFINITION;
}

/** The field of an input object that a value is given for; undefined if it is given for something else. */
function fieldAt(type: GraphQLType | null | undefined, parent: Parent): GraphQLInputField | undefined {
  const object = getNamedType(type);
  const isField = parent !== undefined && 'kind' in parent && parent.kind === Kind.OBJECT_FIELD;
  return isField && isInputObjectType(object) ? object.getFields()[parent.name.value] : undefined;
}

function assertShort(value: unknown, at: string, type: GraphQLType | undefined, longest: number): void {
  if (typeof value === 'string') {
    if (value.length > longest) throw tooLong(at, value, longest);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) assertShort(item, `${at}[${index}]`, type, longest);
  } else if (typeof value === 'object' && value !== null) {
    const named = getNamedType(type);
    const fields = isInputObjectType(named) ? named.getFields() : {};
    for (const [name, item] of Object.entries(value)) {
      // A name of any length that is no field is for GraphQL to refuse.
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      assertShort(item, `${at}.${field?.name ?? '?'}`, field?.type, longestOf(field));
    }
  }
}

/** A validation rule: the texts of a document, as those of variables. */
export function ShortTextsRule(context: ValidationContext): ASTVisitor {
  return {
    StringValue: (node, _key, parent) => {
      const field = fieldAt(context.getParentInputType(), parent);
      const longest = longestOf(field);
      if (node.value.length <= longest) return;
      const name = field?.name ?? context.getArgument()?.name ?? 'text';
      const { message } = tooLong(name, node.value, longest);
      context.reportError(new GraphQLError(message, { nodes: node }));
    },
  };
}

function longestOf(field: { readonly extensions: { readonly longestText?: number } } | undefined): number {
  return field?.extensions.longestText ?? LONGEST_TEXT;
}

function tooLong(at: string, text: string, longest: number): InvalidInput {
  return new InvalidInput(at, `must have at most ${longest} characters; this has ${text.length}.`);
}
