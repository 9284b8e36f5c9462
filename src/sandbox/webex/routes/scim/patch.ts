import { z } from 'zod';
import { readBody } from '../../../http/body.ts';
import { Refusal } from '../../../http/errors.ts';
import { CISCO_GROUP, CISCO_USER, ENTERPRISE, GROUP, USER } from './schemas.ts';

type Resource = Record<string, unknown>;

const patchBody = z.object({
  Operations: z
    .array(
      z.object({
        op: z
          .string()
          .transform((op) => op.toLowerCase())
          .pipe(z.enum(['add', 'replace', 'remove'])),
        path: z.string().min(1).max(500).optional(),
        value: z.unknown().optional(),
      }),
    )
    .min(1),
});

type Operation = z.infer<typeof patchBody>['Operations'][number];

/** Where an operation applies: an attribute, some entries of it, or a part of it or of those. */
interface Place {
  readonly attribute: string;
  readonly filter: { readonly name: string; readonly value: string } | undefined;
  readonly part: string | undefined;
}

/**
 * A resource after the operations of a PATCH, which are applied in their order. Pure: the given one stays as it is.
 * Throws a 400 Refusal at the first operation that cannot be applied. Source: RFC 7644, 3.5.2.
 */
export function patched(resource: object, body: unknown): Resource {
  const result: Resource = JSON.parse(JSON.stringify(resource));
  for (const operation of readBody(patchBody, body).Operations) apply(result, operation);
  return result;
}

function apply(resource: Resource, { op, path, value }: Operation): void {
  if (path !== undefined) {
    const { target, rest } = targetOf(resource, path);
    change(target, readPlace(rest), op, value);
    return;
  }
  if (op === 'remove') throw new Refusal(400, 'The operation remove needs a path.');
  if (!isResource(value)) throw new Refusal(400, 'An operation without a path needs an object as its value.');
  for (const [name, each] of Object.entries(value)) {
    const isExtension = EXTENSIONS.includes(name) && isResource(each);
    const parts = isExtension
      ? Object.entries(each).map(([part, of]) => [`${name}:${part}`, of] as const)
      : [];
    for (const [place, of] of isExtension ? parts : [[name, each] as const])
      apply(resource, { op, path: place, value: of });
  }
}

const EXTENSIONS: readonly string[] = [ENTERPRISE, CISCO_USER, CISCO_GROUP];
const CORE: readonly string[] = [USER, GROUP];

/** The resource, or the extension in it that a path begins with, and what is left of the path. */
function targetOf(resource: Resource, path: string): { target: Resource; rest: string } {
  const core = CORE.find((name) => path.startsWith(`${name}:`));
  if (core !== undefined) return { target: resource, rest: path.slice(core.length + 1) };
  const extension = EXTENSIONS.find((name) => path.startsWith(name));
  if (extension === undefined) return { target: resource, rest: path };
  const known = resource[extension];
  const target: Resource = isResource(known) ? known : {};
  resource[extension] = target;
  // The standard has a colon behind the name of a schema, Webex's examples a full stop.
  return { target, rest: path.slice(extension.length + 1) };
}

function readPlace(path: string): Place {
  const [text, attribute, name, value, part] =
    /^([A-Za-z]\w*)(?:\[(\w+) eq "([^"\\]*)"\])?(?:\.(\w+))?$/i.exec(path) ?? [];
  if (text === undefined || attribute === undefined)
    throw new Refusal(400, 'The path of an operation is not valid.');
  return { attribute, part, filter: name === undefined ? undefined : { name, value: value ?? '' } };
}

function change(target: Resource, place: Place, op: Operation['op'], value: unknown): void {
  const { filter, part } = place;
  const name = keyOf(target, place.attribute);
  if (filter !== undefined) {
    changeEntries(target, name, filter, part, op, value);
  } else if (part !== undefined) {
    const known = target[name];
    const inner: Resource = isResource(known) ? known : {};
    target[name] = inner;
    change(inner, { attribute: part, filter: undefined, part: undefined }, op, value);
  } else if (op === 'remove') {
    const known = target[name];
    const isSome = Array.isArray(known) && Array.isArray(value);
    if (isSome) target[name] = known.filter((entry) => !value.some((each) => isSameEntry(entry, each)));
    else delete target[name];
  } else {
    target[name] = op === 'add' ? added(target[name], value) : value;
  }
}

function changeEntries(
  target: Resource,
  name: string,
  filter: NonNullable<Place['filter']>,
  part: string | undefined,
  op: Operation['op'],
  value: unknown,
): void {
  const known: unknown = target[name];
  const entries: unknown[] = Array.isArray(known) ? known : [];
  const isMeant = (entry: unknown): entry is Resource =>
    isResource(entry) &&
    String(entry[keyOf(entry, filter.name)]).toLowerCase() === filter.value.toLowerCase();
  const meant = entries.filter(isMeant);
  if (op === 'remove' && part === undefined) {
    target[name] = entries.filter((entry) => !isMeant(entry));
    return;
  }
  if (op !== 'remove' && meant.length === 0) throw new Refusal(400, `Nothing in ${name} fits the path.`);
  for (const entry of meant) {
    if (part !== undefined) change(entry, { attribute: part, filter: undefined, part: undefined }, op, value);
    else if (isResource(value)) Object.assign(entry, value);
    else throw new Refusal(400, `An entry of ${name} needs an object as its value.`);
  }
}

/** What is there with what comes to it: entries of a list that are there already come once. */
function added(known: unknown, value: unknown): unknown {
  if (Array.isArray(known)) {
    const list: unknown[] = Array.isArray(value) ? value : [value];
    return [...known, ...list.filter((each) => !known.some((entry) => isSameEntry(entry, each)))];
  }
  return isResource(known) && isResource(value) ? { ...known, ...value } : value;
}

function isSameEntry(one: unknown, other: unknown): boolean {
  if (isResource(one) && isResource(other)) return one.value === other.value;
  return one === other;
}

/** The name as the object has it: SCIM's attributes have no case. */
function keyOf(object: Resource, name: string): string {
  const lower = name.toLowerCase();
  return Object.keys(object).find((key) => key.toLowerCase() === lower) ?? name;
}

function isResource(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
