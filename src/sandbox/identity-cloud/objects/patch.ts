import { Refusal } from '../../http/errors.ts';
import { PolicyFailure } from '../http/policy-failure.ts';
import { isEqual, isObject, type Json, type JsonObject } from './json.ts';
import { addRelationship, removeRelationships, replaceRelationships } from './relationships.ts';
import type { Collection, Stored, Tenant } from './tenant.ts';
import { isRelationship } from './types.ts';

interface Operation {
  readonly operation: string;
  readonly pointer: readonly string[];
  readonly value: Json | undefined;
  readonly from: readonly string[] | undefined;
}

const OPERATIONS = ['add', 'remove', 'replace', 'increment', 'copy', 'move'];

/** Reads the body of a PATCH: a list of operations. Throws 400 Refusals. */
export function readPatch(body: unknown): Operation[] {
  if (!Array.isArray(body))
    throw new Refusal(
      400,
      'The request could not be processed because the provided content is not a JSON array',
    );
  return body.map((each: unknown): Operation => {
    const { operation, field, value, from } = isObject(each) ? each : {};
    if (typeof operation !== 'string' || !OPERATIONS.includes(operation.toLowerCase()))
      throw new Refusal(400, 'The patch operation is not supported');
    if (typeof field !== 'string') throw new Refusal(400, 'The patch operation has no field');
    return {
      ...{ operation: operation.toLowerCase(), value },
      pointer: pointerOf(field),
      from: typeof from === 'string' ? pointerOf(from) : undefined,
    };
  });
}

function pointerOf(text: string): string[] {
  return text.replace(/^\//, '').split('/');
}

/**
 * Applies operations. Resolves with the values afterwards, and whether relationships have changed.
 * Throws 400 Refusals and PolicyFailure; then nothing may have been stored.
 */
export function applyPatch(
  tenant: Tenant,
  collection: Collection,
  stored: Stored,
  operations: readonly Operation[],
): { values: JsonObject; changed: string[]; hasMoved: boolean } {
  let values = stored.values;
  let hasMoved = false;
  const changed = new Set<string>();
  for (const each of operations) {
    const [name = '', ...rest] = each.pointer;
    if (rest.some((part) => /^\d+$/.test(part))) throw new Refusal(400, 'List indexes are not supported');
    if (isRelationship(collection.type.properties[name])) {
      hasMoved = patchRelationship(tenant, collection, stored, each) || hasMoved;
      continue;
    }
    values = patched(values, collection, each, tenant);
    changed.add(name);
  }
  return { values, changed: [...changed], hasMoved };
}

function patched(values: JsonObject, collection: Collection, each: Operation, tenant: Tenant): JsonObject {
  const { operation, pointer, value, from } = each;
  const [name = '', ...rest] = pointer;
  const before = values[name];
  if (operation === 'copy' || operation === 'move') {
    const [source = ''] = from ?? [];
    if (values[source] === undefined) throw new Refusal(400, 'The patch operation has no source');
    const { [source]: moved, ...others } = values;
    return { ...(operation === 'move' ? others : values), [name]: moved ?? null };
  }
  if (operation === 'remove') {
    if (Array.isArray(before) && value !== undefined)
      return { ...values, [name]: before.filter((item) => !isEqual(item, value)) };
    const { [name]: _, ...others } = values;
    return others;
  }
  if (operation === 'increment') {
    if (typeof before !== 'number' || typeof value !== 'number')
      throw new Refusal(400, 'The patch operation needs numbers');
    return { ...values, [name]: before + value };
  }
  if (value === undefined || (value === null && operation === 'replace'))
    throw new Refusal(400, 'The patch operation has no value');
  const isList = collection.type.properties[name]?.kind === 'array';
  if (operation === 'add' && isList) {
    const held = Array.isArray(before) ? before : [];
    if (rest[0] === '-') return { ...values, [name]: [...held, value] };
    if (!Array.isArray(value))
      throw new PolicyFailure(
        [
          {
            property: name,
            requirement: 'VALID_TYPE',
            params: { invalidType: typeof value, validTypes: ['array'] },
          },
        ],
        tenant.settings,
      );
    return { ...values, [name]: [...held, ...value] };
  }
  if (rest.length > 0 && rest[0] !== '-') {
    const inner = isObject(before) ? before : {};
    return { ...values, [name]: { ...inner, [rest[0] ?? '']: value } };
  }
  return { ...values, [name]: value };
}

/** Resolves with whether anything has changed. */
function patchRelationship(
  tenant: Tenant,
  collection: Collection,
  stored: Stored,
  { operation, pointer, value }: Operation,
): boolean {
  const [property = '', item] = pointer;
  const end = { collection: collection.name, id: stored.id, property };
  const isMany = collection.type.properties[property]?.kind === 'relationships';
  if (operation === 'remove') {
    if (value === undefined && isMany) throw new Refusal(400, 'The relationship to remove is missing');
    return removeRelationships(tenant, end, value);
  }
  if (value === undefined || value === null) throw new Refusal(400, 'The patch operation has no value');
  if (operation === 'add' && isMany && item !== '-' && !Array.isArray(value))
    throw new PolicyFailure(
      [{ property, requirement: 'VALID_TYPE', params: { invalidType: 'object', validTypes: ['array'] } }],
      tenant.settings,
    );
  const references = Array.isArray(value) ? value : [value];
  if (operation === 'replace' || !isMany) return replaceRelationships(tenant, collection, end, references);
  return references.map((each) => addRelationship(tenant, collection, end, each)).some(({ isNew }) => isNew);
}
