import { type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import type { Guarded } from '../../access/principal.ts';
import type { Scope } from '../../access/scopes.ts';
import { Forbidden } from '../../errors/access.ts';
import type { Context } from '../base/context.ts';

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
  },
};

/** What is in an organization. Whatever leads there asks for the scope read. */
const OF_ORGANIZATIONS = ['User', 'Group', 'License', 'Role'];

/**
 * Puts the rules into the schema: before a field is resolved, and into its description.
 * Throws where a field has no rule, or a rule has no field.
 */
export function guard(schema: GraphQLSchema): GraphQLSchema {
  for (const [typeName, rules] of Object.entries(RULES)) {
    const type = schema.getType(typeName);
    const fields = isObjectType(type) ? type.getFields() : {};
    for (const [name, field] of Object.entries(fields)) {
      const rule = rules[name];
      if (rule === undefined) throw new Error(`${typeName}.${name} has no rule of who may use it.`);
      field.description = `${field.description ?? ''}${sentenceFor(rule, typeName)}`;
      if (rule === 'anyone') continue;
      if (field.resolve === undefined)
        throw new Error(`${typeName}.${name} has nothing that could ask first.`);
      const isRoot = typeName === 'Query' || typeName === 'Mutation';
      field.resolve = isRoot ? guardRoot(rule, field.resolve) : guardField(rule, field.resolve);
    }
    const stale = Object.keys(rules).filter((name) => fields[name] === undefined);
    if (stale.length > 0)
      throw new Error(`${typeName} has rules for fields it has not: ${stale.join(', ')}.`);
  }
  for (const name of OF_ORGANIZATIONS) {
    const type = schema.getType(name);
    if (isObjectType(type)) type.description = `${type.description ?? ''} All of it needs the scope read.`;
  }
  return schema;
}

function sentenceFor(rule: Rule, typeName: string): string {
  if (rule === 'configure everywhere') return ' Needs the scope configure for all connectors.';
  if (rule !== 'anyone') return ` Needs the scope ${rule}.`;
  return typeName === 'Query' ? ' Needs no scope of its own: shows what the caller may see.' : '';
}

type Resolve = GraphQLFieldResolver<unknown, Context>;

/** The scope is looked at once more for each connector that the field then gets hold of. */
function guardRoot(rule: Exclude<Rule, 'anyone'>, resolve: Resolve): Resolve {
  return (parent, values, context, info) => {
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
    context.caller.principal.assertMay(scope, connectorOf(parent));
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
