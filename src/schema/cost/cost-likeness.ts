import {
  type ArgumentNode,
  type DocumentNode,
  type ExecutionArgs,
  getOperationAST,
  Kind,
  type SelectionSetNode,
  visit,
} from 'graphql';

/**
 * The same text for operations of a document that cost the same, whatever page they ask for: of texts among the
 * variables only that they are there counts, but for those that say which connectors are read.
 */
export function likenessOf({ document, operationName, variableValues }: ExecutionArgs): string {
  const telling = tellingVariables(document, operationName);
  const plain = (value: unknown): unknown =>
    typeof value === 'string'
      ? ''
      : typeof value === 'object' && value !== null
        ? Array.isArray(value)
          ? value.map(plain)
          : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
        : value;
  const values = Object.entries(variableValues ?? {}).map(([key, value]) => [
    key,
    telling.has(key) ? value : plain(value),
  ]);
  return JSON.stringify([operationName, values]);
}

/** The variables that say which connectors an operation reads: those in the ids and names of its root fields. */
function tellingVariables(
  document: DocumentNode,
  operationName: string | null | undefined,
): ReadonlySet<string> {
  const known = telling.get(document) ?? new Map<string, ReadonlySet<string>>();
  telling.set(document, known);
  const operation = operationName ?? '';
  const found = known.get(operation) ?? new Set(findTelling(document, operationName));
  known.set(operation, found);
  return found;
}

const telling = new WeakMap<DocumentNode, Map<string, ReadonlySet<string>>>();

function findTelling(document: DocumentNode, operationName: string | null | undefined): string[] {
  const operation = getOperationAST(document, operationName);
  const spread = new Set<string>();
  const inSelections = ({ selections }: SelectionSetNode): string[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.INLINE_FRAGMENT) return inSelections(selection.selectionSet);
      if (selection.kind === Kind.FIELD) {
        const ids = (selection.arguments ?? []).filter(({ name }) =>
          ['id', 'ids', 'name'].includes(name.value),
        );
        return ids.flatMap(variablesIn);
      }
      const name = selection.name.value;
      if (spread.has(name)) return [];
      spread.add(name);
      return document.definitions.flatMap((definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name
          ? inSelections(definition.selectionSet)
          : [],
      );
    });
  return operation == null ? [] : inSelections(operation.selectionSet);
}

function variablesIn(argument: ArgumentNode): string[] {
  const found: string[] = [];
  visit(argument, { Variable: ({ name }) => void found.push(name.value) });
  return found;
}
