import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore, type Store } from '../../src/store/store.ts';
import { configure } from '../configuration.ts';
import { type FreshDatabase, lastingDatabase, runSql } from '../databases.ts';
import { startWorld, type World } from '../world.ts';

// A renewal that Webex has made and the database does not take. Each refresh token is good once here, and using one
// twice revokes the grant, so that the new one must not be lost.

/** New tokens of a connector cannot be stored as many times as its name says. */
const REFUSE = `
  create sequence refusals_1; create sequence refusals_3; create sequence refusals_999999;
  create function refuse() returns trigger language plpgsql as $$
  declare wanted integer;
  begin
    select split_part(name, ' ', 2)::integer into wanted from connectors where id = new.connector_id;
    if new.refresh_token is distinct from old.refresh_token and nextval('refusals_' || wanted) <= wanted then
      raise exception 'no space left' using errcode = '53100';
    end if;
    return new;
  end $$;
  create trigger full_disk before update on grants for each row execute function refuse()`;

let database: FreshDatabase;
let store: Store;
let world: World;
beforeAll(async () => {
  database = await lastingDatabase();
  await (await openStore(database.options)).close();
  await runSql(database, REFUSE);
  store = await openStore(database.options);
  world = await startWorld({
    store,
    connector: false,
    sandbox: { users: 3, settings: { rotateRefreshTokens: true, reuseRevokesGrant: true } },
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await store.close();
  await database[Symbol.asyncDispose]();
});

/** A connector whose first so many attempts to store a renewal fail. */
async function connected(refusals: number): Promise<string> {
  const { connector } = await configure(world, 'createConnector', world.settings(`refused ${refusals}`));
  const connectorId = connector?.id ?? '';
  expect((await { ...world, connectorId }.connect()).status).toBe(200);
  world.webex.requests.clear();
  return connectorId;
}

async function codesOf(gateway: World, id: string, deadline = '30'): Promise<string[]> {
  const { errors = [] } = await gateway.query(
    'query ($id: ID!) { connector(id: $id) { users(first: 1) { nodes { id } } } }',
    { id },
    { headers: { 'content-type': 'application/json', 'Webex-Deadline': deadline } },
  );
  return errors.map(({ extensions }) => extensions.code);
}
const refreshes = () => world.webex.requests.count('POST /access_token');
const told = (gateway: World, refusals: number, sentence: string) =>
  gateway.log.some((line) => line.includes(`"connector":"refused ${refusals}"`) && line.includes(sentence));

it.each([
  1, 3,
])('a renewed grant that cannot be stored %d times serves meanwhile, and is stored then', async (times) => {
  const id = await connected(times);
  world.webex.expireAccessTokens();
  expect(await codesOf(world, id)).toEqual([]);
  expect(told(world, times, 'a renewed grant could not be stored')).toBe(true);
  await expect
    .poll(() => told(world, times, 'the renewed grant is stored now'), { timeout: 20_000 })
    .toBe(true);
  await using second = await world.restart();
  expect(await codesOf(second, id)).toEqual([]);
  expect(refreshes()).toBe(1);
  world.webex.expireAccessTokens();
  expect(await codesOf(second, id)).toEqual([]);
  expect(refreshes()).toBe(2);
});

it('a renewed grant that can never be stored is renewed from memory, used by no other process, and missed in the end', async () => {
  const id = await connected(999_999);
  const holder = await world.restart();
  for (let renewals = 1; renewals <= 3; renewals += 1) {
    world.webex.expireAccessTokens();
    expect(await codesOf(holder, id)).toEqual([]);
    expect(refreshes()).toBe(renewals);
  }
  // Another gateway waits for its turn, instead of using a refresh token that is spent.
  expect(await codesOf(world, id, '1')).toEqual(['DEADLINE_EXCEEDED']);
  expect(refreshes()).toBe(3);
  expect(await codesOf(holder, id)).toEqual([]);
  await holder[Symbol.asyncDispose]();
  expect(told(holder, 999_999, 'could not be stored before the end')).toBe(true);
  await expect.poll(() => codesOf(world, id), { timeout: 20_000 }).toEqual(['RECONNECT_REQUIRED']);
});
