import {
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { joinParts } from '../../datasources/webex/records.ts';
import { QueryTooCostly, RequestTooComplex, ResultTooLarge } from '../../errors/limits.ts';
import { neededOfGroups, neededPersonParts, readsOf } from '../execution/selection.ts';
import { sizeOfAnswer } from './answer-size.ts';
import { countChanges, MOST_CHANGES } from './changes.ts';
import { likenessOf } from './cost-likeness.ts';
import { findCostliest, requestPricing, totalOf } from './costliest-field.ts';
import { CostBasis, costs, type KnownSizes, type Singly, USUAL_CONNECTORS, type Wanted } from './costs.ts';
import { findOncePerConnector } from './once-per-connector.ts';
import type { Operation } from './selected-fields.ts';

/**
 * Requests that reading people of one connector by id takes at most, beyond what reading them in batches would: the loader
 * reads through the list of the organization instead if that takes fewer, and no more than twice the least.
 * @param pages of the list, 1000 people on each; undefined if nobody knows
 */
function mostSingly(pages: number | undefined) {
  // Unless it is known: 100 pages in full, and with calling data an organization of 2000.
  if (pages === undefined) return { inFull: 200, calling: 200 };
  // With calling data there are ten pages for each, and each counts as ten people.
  return { inFull: 2 * pages, calling: 110 * pages };
}

/** Nobody needs to know more exactly how much too much something is. */
const VERY_MANY = 1_000_000_000;

/** What an operation may cost. A thousand million stands for any more. */
export interface QueryCost {
  /** Whole requests to Webex. */
  readonly requests: number;
  /** Objects and scalars of the answer. */
  readonly values: number;
  /** Memory that the process needs while the answer is made. */
  readonly bytes: number;
  /** Changes that are asked for; 0 for a query. */
  readonly changes: number;
  /** Why it is not run; undefined if it keeps to the limits. */
  refusal(limits: CostLimits): QueryTooCostly | ResultTooLarge | RequestTooComplex | undefined;
}

/** What one operation may cost. */
export type CostLimits = Pick<QueryCost, 'requests' | 'values' | 'bytes' | 'changes'>;

/**
 * Works out how many requests to Webex an operation may take, and how large its answer may be, before it is run. Undefined if it will not
 * be run anyway, because it is not there or its variables are wrong. Throws GraphQLError for an argument
 * that is wrong.
 */
export function estimateCost(args: ExecutionArgs, known: KnownSizes = {}): QueryCost | undefined {
  const { document, operationName } = args;
  // There are secrets in the variables of mutations.
  if (getOperationAST(document, operationName)?.operation !== OperationTypeNode.QUERY) {
    return workOut(args, known);
  }
  const kept = estimates.get(document) ?? new Map<string, QueryCost | undefined>();
  estimates.set(document, kept);
  const name = `${known.peoplePages} ${known.connectors} ${likenessOf(args)}`;
  if (kept.has(name)) return kept.get(name);
  const cost = workOut(args, known);
  if (kept.size < MOST_KEPT && name.length < LONGEST_KEPT) kept.set(name, cost);
  return cost;
}

/** By document, which is the same for the same text, and by variables: clients ask the same again and again. */
const estimates = new WeakMap<DocumentNode, Map<string, QueryCost | undefined>>();
const MOST_KEPT = 100;
/** In characters. */
const LONGEST_KEPT = 500;

function workOut(args: ExecutionArgs, { peoplePages, connectors = 0 }: KnownSizes): QueryCost | undefined {
  const { schema, document, operationName } = args;
  const variables = args.variableValues ?? {};
  const operation = getOperationAST(document, operationName);
  if (operation == null) return undefined;
  // Execution words the errors of wrong variables. Here one is enough to know that it will not happen.
  const { variableDefinitions = [] } = operation;
  const { variableValues } = getVariableValues(schema, variableDefinitions, variables, { maxErrors: 1 });
  if (variableValues === undefined) return undefined;
  const own = separateOperations(document)[operation.name?.value ?? ''] ?? document;
  const wanted = findWanted(schema, own, variableValues);
  const { setApart, ...parts } = setSharedApart(schema, own, operation);
  const counted: Operation = { schema, variableValues, ...parts };
  const allConnectors = Math.max(USUAL_CONNECTORS, connectors);
  const once = findOncePerConnector(counted, setApart, wanted, allConnectors);
  const byConnectors = Map.groupBy(once.shared, ({ connectors }) => connectors);
  const totalAt = (singly: Singly) => {
    const basis = new CostBasis(wanted, singly, allConnectors);
    const pricing = requestPricing(counted, basis);
    let total = once.catalogues + totalOf(counted, pricing);
    for (const [connectors, shared] of byConnectors) {
      const fields = shared.map(({ node }) => node);
      total += connectors * totalOf({ ...counted, operation: ofConnector(fields, operation) }, pricing);
    }
    return { basis, total };
  };
  const least = totalAt({ inFull: 0, calling: 0 }).total;
  const most = mostSingly(peoplePages);
  const share = (kind: keyof Singly) => {
    const beyond = totalAt({ inFull: 0, calling: 0, [kind]: 1 }).total - least;
    return Math.min(1, (once[kind] * most[kind]) / Math.max(1, beyond));
  };
  const { basis, total } = totalAt({ inFull: share('inFull'), calling: share('calling') });
  const asAsked: Operation = { schema, variableValues, operation, fragments: fragmentsOf(own) };
  const answer = sizeOfAnswer(asAsked, basis);
  const cost = { requests: whole(total), values: whole(answer.values), bytes: whole(answer.bytes) };
  const changes = countChanges(asAsked);
  return {
    ...cost,
    changes,
    refusal: (limits) => {
      const mostChanges = Math.min(MOST_CHANGES, limits.changes);
      if (changes > mostChanges) return new RequestTooComplex('changes', mostChanges);
      if (cost.requests > limits.requests) {
        const { path, share } = findCostliest(counted, requestPricing(counted, basis), once.shared);
        return new QueryTooCostly(cost.requests, limits.requests, path, whole(share));
      }
      const measure = (['values', 'bytes'] as const).find((each) => cost[each] > limits[each]);
      if (measure === undefined) return undefined;
      const { path, share } = answer.costliest(measure);
      return new ResultTooLarge(measure, cost[measure], limits[measure], path, whole(share));
    },
  };
}

function whole(cost: number): number {
  // What adds up to a whole in parts of 85 misses it by a hair.
  return Math.min(Math.max(0, Math.ceil(cost - 1e-6)), VERY_MANY);
}

/**
 * The operation and its fragments as they are counted. What is selected of the licenses and roles of users is set apart:
 * those of all users together are no more than the connector has, and each is read once.
 */
function setSharedApart(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
  const setApart = new Map<FieldNode, FieldNode>();
  const types = new TypeInfo(schema);
  const { definitions } = visit(
    document,
    visitWithTypeInfo(types, {
      Field: {
        leave: (node) => {
          if (node.selectionSet === undefined || !isSharedByUsers(types.getFieldDef())) return undefined;
          const bare = { ...node, selectionSet: undefined };
          setApart.set(bare, node);
          return bare;
        },
      },
    }),
  );
  const counted = definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const fragments = fragmentsOf({ definitions });
  return {
    operation: counted?.kind === Kind.OPERATION_DEFINITION ? counted : operation,
    fragments,
    setApart,
  };
}

function isSharedByUsers(field: GraphQLField<unknown, unknown> | null | undefined): boolean {
  const cost = field?.extensions.complexity;
  return cost === costs.licensesOfUser || cost === costs.rolesOfUser;
}

/** The same fields, as those of the connector, which has them under the same names. */
function ofConnector(
  selections: readonly FieldNode[],
  operation: OperationDefinitionNode,
): OperationDefinitionNode {
  const connector: FieldNode = {
    kind: Kind.FIELD,
    name: { kind: Kind.NAME, value: 'connector' },
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  };
  return {
    kind: Kind.OPERATION_DEFINITION,
    operation: OperationTypeNode.QUERY,
    variableDefinitions: operation.variableDefinitions,
    selectionSet: { kind: Kind.SELECTION_SET, selections: [connector] },
  };
}

/** What is selected of users and groups below each field of the schema, taken together over the query. */
function findWanted(
  schema: GraphQLSchema,
  document: DocumentNode,
  variableValues: Operation['variableValues'],
): ReadonlyMap<object, Wanted> {
  const wanted = new Map<object, Wanted>();
  const fragments = fragmentsOf(document);
  const types = new TypeInfo(schema);
  const visitor = visitWithTypeInfo(types, {
    Field: (node) => {
      const field = types.getFieldDef();
      if (field == null || node.selectionSet === undefined) return;
      const selected = { fieldNodes: [node], returnType: field.type, schema, fragments, variableValues };
      const users = readsOf(selected, 'User').length > 0 ? neededPersonParts(selected) : undefined;
      const groups = readsOf(selected, 'Group').length > 0 ? neededOfGroups(selected) : undefined;
      const other = wanted.get(field);
      wanted.set(field, {
        users: users && other?.users ? joinParts(users, other.users) : (users ?? other?.users),
        groups: joinGroups(groups, other?.groups),
      });
    },
  });
  visit(document, visitor);
  return wanted;
}

function fragmentsOf({ definitions }: Pick<DocumentNode, 'definitions'>) {
  const fragments: Record<string, FragmentDefinitionNode> = {};
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  return fragments;
}

function joinGroups(some: Wanted['groups'], others: Wanted['groups']): Wanted['groups'] {
  if (some === undefined || others === undefined) return some ?? others;
  return { members: some.members || others.members };
}
