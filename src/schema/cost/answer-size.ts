import { getArgumentValues, getNullableType, isAbstractType, isIntrospectionType, isListType } from 'graphql';
import { LARGEST_PAGE } from '../../datasources/rest/slices.ts';
import { type Costliest, findCostliest, type Pricing, requestPricing, totalOf } from './costliest-field.ts';
import { type CostBasis, costs } from './costs.ts';
import { fieldsOf, type Operation, type SelectedField } from './selected-fields.ts';

// What an answer holds is estimated as its requests are: before it runs, from lists as long as they may be asked for
// to be. docs/decisions/0013-answer-size-and-memory-budget.md says how the numbers were measured.

/** Bytes that the process holds for each value of an answer while it is made: the value, its key, its text. */
const BYTES_PER_VALUE = 100;
/** Bytes of what is read for an object, beside the values that are selected of it. */
const BYTES_READ = { user: 3_000, 'id of a user': 200, 'group with members': 10_000 } as const;

/** The average length of lists that cannot be paged. Requests are estimated by their maximum, but thousands of users add up. */
const LENGTHS = { licensesOfUser: 5, rolesOfUser: 2, groupsOfUser: 3, others: 3 } as const;
/** In introspection. */
const TYPES_OF_SCHEMA = 200;

/** What an answer may hold, at most. */
export interface AnswerSize {
  /** Objects and scalars. */
  readonly values: number;
  /** Memory that the process needs while the answer is made. */
  readonly bytes: number;
  /** The list that holds the most of either. */
  costliest(measure: 'values' | 'bytes'): Costliest;
}

/** Works out what the answer to an operation may hold. Throws GraphQLError for an argument that is wrong. */
export function sizeOfAnswer(operation: Operation, basis: CostBasis): AnswerSize {
  const times = timesBelow(operation, requestPricing(operation, basis));
  const pricing = {
    values: answerPricing(operation, times, (_selected, values) => values),
    bytes: answerPricing(
      operation,
      times,
      (selected, values, aliases) => values * BYTES_PER_VALUE + aliases + bytesRead(selected, basis),
    ),
  };
  return {
    values: Math.ceil(totalOf(operation, pricing.values)),
    bytes: Math.ceil(totalOf(operation, pricing.bytes)),
    costliest: (measure) => {
      const { path, share } = findCostliest(operation, pricing[measure]);
      return { path: path.slice(0, 1 + path.findLastIndex((name) => !WRAPPING.has(name))), share };
    },
  };
}

/** What stands between a list of which the length is known and its entries. */
const WRAPPING = new Set(['nodes', 'edges', 'node', 'items']);

/**
 * Counts the scalars of an object with the object, so that a list is as costly as what it lists.
 * @param timesOf how many objects there are below a field
 * @param weigh of each object that a field returns, with how many values it holds itself, and the characters of their aliases
 */
function answerPricing(
  operation: Operation,
  timesOf: (selected: SelectedField) => number,
  weigh: (selected: SelectedField, values: number, aliases: number) => number,
): Pricing {
  return (selected) => {
    const { node, field, returned } = selected;
    if (node.selectionSet === undefined) return { own: 0, multiplier: 1 };
    const times = timesOf(selected);
    let [values, aliases] = [1, 0];
    for (const below of fieldsOf(operation, node.selectionSet, returned)) {
      aliases += below.node.alias?.value.length ?? 0;
      if (below.node.selectionSet === undefined) values += isList(below.field) ? LENGTHS.others : 1;
    }
    return { own: (isList(field) ? times : 1) * weigh(selected, values, aliases), multiplier: times };
  };
}

/** How many objects there are below a field, for each object that has it. */
function timesBelow(operation: Operation, requests: Pricing): (selected: SelectedField) => number {
  return (selected) => {
    const { node, field, returned } = selected;
    const { complexity, changes } = field.extensions;
    if (complexity === costs.licensesOfUser) return LENGTHS.licensesOfUser;
    if (complexity === costs.rolesOfUser) return LENGTHS.rolesOfUser;
    if (complexity === costs.groupsOfUser) return LENGTHS.groupsOfUser;
    if (complexity !== undefined) return requests(selected).multiplier;
    const { first, ...values } = getArgumentValues(field, node, operation.variableValues);
    if (changes !== undefined) return changes(values);
    if (field.args.some(({ name }) => name === 'first')) {
      return Math.min(Math.max(Number(first ?? 100), 1), LARGEST_PAGE);
    }
    if (!isList(field) || WRAPPING.has(field.name)) return 1;
    return field.name === 'types' && isIntrospectionType(returned) ? TYPES_OF_SCHEMA : LENGTHS.others;
  };
}

function isList({ type }: SelectedField['field']): boolean {
  return isListType(getNullableType(type));
}

/** For each object that a field returns. */
function bytesRead({ field, returned }: SelectedField, basis: CostBasis): number {
  const { users, groups } = basis.wantedOf(field);
  let bytes = 0;
  if (users !== undefined && (returned.name === 'User' || isAbstractType(returned))) {
    bytes += BYTES_READ[users.basic ? 'user' : 'id of a user'];
  }
  if (groups?.members === true && (returned.name === 'Group' || isAbstractType(returned))) {
    bytes += BYTES_READ['group with members'];
  }
  return bytes;
}
