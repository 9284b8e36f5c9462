import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { change, changeList, idOf, problemsOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';

let world: World;
let id: string;
let webexId: string;

beforeAll(async () => {
  world = await startWorld({ partner: false, sandbox: { users: 20 } });
  webexId = world.webex.people[5]?.id ?? '';
  id = await idOf(world, 'user', webexId);
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => world.webex.requests.clear());

const user = { title: 'Chosen' };

describe('the connector of a change, if there is one only', () => {
  it('the only connector may be omitted, also with an id of Webex', async () => {
    expect(await change(world, 'updateUser', { id: webexId, user, dryRun: true })).toMatchObject({
      outcome: 'DRY_RUN',
      user: { id },
    });
    const group = { displayName: 'Without a connector', dryRun: true };
    expect(await change(world, 'createGroup', group)).toMatchObject({ outcome: 'DRY_RUN' });
  });

  it.each(['acme', ' acme '])('the only connector may be named: %j', async (connector) => {
    const given = { connector, id, user, dryRun: true };
    expect(await change(world, 'updateUser', given)).toMatchObject({ outcome: 'DRY_RUN' });
  });

  it('a connector is not found by a wrong name or the id of something else', async () => {
    const wrong = await change(world, 'updateUser', { connector: 'nowhere', id, user });
    expect(wrong.error).toMatchObject({ code: 'NOT_FOUND' });
    const other = await change(world, 'updateUser', { connector: id, id, user });
    expect(problemsOf(other).map(({ path }) => path)).toEqual(['input.connector']);
    expect(world.webex.requests.count()).toBe(0);
  });
});

describe('the connector of a change, if there are several', () => {
  let another: string;
  beforeAll(async () => {
    const { createConnector } = await world.ask<{ createConnector: { connector: { id: string } } }>(
      'mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { connector { id } } }',
      { input: world.settings('another') },
    );
    another = createConnector.connector.id;
  });

  it('several connectors are AMBIGUOUS for a creation and for an id of Webex, and the error lists them', async () => {
    const candidates = [{ id: another }, { id: world.connectorId }];
    const created = { user: { emails: ['new@acme.example'], displayName: 'New' } };
    expect((await change(world, 'createUser', created)).error).toMatchObject({
      code: 'AMBIGUOUS',
      candidates: expect.arrayContaining(candidates.map((each) => expect.objectContaining(each))),
    });
    const list = await changeList(world, 'updateUsers', { users: [{ id: webexId, user }] });
    expect(list).toMatchObject({ items: [], error: { code: 'AMBIGUOUS' } });
    expect(world.webex.requests.count()).toBe(0);
  });

  it('a global id names the connector, and the input `connector` has to agree', async () => {
    expect(await change(world, 'updateUser', { id, user, dryRun: true })).toMatchObject({
      outcome: 'DRY_RUN',
    });
    const disagreeing = await change(world, 'updateUser', { connector: 'another', id, user });
    expect(disagreeing.error).toMatchObject({ code: 'NOT_FOUND' });
  });
});
