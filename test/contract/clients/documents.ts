import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  visit,
} from 'graphql';

const ROOT = resolve(import.meta.dirname, '../../..');
const FILES = globSync(['examples/queries/*.graphql', 'test/contract/clients/*.graphql'], { cwd: ROOT });

type Definition = OperationDefinitionNode | FragmentDefinitionNode;

/** The operations and fragments of GraphiQL's tabs and of dashboard.graphql. */
const definitions: readonly Definition[] = FILES.flatMap((file) =>
  parse(readFileSync(resolve(ROOT, file), 'utf8'), { noLocation: true }).definitions.filter(
    (definition): definition is Definition =>
      definition.kind === Kind.OPERATION_DEFINITION || definition.kind === Kind.FRAGMENT_DEFINITION,
  ),
);

/** The name of a definition. Clients with generated types need one for each. */
const nameOf = (definition: Definition): string => definition.name?.value ?? '';

/** The names of the fragments that a definition spreads itself. */
function spreadsOf(definition: Definition): string[] {
  const names = new Set<string>();
  visit(definition, { FragmentSpread: ({ name }) => void names.add(name.value) });
  return [...names];
}

/** The text of each definition. */
export const documentTexts: readonly string[] = definitions.map(print);

/** A module with all definitions in gql.tada's style: fragments first, and each handed to those that spread it. */
export function tadaModule(): string {
  const variableOf = (name: string) => `${name}Document`;
  const done = new Set<string>();
  const parts: string[] = [];
  const add = (definition: Definition) => {
    const name = nameOf(definition);
    if (done.has(name)) return;
    done.add(name);
    const spreads = spreadsOf(definition);
    for (const other of definitions) if (spreads.includes(nameOf(other))) add(other);
    const fragments = spreads.map(variableOf).join(', ');
    parts.push(`export const ${variableOf(name)} = graphql(\`${print(definition)}\`, [${fragments}]);`);
  };
  for (const definition of definitions) add(definition);
  return parts.join('\n');
}

/** Whether a definition holds a text of several lines, which Relay's compiler writes as a text that does not end. */
function hasLongText(definition: Definition): boolean {
  let isFound = false;
  visit(definition, {
    StringValue: ({ block }) => {
      isFound ||= block === true;
    },
  });
  return isFound;
}

/** A module with the definitions in Relay's style: names begin with the module's, and those of operations end with their kind. */
export function relayModule(module: string): string {
  const fragmentName = (name: string) => `${module}_${name}`;
  const rename = (definition: Definition): Definition => {
    const kind = definition.kind === Kind.OPERATION_DEFINITION ? definition.operation : undefined;
    const suffix = kind === undefined ? '' : kind.charAt(0).toUpperCase() + kind.slice(1);
    const name = nameOf(definition);
    const value = kind === undefined ? fragmentName(name) : `${module}${name}${suffix}`;
    const renamed = visit(definition, {
      FragmentSpread: (spread) => ({
        ...spread,
        name: { ...spread.name, value: fragmentName(spread.name.value) },
        // Relay requires it where the type is narrower than the field's.
        directives: [{ kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'alias' } }],
      }),
    });
    return { ...renamed, name: { kind: Kind.NAME, value } };
  };
  const possible = definitions.filter((definition) => !hasLongText(definition));
  const tags = possible.map(rename).map((definition) => `graphql\`${print(definition)}\`;`);
  return ["import { graphql } from 'relay-runtime';", ...tags].join('\n');
}
