import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/** Texts that regular expressions of more than linear time are known to stumble over, each to be repeated. */
export const WORST = {
  slashes: '/',
  blanks: ' ',
  'line ends': '\r\n',
  addresses: 'a@',
  'no addresses': 'a.',
  suggestions: ' Did you mean ',
  quotes: '"',
  commas: ',',
  certificates: '-----BEGIN CERTIFICATE-----',
  digits: '1',
  equals: '=',
  colons: ':',
  dashes: '-a',
  'what nobody sees': '\u200b',
  percent: '%2',
} as const;

/** A text of so many characters, or a few less. */
export function worstText(kind: keyof typeof WORST, length: number): string {
  return WORST[kind].repeat(Math.ceil(length / WORST[kind].length)).slice(0, length);
}

/** One field with arguments, and the way to it from the operation's root. */
export interface Target {
  readonly operation: 'query' | 'mutation';
  /** What stands in front of the field, and closes behind it. */
  readonly open: string;
  readonly close: string;
  readonly name: string;
  readonly args: readonly GraphQLArgument[];
  readonly isLeaf: boolean;
}

const USERS = 'connector { users(first: 1) { nodes {';
const WAYS: Readonly<Record<string, readonly [open: string, close: string]>> = {
  Query: ['', ''],
  Mutation: ['', ''],
  Connector: ['connector {', '}'],
  Group: ['connector { groups(first: 1) { nodes {', '} } }'],
  License: [`${USERS} licenses {`, '} } } }'],
  Role: [`${USERS} roles {`, '} } } }'],
  SyncPlan: ['connector { syncPlans(first: 1) { nodes {', '} } }'],
  SyncRun: ['connector { syncRuns(first: 1) { nodes {', '} } }'],
  SyncFile: ['connector { syncPlans(first: 1) { nodes { file {', '} } } }'],
};

/** Every field of the schema that takes arguments. Throws for one on a type that no way leads to. */
export function targetsOf(schema: GraphQLSchema): Target[] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    // A subscription takes one id, as `node` does, and answers with a stream.
    const isLeftOut = type.name.startsWith('__') || type === schema.getSubscriptionType();
    if (!isObjectType(type) || isLeftOut) return [];
    const fields = Object.values(type.getFields()).filter(({ args }) => args.length > 0);
    if (fields.length === 0) return [];
    const [open, close] = WAYS[type.name] ?? [];
    if (open === undefined || close === undefined) throw new Error(`Add a way to ${type.name} to WAYS.`);
    const operation = type.name === 'Mutation' ? 'mutation' : 'query';
    return fields.map(({ name, args, type: result }) => ({
      ...{ operation, open, close, name, args: [...args] },
      isLeaf: !('getFields' in getNamedType(result)) && !('getTypes' in getNamedType(result)),
    }));
  });
}

/** The document that asks for a field with all of its arguments as variables. */
export function documentFor(
  { operation, open, close, name, args, isLeaf }: Target,
  selection = '__typename',
): string {
  const variables = args.map((each) => `$${each.name}: ${each.type}`).join(', ');
  const passed = args.map((each) => `${each.name}: $${each.name}`).join(', ');
  return `${operation} (${variables}) { ${open} ${name}(${passed}) ${isLeaf ? '' : `{ ${selection} }`} ${close} }`;
}

/** The places in the arguments of a field that hold one value, as paths of argument and input fields. */
export function leavesOf(target: Target): string[] {
  return target.args.flatMap((each) => leavesIn(each, each.name)).map(({ path }) => path);
}

/** As `leavesOf`, but only those that take any text: a wrong number or enum value is refused before anything is read. */
export function textsOf(target: Target): string[] {
  return target.args
    .flatMap((each) => leavesIn(each, each.name))
    .filter(takesText)
    .map(({ path }) => path);
}

/**
 * The places of texts that one request can fill at once: one list for each alternative of its `@oneOf` inputs. What
 * names the object or its connector is left out, because a wrong one is refused before the rest is read.
 */
export function textsAtOnce(target: Target): string[][] {
  const count = Math.max(1, ...target.args.map((each) => alternativesIn(each)));
  return Array.from({ length: count }, (_, choice) =>
    target.args
      .flatMap((each) => leavesIn(each, each.name, choice))
      .filter((leaf) => takesText(leaf) && !NAMES_OBJECT.test(leaf.path))
      .map(({ path }) => path),
  ).filter((leaves) => leaves.length > 0);
}

const NAMES_OBJECT = /(^|\.)(ids?|connector)$/;

interface Leaf {
  readonly path: string;
  readonly type: GraphQLNamedInputType;
}

function takesText({ type }: Leaf): boolean {
  return !isEnumType(type) && type.name !== 'Int' && type.name !== 'Boolean';
}

/** @param choice which field of each `@oneOf` input is taken; all of them if undefined */
function leavesIn({ type }: GraphQLArgument | GraphQLInputField, path: string, choice?: number): Leaf[] {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return [{ path, type: named }];
  const fields = Object.values(named.getFields());
  const taken =
    named.isOneOf && choice !== undefined
      ? fields.filter((_, index) => index === choice % fields.length)
      : fields;
  return taken.flatMap((field) => leavesIn(field, `${path}.${field.name}`, choice));
}

function alternativesIn({ type }: GraphQLArgument | GraphQLInputField): number {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return 1;
  const fields = Object.values(named.getFields());
  return Math.max(named.isOneOf ? fields.length : 1, ...fields.map((field) => alternativesIn(field)));
}

/** Ids of objects that exist, by what the names of mutations call them. */
export interface ExistingIds {
  readonly connector: string;
  readonly user: string;
  readonly group: string;
}

function objectIdFor({ name }: Target, ids: ExistingIds): string {
  if (name.includes('Group')) return ids.group;
  return name.includes('User') ? ids.user : ids.connector;
}

/**
 * Variables for a field in which these leaves hold `value`; of the others only what is required is there.
 * @param ids what required ids of the field's object are, so that the rest of an input is read
 */
export function variablesFor(
  target: Target,
  leaves: readonly string[],
  value: unknown,
  ids: ExistingIds,
): Record<string, unknown> {
  const wanted = new Set(leaves);
  const isOnWay = (at: string) => leaves.some((leaf) => leaf === at || leaf.startsWith(`${at}.`));
  const build = (type: GraphQLInputType, at: string): unknown => {
    const nullable = getNullableType(type);
    if (isListType(nullable)) return [build(nullable.ofType, at)];
    if (wanted.has(at)) return value;
    if (isInputObjectType(nullable)) return fill(Object.values(nullable.getFields()), `${at}.`);
    if (isEnumType(nullable)) return nullable.getValues()[0]?.name;
    return NAMES_OBJECT.test(at) ? objectIdFor(target, ids) : SAMPLES[nullable.name];
  };
  const fill = (fields: readonly (GraphQLArgument | GraphQLInputField)[], prefix: string) =>
    Object.fromEntries(
      fields
        .filter(({ name, type }) => isNonNullType(type) || isOnWay(`${prefix}${name}`))
        .map(({ name, type }) => [name, build(type, `${prefix}${name}`)]),
    );
  return fill(target.args, '');
}

const SAMPLES: Readonly<Record<string, unknown>> = {
  ID: 'text',
  String: 'text',
  EmailAddress: 'someone@example.com',
  URL: 'https://webexapis.com/v1',
  DateTime: '2026-11-25T08:30:00Z',
  Int: 1,
  Boolean: true,
};
