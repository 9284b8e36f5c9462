import { type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import type { Guarded } from '../../access/principal.ts';
import type { Scope } from '../../access/scopes.ts';
import { Forbidden } from '../../errors/access.ts';
import { contextOf } from './context-of.ts';

/** What a field takes: a scope, for the connector that it is about; or only a caller who is known. */
type Rule = Scope | 'anyone' | 'configure everywhere';

/**
 * Who may do what. Everything is reached through these types, and each of their fields has to stand here: the
 * schema is not made otherwise. What a field leads to needs nothing more, until it leads back to one of them.
 */
const RULES: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  Query: {
    viewer: 'anyone',
    // Objects of an organization take the scope read; the loader of each type asks for it.
    node: 'anyone',
    nodes: 'anyone',
    connector: 'anyone',
    connectors: 'anyone',
    auditEvents: 'admin',
    apiKeys: 'admin',
    syncMapping: 'read',
    syncMappings: 'read',
    previewSyncMapping: 'provision',
    // Only the uploader and administrators see a file.
    syncFile: 'anyone',
  },
  Connector: {
    id: 'anyone',
    name: 'anyone',
    version: 'anyone',
    declared: 'anyone',
    status: 'anyone',
    redirectUri: 'anyone',
    settings: 'anyone',
    details: 'anyone',
    pool: 'anyone',
    user: 'read',
    users: 'read',
    group: 'read',
    groups: 'read',
    license: 'read',
    licenses: 'read',
    role: 'read',
    roles: 'read',
    syncSchedules: 'read',
    syncPlans: 'read',
    syncRuns: 'read',
  },
  ConnectorDetails: {
    organization: 'anyone',
    connectedBy: 'read',
    connectedAt: 'anyone',
    grantedScopes: 'anyone',
    missingScopes: 'anyone',
    accessTokenExpiresAt: 'anyone',
    refreshTokenExpiresAt: 'anyone',
    refreshTokenDaysLeft: 'anyone',
    endsSoon: 'anyone',
  },
  Mutation: {
    createConnector: 'configure everywhere',
    updateConnector: 'configure',
    deleteConnector: 'configure',
    connect: 'configure',
    completeConnect: 'configure',
    connectWithRefreshToken: 'configure',
    disconnect: 'configure',
    testConnector: 'configure',
    createUser: 'provision',
    createUsers: 'provision',
    updateUser: 'provision',
    updateUsers: 'provision',
    deleteUser: 'provision',
    deleteUsers: 'provision',
    updateUserLicenses: 'provision',
    updateUserRoles: 'provision',
    createGroup: 'provision',
    updateGroup: 'provision',
    updateGroupMembers: 'provision',
    deleteGroup: 'provision',
    createApiKey: 'admin',
    revokeApiKey: 'admin',
    putSyncMapping: 'configure everywhere',
    deleteSyncMapping: 'configure everywhere',
    putSyncSchedule: 'configure',
    deleteSyncSchedule: 'configure',
    planSync: 'provision',
    approveSync: 'admin',
    applySync: 'provision',
    cancelSync: 'provision',
    pauseSync: 'provision',
    resumeSync: 'provision',
  },
  Subscription: {
    syncPlan: 'read',
    syncRun: 'read',
  },
};

/** What is in an organization. Whatever leads there asks for the scope read. */
const OF_ORGANIZATIONS = ['User', 'Group', 'License', 'Role', 'SyncPlan', 'SyncItem', 'SyncRun'];

/** The description of a type with what it needs; undefined if it has none. */
export function describeType(name: string, description: string | null | undefined): string | undefined {
  if (!OF_ORGANIZATIONS.includes(name)) return description ?? undefined;
  return `${description ?? ''} All of it needs the scope read.`;
}

/** The description of a field with the scope that it needs; undefined if it has none. */
export function describeField(
  type: string,
  field: string,
  description: string | null | undefined,
): string | undefined {
  const rule = RULES[type]?.[field];
  return rule === undefined ? (description ?? undefined) : `${description ?? ''}${sentenceFor(rule, type)}`;
}

/**
 * Throws if a field of a type that has rules has none, or if a rule is about a field that does not exist.
 */
export function assertRulesFit(schema: GraphQLSchema): void {
  for (const [typeName, rules] of Object.entries(RULES)) {
    const type = schema.getType(typeName);
    const fields = isObjectType(type) ? type.getFields() : {};
    const without = Object.keys(fields).filter((name) => rules[name] === undefined);
    if (without.length > 0)
      throw new Error(`${typeName} has fields without a rule of who may use them: ${without.join(', ')}.`);
    const stale = Object.keys(rules).filter((name) => fields[name] === undefined);
    if (stale.length > 0)
      throw new Error(`${typeName} has rules for fields it does not have: ${stale.join(', ')}.`);
  }
}

function sentenceFor(rule: Rule, typeName: string): string {
  if (rule === 'configure everywhere') return ' Needs the scope configure for all connectors.';
  if (rule !== 'anyone') return ` Needs the scope ${rule}.`;
  return typeName === 'Query' ? ' Needs no scope of its own: shows what the caller may see.' : '';
}

type Resolve = GraphQLFieldResolver<unknown, object, object>;

/** The resolver that asks first whether the caller may use the field; the same if nobody has to be asked. */
export function guard(type: string, field: string, resolve: Resolve): Resolve {
  const rule = RULES[type]?.[field] ?? 'anyone';
  // Of a subscription, only who may subscribe is checked.
  if (rule === 'anyone' || type === 'Subscription') return resolve;
  const isRoot = type === 'Query' || type === 'Mutation';
  return isRoot ? guardRoot(rule, resolve) : guardField(rule, resolve);
}

/** As `guard`, for what begins a subscription. */
export function guardSubscribe(field: string, subscribe: Resolve): Resolve {
  const rule = RULES.Subscription?.[field] ?? 'anyone';
  return rule === 'anyone' ? subscribe : guardRoot(rule, subscribe);
}

/** The scope is checked once more for each connector that the field then gets hold of. */
function guardRoot(rule: Exclude<Rule, 'anyone'>, resolve: Resolve): Resolve {
  return (parent, values, given, info) => {
    const context = contextOf(given);
    const { principal } = context.caller;
    const isEverywhere = rule === 'configure everywhere';
    const scope = isEverywhere ? 'configure' : rule;
    const isAllowed = isEverywhere ? principal.holdsEverywhere(scope) : principal.holds(scope);
    if (!isAllowed) throw new Forbidden(scope);
    return resolve(parent, values, context.within(scope), info);
  };
}

function guardField(rule: Exclude<Rule, 'anyone'>, resolve: Resolve): Resolve {
  const scope = rule === 'configure everywhere' ? 'configure' : rule;
  return (parent, values, context, info) => {
    contextOf(context).caller.principal.assertMay(scope, connectorOf(parent));
    return resolve(parent, values, context, info);
  };
}

/** A Connector is one; ConnectorDetails hold theirs. */
function connectorOf(parent: unknown): Guarded {
  if (isConnector(parent)) return parent;
  if (typeof parent === 'object' && parent !== null && 'connector' in parent && isConnector(parent.connector))
    return parent.connector;
  throw new Error('A guarded field belongs to no connector.');
}

function isConnector(value: unknown): value is Guarded {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    'name' in value &&
    typeof value.id === 'string' &&
    typeof value.name === 'string'
  );
}
