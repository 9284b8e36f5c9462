import {
  type ASTVisitor,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLType,
  getNamedType,
  getOperationAST,
  isInputObjectType,
  Kind,
  typeFromAST,
  type ValidationContext,
} from 'graphql';
import { InvalidInput } from '../errors.ts';

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
    assertShort(variableValues?.[name], `variables.${name}`, typeFromAST(schema, type), LONGEST_TEXT);
  }
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
      const object = context.getParentInputType();
      const isField = parent !== undefined && 'kind' in parent && parent.kind === Kind.OBJECT_FIELD;
      const field = isField && isInputObjectType(object) ? object.getFields()[parent.name.value] : undefined;
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
