import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

// Licenses and memberships are read once and kept. A change forgets what it makes stale, and nothing else.

const DASHBOARD = `{ connector { users(first: 5) { nodes { licenses { name } roles { name } groups { displayName memberCount } } } } }`;
const CATALOGUES = ['GET /licenses', 'GET /roles', 'GET /groups'] as const;

describe('catalogues that are kept', () => {
  let world: World;
  let second: World;
  let userId: string;

  beforeAll(async () => {
    world = await startWorld({ sandbox: { users: 40 } });
    second = await world.restart();
    const { connector } = await world.ask<{ connector: { users: { nodes: { id: string }[] } } }>(
      '{ connector { users(first: 2) { nodes { id } } } }',
    );
    userId = connector.users.nodes[1]?.id ?? '';
  });
  afterAll(async () => {
    await second.gateway.close();
    await world[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    for (const each of [world, second]) await each.ask(DASHBOARD);
    world.webex.requests.clear();
  });

  const update = async (changes: object, lane = 'interactive') => {
    const { data } = await world.query<{ updateUser: { outcome: string } }>(
      'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { outcome } }',
      { input: { id: userId, user: changes } },
      { headers: { 'content-type': 'application/json', 'Webex-Lane': lane } },
    );
    expect(data?.updateUser.outcome).toBe('APPLIED');
  };
  const reads = () => CATALOGUES.map((route) => world.webex.requests.count(route));

  it('survive changes of titles, in every process', async () => {
    for (let round = 0; round < 10; round += 1) {
      await update({ title: `Title ${round}` });
      for (const each of [world, second]) await each.ask(DASHBOARD);
    }
    expect(reads()).toEqual([0, 0, 0]);
  });

  it('forget licenses, and no groups, when a user may hold other licenses afterwards, in every process', async () => {
    await update({ loginEnabled: false });
    for (const each of [world, second])
      await expect
        .poll(async () => {
          await each.ask(DASHBOARD);
          return world.webex.requests.count('GET /licenses');
        })
        .toBeGreaterThan(each === world ? 0 : 1);
    expect(reads()).toEqual([2, 0, 0]);
    await update({ loginEnabled: true });
  });

  it('forget everything when a process of another version tells of something that is not known here', async () => {
    const connector = await world.store.connectors.getByName('acme');
    await world.store.notices.publish('changed', {
      connectorId: connector?.id,
      paths: ['/people'],
      from: 'another',
    });
    await expect
      .poll(async () => {
        await world.ask(DASHBOARD);
        return reads();
      })
      .toEqual([1, 0, 1]);
  });

  it('are forgotten once in some seconds, however many changes a job in the background makes', async () => {
    for (let round = 0; round < 6; round += 1) {
      await update({ loginEnabled: round % 2 === 1 }, 'background');
      await world.ask(DASHBOARD);
    }
    expect(world.webex.requests.count('GET /licenses')).toBeLessThanOrEqual(2);
  });
});
