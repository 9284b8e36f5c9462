import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../src/store/store.ts';
import { change, changeList, idOf } from '../changes.ts';
import { configure } from '../configuration.ts';
import { type FreshDatabase, lastingDatabase, runSql } from '../databases.ts';
import { startWorld, type World } from '../world.ts';

/** The disk is full for what has this name, and for every idempotency key after the first. An answer that is to be replayed is swapped for the secret of a connector. */
const BREAK = `
  create function full_disk() returns trigger language plpgsql as
    $$ begin raise exception 'no space left' using errcode = '53100'; end $$;
  create trigger full_disk before insert on api_keys for each row when (new.name = 'refused') execute function full_disk();
  create trigger full_disk before insert on connectors for each row when (new.name = 'refused') execute function full_disk();
  create function refuse_claim() returns trigger language plpgsql as $$
  begin
    if exists (select from idempotency_keys) and not exists (select from idempotency_keys where id = new.id) then
      raise exception 'no space left' using errcode = '53100';
    end if;
    return new;
  end $$;
  create trigger refuse_claim before insert on idempotency_keys for each row execute function refuse_claim();
  create function swap_answer() returns trigger language plpgsql as $$
  begin
    select client_secret into new.answer from connectors limit 1;
    return new;
  end $$;
  create trigger swap_answer before update on idempotency_keys for each row execute function swap_answer()`;

let database: FreshDatabase;
let store: Store;
let world: World;
let id: string;
beforeAll(async () => {
  database = await lastingDatabase();
  await (await openStore(database.options)).close();
  await runSql(database, BREAK);
  store = await openStore(database.options);
  world = await startWorld({ store, sandbox: { users: 5 } });
  id = await idOf(world, 'user', world.webex.people.at(-1)?.id ?? '');
});
beforeEach(() => world.webex.requests.clear());
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await store.close();
  await database[Symbol.asyncDispose]();
});

const writes = () => world.webex.requests.all.filter(({ method }) => method !== 'GET');

it('a replay whose stored answer does not open fails with SECRET_UNREADABLE in its payload, and sends nothing', async () => {
  const key = randomUUID();
  const input = { id, user: { title: 'Once' } };
  expect(await change(world, 'updateUser', input, key)).toMatchObject({ outcome: 'APPLIED', error: null });
  expect(writes()).toHaveLength(1);
  expect(await change(world, 'updateUser', input, key)).toMatchObject({
    // The first request has changed Webex, and nobody can read any more how it ended.
    outcome: 'UNKNOWN',
    replayed: false,
    error: { __typename: 'Unavailable', code: 'SECRET_UNREADABLE', retryable: false },
  });
  expect(writes()).toHaveLength(1);
});

describe('a database whose disk is full', () => {
  const unavailable = { __typename: 'Unavailable', code: 'STORE_UNAVAILABLE', retryable: true };
  const notRecorded = { ...unavailable, code: 'NOT_RECORDED' };
  const refused = { outcome: 'NOT_APPLIED', changes: [], replayed: false, error: notRecorded };

  it('fails a change with NOT_RECORDED in its payload before anything is sent', async () => {
    const user = { title: 'Never' };
    expect(await change(world, 'updateUser', { id, user }, randomUUID())).toMatchObject(refused);
    expect(writes()).toEqual([]);
    expect(await change(world, 'updateUser', { id, user: { title: 'Without key' } })).toMatchObject({
      ...{ outcome: 'APPLIED', error: null },
    });
  });

  it('fails each item of a list by itself', async () => {
    const users = [1, 2].map((count) => ({ emails: [`full${count}@acme.example`], displayName: 'Full' }));
    const list = await changeList(world, 'createUsers', { users }, randomUUID());
    expect(list).toMatchObject({
      items: [refused, refused],
      counts: [{ outcome: 'NOT_APPLIED', count: 2 }],
      error: null,
    });
    expect(writes()).toEqual([]);
  });

  it('fails mutations of connectors and API keys with STORE_UNAVAILABLE in their payloads, and costs no mutation beside them', async () => {
    expect(
      await configure(world, 'createApiKey', { name: 'refused', grants: [{ scope: 'READ' }] }),
    ).toMatchObject({
      ...{ apiKey: null, key: null, error: unavailable },
    });
    expect(await configure(world, 'createConnector', world.settings('refused'))).toMatchObject({
      ...{ connector: null, error: unavailable },
    });
    const create = (name: string) =>
      `createApiKey(input: { name: "${name}", grants: [{ scope: READ }] }) { apiKey { name } error { code } }`;
    const { data, errors } = await world.query(`mutation { a: ${create('refused')} b: ${create('kept')} }`);
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      a: { apiKey: null, error: { code: 'STORE_UNAVAILABLE' } },
      b: { apiKey: { name: 'kept' }, error: null },
    });
  });
});
