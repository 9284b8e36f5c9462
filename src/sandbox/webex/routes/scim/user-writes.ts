import { z } from 'zod';
import { readBody } from '../../../http/body.ts';
import { Refusal } from '../../../http/errors.ts';
import { type Answer, json } from '../../../http/exchange.ts';
import type { AuthorizedCall } from '../../http/endpoint.ts';
import { encodeId, isUuid } from '../../ids.ts';
import type { PersonFields, PersonRecord, RoleRecord } from '../../state/records.ts';
import type { World } from '../../world.ts';
import { newPersonFields } from '../new-person.ts';
import { assertFreeEmails } from '../people-rules.ts';
import { assertTexts } from '../texts.ts';
import { patched } from './patch.ts';
import { ENTERPRISE } from './schemas.ts';
import { scimUser } from './user-view.ts';

const text = z.string().optional();
const addressBody = z.object({
  ...{ type: text, country: text, locality: text, region: text, streetAddress: text, postalCode: text },
});

/** A whole user; what is not listed is ignored. */
const userBody = z.object({
  schemas: z.array(z.string()).min(1),
  userName: z.email(),
  userType: z.literal('user'),
  ...{ displayName: text, nickName: text, title: text, timezone: text },
  active: z.boolean().default(true),
  name: z.object({ givenName: text, familyName: text }).default({}),
  emails: z.array(z.object({ value: z.email() })).default([]),
  phoneNumbers: z
    .array(z.object({ type: z.string().default('work'), value: z.string(), primary: z.boolean().optional() }))
    .default([]),
  addresses: z.array(addressBody).default([]),
  roles: z.array(z.object({ value: z.string() })).default([]),
  [ENTERPRISE]: z
    .object({ department: text, manager: z.object({ value: z.string(), displayName: text }).optional() })
    .default({}),
});

type UserBody = z.infer<typeof userBody>;

/** POST …/v2/Users answers 201. */
export async function createScimUser(call: AuthorizedCall, world: World): Promise<Answer> {
  const body = readUser(await call.json(), undefined, world);
  const roles = rolesOf(body, world);
  const person = world.tenant.people.add({ ...fieldsOf(body, world), ...newPersonFields(call, world) });
  world.tenant.roles.assign(person, roles);
  return json(201, scimUser(person, false, call.origin, world));
}

/** PUT …/v2/Users/:id replaces the user: what the body lacks is unset. */
export async function replaceScimUser(
  person: PersonRecord,
  call: AuthorizedCall,
  world: World,
): Promise<Answer> {
  return replace(person, await call.json(), call, world);
}

/** PATCH …/v2/Users/:id. Nothing is changed if one of its operations cannot be applied. */
export async function patchScimUser(
  person: PersonRecord,
  call: AuthorizedCall,
  world: World,
): Promise<Answer> {
  const before = scimUser(person, false, call.origin, world);
  const after = patched(before, await call.json());
  const isRenamed = after.userName !== before.userName;
  const emails = before.emails.slice(1);
  const isPlain = JSON.stringify(after.emails) === JSON.stringify(before.emails);
  // The address to sign in with is one of the addresses, and changes there, too.
  return replace(person, isRenamed && isPlain ? { ...after, emails } : after, call, world);
}

function replace(person: PersonRecord, given: unknown, call: AuthorizedCall, world: World): Answer {
  const body = readUser(given, person, world);
  world.tenant.roles.assign(person, rolesOf(body, world));
  world.tenant.people.update(person, fieldsOf(body, world), world.clock.now());
  return json(200, scimUser(person, false, call.origin, world));
}

function readUser(given: unknown, owner: PersonRecord | undefined, world: World): UserBody {
  const body = readBody(userBody, given);
  assertTexts(body, world.settings);
  assertFreeEmails(emailsOf(body), owner, world);
  return body;
}

function emailsOf({ userName, emails }: UserBody): string[] {
  return [...new Set([userName, ...emails.map(({ value }) => value)])];
}

function fieldsOf(body: UserBody, world: World) {
  const { displayName, nickName, title, timezone, name, active, phoneNumbers, addresses } = body;
  const { department, manager } = body[ENTERPRISE];
  const names = [name.givenName, name.familyName].filter((each) => each !== undefined && each !== '');
  return {
    ...{ nickName, title, timezone, phoneNumbers, addresses, department },
    emails: emailsOf(body),
    displayName: displayName ?? (names.join(' ') || body.userName),
    firstName: name.givenName,
    lastName: name.familyName,
    loginEnabled: active,
    ...managerOf(manager, world),
  } satisfies Partial<PersonFields>;
}

function managerOf(manager: UserBody[typeof ENTERPRISE]['manager'], world: World) {
  if (manager === undefined) return { manager: undefined, managerId: undefined };
  if (!isUuid(manager.value)) throw new Refusal(400, 'The manager is not the id of a user.');
  const known = world.tenant.people.byUuid(manager.value);
  return { manager: known?.displayName ?? manager.displayName, managerId: encodeId('PEOPLE', manager.value) };
}

function rolesOf({ roles }: UserBody, { tenant }: World): RoleRecord[] {
  return roles.map(({ value }) => {
    const role = tenant.roles.all.find((each) => each.scimName === value);
    if (role === undefined) throw new Refusal(400, 'There is no role with one of these names.');
    return role;
  });
}
