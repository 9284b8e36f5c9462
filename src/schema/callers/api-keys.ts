import { type ApiKeyRecord, usualEnd } from '../../access/api-keys.ts';
import { formatGrant } from '../../access/scopes.ts';
import { NotFound } from '../../errors/request.ts';
import { recorded } from '../audit/recorded.ts';
import { AccessScopeEnum } from '../base/access-scopes.ts';
import { builder } from '../base/builder.ts';
import { chooseConnector } from '../base/chosen-connector.ts';
import type { Context } from '../base/context.ts';
import { readApiKeyId, readGlobalId } from '../base/global-ids.ts';
import { readMoment } from '../base/moments.ts';
import { failsAs } from '../errors/payloads.ts';
import { ApiKeyRef } from './api-key.ts';
import { ApiKeyPayload, CreateApiKeyPayload, failed } from './key-payloads.ts';

const AccessGrantInput = builder.inputType('AccessGrantInput', {
  description: 'A permission of an API key.',
  fields: (t) => ({
    scope: t.field({
      type: AccessScopeEnum,
      required: true,
      description: 'What requests with the key may do.',
    }),
    connectors: t.idList({
      required: false,
      description:
        'The connectors that the permission is for, each by id or name. Default, and null: all, including those created later.',
    }),
  }),
});

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'An API key to create.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description:
        'What the key is for, 1 to 100 characters. Unique: names that differ only in case, or look the same, are refused.',
    }),
    grants: t.field({
      type: [AccessGrantInput],
      required: true,
      description:
        'Permissions of the key. You cannot grant what you may not do yourself. With a token of an identity provider you cannot grant ADMIN.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      required: false,
      description:
        'When the key expires. Null: never. Default: in 90 days, or with the API key that creates it if that expires earlier. A key cannot create one that expires later than itself, and a token of an identity provider none that lasts longer than 90 days.',
    }),
  }),
});

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'The API key to revoke.',
  fields: (t) => ({
    id: t.id({
      required: true,
      description:
        'The id of the key: its field id, or the one that npm run key -- list prints. Not the key itself.',
    }),
  }),
});

builder.queryField('apiKeys', (t) =>
  t.field({
    fallible: true,
    type: [ApiKeyRef],
    description: 'The API keys that you may manage, newest first, including expired and revoked ones.',
    resolve: async (_root, _arguments, context) => [
      ...(await context.apiKeys.list(context.caller.principal)),
    ],
  }),
);

builder.mutationFields((t) => ({
  createApiKey: t.field({
    type: CreateApiKeyPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description: 'Creates an API key. The key itself is shown only once.',
    args: { input: t.arg({ type: CreateApiKeyInput, required: true, description: 'The key to create.' }) },
    resolve: async (_root, { input }, context, info) => {
      const { apiKeys, caller } = context;
      const { name, grants } = input;
      const expiresAt = readMoment('input.expiresAt', input.expiresAt);
      const key = {
        name,
        grants: await Promise.all(
          grants.map(async ({ scope, connectors }, index) => ({
            scope,
            connectors: await readConnectors(context, connectors, `input.grants[${index}].connectors`),
          })),
        ),
        expiresAt: expiresAt === undefined ? usualEnd(caller.principal) : expiresAt,
      };
      const connector = await onlyConnector(context, key.grants);
      const about = (id: string | null) => ({ connector, target: { type: 'ApiKey' as const, id, name } });
      return recorded(context, info, about(null), async () => {
        const created = await apiKeys.create(key, caller.principal);
        const { record } = created;
        return { result: { created }, changes: keyChanges(record), subject: about(record.id) };
      });
    },
  }),
  revokeApiKey: t.field({
    type: ApiKeyPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description:
      'Revokes an API key. It is refused from then on, by every process of the gateway. Safe to repeat.',
    args: { input: t.arg({ type: RevokeApiKeyInput, required: true, description: 'Which one.' }) },
    resolve: async (_root, { input }, context, info) => {
      const { apiKeys, caller } = context;
      const key = await apiKeys.get(readApiKeyId(input.id, 'input.id'), caller.principal);
      if (key === null) throw new NotFound('API key', input.id);
      const connector = await onlyConnector(context, key.grants);
      const target = { type: 'ApiKey', id: key.id, name: key.name } as const;
      return recorded(context, info, { connector, target }, async () => {
        const apiKey = await apiKeys.revoke(key.id, caller.principal);
        const [before, after] = [momentOf(key.revokedAt), momentOf(apiKey.revokedAt)];
        return {
          result: { apiKey },
          changes: before === after ? [] : [{ field: 'revokedAt', before, after }],
        };
      });
    },
  }),
}));

/** The ids of connectors that are given by id or name; null for all. Rejects with InvalidInput, NotFound. */
async function readConnectors(
  context: Context,
  given: readonly string[] | null | undefined,
  field: string,
): Promise<string[] | null> {
  if (given == null) return null;
  const chosen = given.map(async (text, index) => {
    const id = readGlobalId(text);
    // Whether the caller may grant it, and there is one, is for the keys to say.
    if (id?.type === 'Connector') return id.connectorId;
    return (await chooseConnector(context, text, `${field}[${index}]`)).id;
  });
  return Promise.all(chosen);
}

/** The connector that a key is for, if it is for one only. */
async function onlyConnector({ connectors }: Context, grants: ApiKeyRecord['grants']) {
  const named = new Set<string | null>(
    grants.flatMap((grant): readonly (string | null)[] => grant.connectors ?? [null]),
  );
  const [only] = named;
  if (named.size !== 1 || only == null) return null;
  return (await connectors.list()).find(({ id, name }) => id === only || name === only) ?? null;
}

/** What the audit trail tells of a new key. */
function keyChanges({ name, grants, expiresAt }: ApiKeyRecord) {
  return [
    { field: 'name', before: null, after: name },
    { field: 'grants', before: null, after: grants.map(formatGrant) },
    { field: 'expiresAt', before: null, after: momentOf(expiresAt) },
  ];
}

function momentOf(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}
