import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configure } from '../configuration.ts';
import { STAFF } from '../sync-mapping.ts';
import { startWorld, type World } from '../world.ts';

// Storing mappings, and who may.

interface Stored {
  readonly mapping: {
    readonly name: string;
    readonly version: number;
    readonly digest: string;
    readonly createdBy: string;
    readonly warnings: readonly { readonly path: string; readonly message: string }[];
  } | null;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly requiredScope?: string;
    readonly problems?: readonly { readonly path: string; readonly message: string }[];
  } | null;
}

const ANSWER = `{ mapping { name version digest createdBy warnings { path message } }
  error { code message ... on InvalidInput { problems { path message } } ... on NotAllowed { requiredScope } } }`;

let world: World;
/** Headers of callers with the scope configure, for all connectors and for one. */
let configurer: Record<string, string>;
let limited: Record<string, string>;

beforeAll(async () => {
  world = await startWorld({ guarded: true, sandbox: { users: 20 } });
  const keyOf = async (scope: string, connectors: string[] | null) => {
    const grants = [{ scope, connectors }];
    const { key } = await configure(world, 'createApiKey', { name: randomUUID(), grants });
    return { authorization: `Bearer ${key}` };
  };
  configurer = await keyOf('CONFIGURE', null);
  limited = await keyOf('CONFIGURE', [world.connectorId]);
});
afterAll(() => world[Symbol.asyncDispose]());

async function change(
  mutation: 'putSyncMapping' | 'deleteSyncMapping',
  input: object,
  headers: Record<string, string> = configurer,
): Promise<Stored> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const answer = await world.query<Record<string, Stored>>(
    `mutation ($input: ${type}!) { ${mutation}(input: $input) ${ANSWER} }`,
    { input },
    { headers: { 'content-type': 'application/json', ...headers } },
  );
  const stored = answer.data?.[mutation];
  if (stored === undefined) throw new Error(JSON.stringify(answer));
  return stored;
}

const put = (text: string, more: object = {}, headers?: Record<string, string>) =>
  change('putSyncMapping', { text, ...more }, headers);

/** A mapping of a name that no other test has. */
function named(text = STAFF): { readonly name: string; readonly text: string } {
  const name = `m-${randomUUID()}`;
  return { name, text: text.replace('name: staff', `name: ${name}`) };
}

async function read(name: string, version?: number) {
  const { syncMapping } = await world.ask<{ syncMapping: { version: number; text: string } | null }>(
    'query ($name: String!, $version: Int) { syncMapping(name: $name, version: $version) { version text } }',
    { name, version },
  );
  return syncMapping;
}

describe('storing a mapping', () => {
  test('makes a version, and the same text again is the same version', async () => {
    const { name, text } = named();
    const first = await put(text);
    expect(first).toMatchObject({ mapping: { name, version: 1, warnings: [] }, error: null });
    expect((await put(text)).mapping).toEqual(first.mapping);
    const second = await put(`${text}# a comment\n`);
    expect(second.mapping?.version).toBe(2);
    expect(await read(name)).toMatchObject({ version: 2 });
    expect(await read(name, 1)).toEqual({ version: 1, text });
    // Going back is a version of its own.
    expect((await put(text)).mapping?.version).toBe(3);
    expect(await read(name, 4)).toBeNull();
  });

  test('can require that the newest version is known, or that the mapping does not exist', async () => {
    const { text } = named();
    const refused = (stored: Stored) => [stored.mapping, stored.error?.code];
    expect(refused(await put(text, { ifVersion: 1 }))).toEqual([null, 'MODIFIED_MEANWHILE']);
    expect((await put(text, { ifVersion: null })).mapping?.version).toBe(1);
    expect(refused(await put(`${text}#`, { ifVersion: null }))).toEqual([null, 'MODIFIED_MEANWHILE']);
    expect(refused(await put(`${text}#`, { ifVersion: 2 }))).toEqual([null, 'MODIFIED_MEANWHILE']);
    expect((await put(`${text}#`, { ifVersion: 1 })).mapping?.version).toBe(2);
  });

  test('by several callers at once gives each text a version of its own', async () => {
    const { name, text } = named();
    const stored = await Promise.all([1, 2, 3, 4].map((count) => put(`${text}# ${count}\n`)));
    expect(stored.map(({ mapping }) => mapping?.version).sort()).toEqual([1, 2, 3, 4]);
    expect(await read(name)).toMatchObject({ version: 4 });
  });

  test('reports everything that is wrong with it, by line and column, and stores nothing', async () => {
    const { name, text } = named(STAFF.replace('emails:', 'emals:'));
    const { mapping, error } = await put(text);
    expect([mapping, error?.code]).toEqual([null, 'INVALID_INPUT']);
    expect(error?.problems).toEqual([
      { path: 'input.text', message: 'Line 4, column 1: user.emails is required.' },
      {
        path: 'input.text',
        message: 'Line 5, column 3: user.emals is not a known key. Did you mean "emails"?',
      },
    ]);
    expect(await read(name)).toBeNull();
  });

  test('names licenses and roles that the connector does not have', async () => {
    const { text } = named(
      `${STAFF}licenses: { mode: ADDITIVE, managed: [Webex Metings] }\npolicy: { protect: { roles: [No such role] } }\n`,
    );
    const { mapping } = await put(text, { connector: world.connectorId }, world.administrator);
    expect(mapping?.warnings.map(({ path }) => path)).toEqual([
      'licenses.managed[0]',
      'policy.protect.roles[0]',
    ]);
    expect(mapping?.warnings[0]?.message).toContain('"Webex Metings" is not a license of this organization.');
    // The names of an organization are for callers who may read it.
    const { error } = await put(text, { connector: world.connectorId });
    expect(error).toMatchObject({ code: 'FORBIDDEN', requiredScope: 'READ' });
  });

  test('cannot change the key, because users are linked by it', async () => {
    const { text } = named();
    await put(text);
    const { error } = await put(text.replace('key: employeeId', 'key: mail'));
    expect(error?.problems?.[0]?.message).toContain(
      'source.key is "employeeId" in version 1 and cannot change',
    );
  });

  test('is for callers who may configure all connectors', async () => {
    const { text } = named();
    expect((await put(text, {}, limited)).error).toMatchObject({
      code: 'FORBIDDEN',
      requiredScope: 'CONFIGURE',
    });
  });

  test.each([
    ['a limit above its default', 'policy: { limits: { DELETE: { count: 11 } } }'],
    ['a percentage above its default', 'policy: { limits: { UPDATE: { percent: 51 } } }'],
    ['roles that are given', 'roles: { mode: ADDITIVE, rules: [{ give: [Help Desk Administrator] }] }'],
  ])('takes an administrator for %s', async (_what, part) => {
    const { text } = named(`${STAFF}${part}\n`);
    expect((await put(text)).error).toMatchObject({ code: 'FORBIDDEN', requiredScope: 'ADMIN' });
    expect((await put(text, {}, world.administrator)).mapping?.version).toBe(1);
  });

  test('takes no administrator for a lower limit', async () => {
    const { text } = named(`${STAFF}policy: { limits: { DELETE: { count: 0 }, CREATE: { count: 5 } } }\n`);
    expect((await put(text)).mapping?.version).toBe(1);
  });
});

describe('deleting a mapping', () => {
  test('frees its name', async () => {
    const { name, text } = named();
    await put(text);
    expect((await change('deleteSyncMapping', { name })).mapping).toMatchObject({ name, version: 1 });
    expect(await read(name)).toBeNull();
    expect((await change('deleteSyncMapping', { name })).error?.code).toBe('NOT_FOUND');
    expect((await put(text, { ifVersion: null })).mapping?.version).toBe(1);
  });

  test('is recorded as storing it is, with version and digest', async () => {
    const { name, text } = named();
    const digest = (await put(text)).mapping?.digest;
    await change('deleteSyncMapping', { name });
    const { auditEvents } = await world.ask<{ auditEvents: { nodes: object[] } }>(
      `query ($target: ID!) { auditEvents(filter: { target: $target }) {
        nodes { operation outcome targetKind targetName changes { field before after } } } }`,
      { target: name },
    );
    const event = { outcome: 'APPLIED', targetKind: 'CONNECTOR', targetName: name };
    expect(auditEvents.nodes).toEqual([
      {
        ...{ ...event, operation: 'deleteSyncMapping' },
        changes: [
          { field: 'version', before: 1, after: null },
          { field: 'digest', before: digest, after: null },
        ],
      },
      {
        ...{ ...event, operation: 'putSyncMapping' },
        changes: [
          { field: 'version', before: null, after: 1 },
          { field: 'digest', before: null, after: digest },
        ],
      },
    ]);
  });

  test('the mapping that comes with the gateway can be read and used, not changed', async () => {
    const { syncMappings } = await world.ask<{ syncMappings: { name: string; createdBy: string }[] }>(
      '{ syncMappings { name createdBy } }',
    );
    expect(syncMappings).toContainEqual({ name: 'control-hub-csv', createdBy: 'gateway' });
    const text = (await read('control-hub-csv'))?.text ?? '';
    expect((await put(`${text}#`)).error?.problems?.[0]?.message).toContain('comes with the gateway');
    expect((await change('deleteSyncMapping', { name: 'control-hub-csv' })).error?.code).toBe(
      'INVALID_INPUT',
    );
  });
});
