import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Changed, change, changeAll, idOf } from '../changes.ts';
import { EachOrganization, ORGANIZATIONS } from '../each-organization.ts';
import type { World } from '../world.ts';

const LICENSE = 'Webex Webinars 1000';

const worlds = new EachOrganization({ sandbox: { users: 60 } });
let world: World;
beforeEach(() => world.webex.requests.clear());
afterAll(() => worlds[Symbol.asyncDispose]());

/** Leaves so many seats of the license. */
function leaveSeats(left: number): void {
  const held = world.webex.license(LICENSE)?.consumedUnits ?? 0;
  world.webex.setTotalUnits(LICENSE, held + left);
}

function namesOf(results: readonly Changed[]): string[] {
  return results.map(({ __typename }) => __typename);
}

function newUsers(count: number, name: string) {
  return Array.from({ length: count }, (_, index) => ({
    emails: [`${name}${index}@acme.example`],
    displayName: `${name} ${index}`,
    licenses: [LICENSE],
  }));
}

async function connectorId(): Promise<string> {
  const { connector } = await world.ask<{ connector: { id: string } }>('{ connector { id } }');
  return connector.id;
}

describe.each(ORGANIZATIONS)('seats of a license, in %s', (whose) => {
  beforeAll(async () => {
    world = await worlds.world(whose);
  });

  it('are looked at before anything is sent, and again where Webex refuses', async () => {
    leaveSeats(0);
    const taker = world.webex.people.find(({ licenseNames }) => !licenseNames.includes(LICENSE));
    const input = { id: await idOf(world, 'user', taker?.id ?? ''), add: [{ license: LICENSE }] };
    const noSeats = { __typename: 'NoSeatsLeft', code: 'NO_SEATS_LEFT', license: LICENSE };
    expect(await change(world, 'updateUserLicenses', input)).toMatchObject({ ...noSeats, trackingId: null });
    expect(world.webex.requests.count('PATCH /licenses/users')).toBe(0);

    leaveSeats(1);
    world.webex.fail({
      route: 'PATCH /licenses/users',
      fault: { kind: 'status', status: 400, message: 'No license left.' },
      where: () => {
        leaveSeats(0);
        return true;
      },
    });
    expect(await change(world, 'updateUserLicenses', input)).toMatchObject({
      ...noSeats,
      trackingId: expect.stringMatching(/./),
      webexMessage: 'No license left.',
    });
  });

  it('are counted over a list: as many are served as there are seats, and the others are left alone', async () => {
    leaveSeats(3);
    const users = newUsers(5, 'seat');
    const results = await changeAll(world, 'createUsers', { connector: await connectorId(), users });
    expect(namesOf(results).toSorted()).toEqual(['NoSeatsLeft', 'NoSeatsLeft', 'User', 'User', 'User']);
    expect(world.webex.requests.count('POST /people')).toBe(3);
    expect(world.webex.license(LICENSE)).toMatchObject({
      consumedUnits: world.webex.license(LICENSE)?.totalUnits,
    });
  });

  it('are not what stands in the way of users who are there already', async () => {
    const there = newUsers(3, `there${ORGANIZATIONS.indexOf(whose)}x`);
    const input = { connector: await connectorId(), users: there };
    leaveSeats(3);
    expect(namesOf(await changeAll(world, 'createUsers', input))).toEqual(['User', 'User', 'User']);
    leaveSeats(0);
    expect(namesOf(await changeAll(world, 'createUsers', input))).toEqual(Array(3).fill('EmailTaken'));
    leaveSeats(1);
    const [another] = newUsers(1, `another${ORGANIZATIONS.indexOf(whose)}x`);
    const users = [...there, another];
    expect(namesOf(await changeAll(world, 'createUsers', { ...input, users }))).toEqual([
      ...Array(3).fill('EmailTaken'),
      'User',
    ]);
  });

  it('are counted over a list in a dry run too', async () => {
    leaveSeats(2);
    const list = { connector: await connectorId(), users: newUsers(4, 'dry'), dryRun: true };
    const results = await changeAll(world, 'createUsers', list);
    expect(namesOf(results).toSorted()).toEqual(['DryRun', 'DryRun', 'NoSeatsLeft', 'NoSeatsLeft']);
    expect(world.webex.requests.count('POST /people')).toBe(0);
  });
});
