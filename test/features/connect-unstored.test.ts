import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore, type Store } from '../../src/store/store.ts';
import { configure } from '../configuration.ts';
import { type FreshDatabase, lastingDatabase, runSql } from '../databases.ts';
import { startWorld, type World } from '../world.ts';

// Webex has exchanged the code, or a refresh token that is good once, and then the database fails.

/** The disk is full for the first two attempts to store each new grant, and always for the outcome of a connection. */
const REFUSE = `
  create sequence tries;
  create function refuse() returns trigger language plpgsql as $$
  begin
    if nextval('tries') <= 2 then raise exception 'no space left' using errcode = '53100'; end if;
    perform setval('tries', 1, false);
    return new;
  end $$;
  create trigger full_disk before insert on grants for each row execute function refuse();
  create function refuse_outcome() returns trigger language plpgsql as $$
  begin raise exception 'no space left' using errcode = '53100'; end $$;
  create trigger full_disk before update of outcome on authorization_requests
    for each row when (new.outcome is not null) execute function refuse_outcome()`;

let database: FreshDatabase;
let store: Store;
let world: World;
beforeAll(async () => {
  database = await lastingDatabase();
  await (await openStore(database.options)).close();
  await runSql(database, REFUSE);
  store = await openStore(database.options);
  const settings = { rotateRefreshTokens: true, reuseRevokesGrant: true };
  world = await startWorld({ store, connect: false, sandbox: { users: 3, settings } });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await store.close();
  await database[Symbol.asyncDispose]();
});

const status = async () =>
  (await world.ask<{ connector: { status: string } }>('{ connector { status } }')).connector.status;

it('a new connection whose storing fails twice is stored, and its outcome is success, although that cannot be noted', async () => {
  expect((await world.connect()).status).toBe(200);
  expect(await status()).toBe('CONNECTED');
  expect(world.webex.requests.count('POST /access_token')).toBe(1);
});

it('a refresh token that is spent while storing fails twice is replaced by the new one', async () => {
  const { connectorId: id } = world;
  expect((await configure(world, 'disconnect', { id })).error).toBeNull();
  const { refreshToken } = world.webex.issueTokens({ clientId: 'test-integration' });
  const { connector } = await configure(world, 'connectWithRefreshToken', { id, refreshToken });
  expect(connector?.status).toBe('CONNECTED');
  world.webex.expireAccessTokens();
  expect((await world.query('{ connector { roles { name } } }')).errors).toBeUndefined();
});
