import { isObject, type Json, type JsonObject } from '../objects/json.ts';
import type { Filter, FilterValue, Operator } from './filter.ts';

/**
 * Whether a filter holds for a record. A field that the record does not have matches nothing, and is no error. Texts are
 * compared without regard to case.
 */
export function matches(filter: Filter, record: JsonObject): boolean {
  switch (filter.kind) {
    case 'constant':
      return filter.value;
    case 'and':
      return filter.parts.every((part) => matches(part, record));
    case 'or':
      return filter.parts.some((part) => matches(part, record));
    case 'not':
      return !matches(filter.part, record);
    case 'present':
      return isPresent(valueAt(record, filter.pointer));
    case 'element':
      return elementsOf(valueAt(record, filter.pointer)).some(
        (each) => isObject(each) && matches(filter.filter, each),
      );
    case 'compare':
      return elementsOf(valueAt(record, filter.pointer)).some((each) =>
        compare(each, filter.operator, filter.value),
      );
  }
}

/** The pointers that a filter names. */
export function pointersOf(filter: Filter): readonly (readonly string[])[] {
  switch (filter.kind) {
    case 'constant':
      return [];
    case 'and':
    case 'or':
      return filter.parts.flatMap(pointersOf);
    case 'not':
      return pointersOf(filter.part);
    default:
      return [filter.pointer];
  }
}

/** The value that a pointer leads to; undefined if it leads nowhere. */
export function valueAt(record: JsonObject, pointer: readonly string[]): Json | undefined {
  let value: Json | undefined = record;
  for (const name of pointer) {
    if (!isObject(value)) return undefined;
    value = value[name];
  }
  return value;
}

function elementsOf(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function isPresent(value: Json | undefined): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

function compare(value: Json, operator: Operator, wanted: FilterValue): boolean {
  if (typeof value === 'string' && typeof wanted === 'string') {
    return compareTexts(value.toLowerCase(), operator, wanted.toLowerCase());
  }
  if (typeof value === 'number' && typeof wanted === 'number') return compareOrdered(value, operator, wanted);
  return operator === 'eq' && value === wanted;
}

function compareTexts(value: string, operator: Operator, wanted: string): boolean {
  if (operator === 'co') return value.includes(wanted);
  if (operator === 'sw') return value.startsWith(wanted);
  if (operator === 'in') return wanted.split(',').some((each) => each.trim() === value);
  return compareOrdered(value, operator, wanted);
}

function compareOrdered<T extends string | number>(value: T, operator: Operator, wanted: T): boolean {
  switch (operator) {
    case 'eq':
      return value === wanted;
    case 'lt':
      return value < wanted;
    case 'le':
      return value <= wanted;
    case 'gt':
      return value > wanted;
    case 'ge':
      return value >= wanted;
    default:
      return false;
  }
}
