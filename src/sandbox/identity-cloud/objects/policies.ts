import { Refusal } from '../../http/errors.ts';
import { type FailedRequirement, PolicyFailure } from '../http/policy-failure.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import type { Collection, Tenant } from './tenant.ts';
import { isRelationship, type Property } from './types.ts';

const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,255}$/;
const LONGEST_USER_NAME = 255;

/** What a write is checked for. */
export interface Written {
  /** Undefined for a new object. */
  readonly id: string | undefined;
  /** The values afterwards. */
  readonly values: JsonObject;
  /** Only these are checked. */
  readonly changed: readonly string[];
  readonly isNew: boolean;
}

/** Checks a write as the tenant's policies do. Throws PolicyFailure and 400 or 412 Refusals. */
export function assertPolicies(tenant: Tenant, collection: Collection, written: Written): void {
  const { type } = collection;
  const failed: FailedRequirement[] = [];
  for (const name of written.changed) assertDeclared(collection, name);
  if (written.isNew)
    for (const name of type.required)
      if (isEmpty(written.values[name])) failed.push({ property: name, requirement: 'REQUIRED' });
  for (const name of written.changed) {
    const property = type.properties[name];
    const value = written.values[name];
    if (value === undefined) continue;
    failed.push(...typeProblems(name, property, value, written.isNew));
    failed.push(...namedProblems(tenant, collection, name, value, written));
  }
  if (failed.length > 0) throw new PolicyFailure(failed, tenant.settings);
}

/** Customers' own properties of users begin with `custom_`; other unknown names are refused. */
function assertDeclared({ type }: Collection, name: string): void {
  if (name.startsWith('_') || Object.hasOwn(type.properties, name)) return;
  if (type.name === 'user' && name.startsWith('custom_')) return;
  throw new Refusal(400, `Request content includes unprefixed attributes: ${name}`);
}

function typeProblems(
  name: string,
  property: Property | undefined,
  value: Json,
  isNew: boolean,
): FailedRequirement[] {
  if (property === undefined || isRelationship(property)) return [];
  if (value === null)
    return isNew && property.default !== undefined ? [{ property: name, requirement: 'NOT_NULL' }] : [];
  const expected = property.kind === 'array' ? 'array' : property.type;
  const actual = Array.isArray(value) ? 'array' : typeof value;
  if (expected === actual) return [];
  return [
    { property: name, requirement: 'VALID_TYPE', params: { invalidType: actual, validTypes: [expected] } },
  ];
}

function namedProblems(
  tenant: Tenant,
  collection: Collection,
  name: string,
  value: Json,
  { id }: Written,
): FailedRequirement[] {
  if (typeof value !== 'string') return [];
  const type = collection.type.name;
  if (type === 'user' && name === 'mail' && !EMAIL.test(value.slice(0, 400)))
    return [{ property: name, requirement: 'VALID_EMAIL_ADDRESS_FORMAT' }];
  if (type === 'user' && name === 'userName') return userNameProblems(tenant, collection, value, id);
  if (name === 'name' && (type === 'role' || type === 'application') && isTaken(collection, name, value, id))
    return [{ property: name, requirement: 'UNIQUE' }];
  if (type === 'group' && name === 'name' && value.includes('/'))
    return [{ property: name, requirement: 'CANNOT_CONTAIN_CHARACTERS', params: { forbiddenChars: ['/'] } }];
  if (
    type === 'assignment' &&
    name === 'mapping' &&
    !value.startsWith('managed') &&
    !value.startsWith('system')
  )
    return [{ property: name, requirement: 'MAPPING_EXISTS' }];
  return [];
}

function userNameProblems(
  { settings }: Tenant,
  collection: Collection,
  value: string,
  id: string | undefined,
): FailedRequirement[] {
  if (value.includes('/'))
    return [
      { property: 'userName', requirement: 'CANNOT_CONTAIN_CHARACTERS', params: { forbiddenChars: ['/'] } },
    ];
  if (value === '') return [{ property: 'userName', requirement: 'MIN_LENGTH', params: { minLength: 1 } }];
  if (value.length > LONGEST_USER_NAME) return [{ property: 'userName', requirement: 'MAX_LENGTH' }];
  if (!isTaken(collection, 'userName', value, id)) return [];
  if (settings.duplicateUserName === '412') throw new Refusal(412, 'Entry Already Exists');
  const requirement = settings.duplicateUserName === '403 UNIQUE' ? 'UNIQUE' : 'VALID_USERNAME';
  return [{ property: 'userName', requirement }];
}

function isTaken({ objects }: Collection, name: string, value: string, id: string | undefined): boolean {
  const wanted = value.toLowerCase();
  for (const stored of objects.values()) {
    const held = stored.values[name];
    if (stored.id !== id && typeof held === 'string' && held.toLowerCase() === wanted) return true;
  }
  return false;
}

function isEmpty(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '';
}

/** The object in the body of a write. Throws a 400 Refusal. */
export function readObject(body: unknown): JsonObject {
  if (!isObject(body))
    throw new Refusal(
      400,
      'The request could not be processed because the provided content is not a JSON object',
    );
  return body;
}
