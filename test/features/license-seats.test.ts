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
  return results.map(({ outcome, error }) => error?.code ?? outcome);
}

/** Webex's ids of the requests of the latest change. */
async function trackingIds(): Promise<readonly string[]> {
  const { auditEvents } = await world.ask<{ auditEvents: { nodes: { trackingIds: string[] }[] } }>(
    '{ auditEvents(first: 1) { nodes { trackingIds } } }',
  );
  return auditEvents.nodes[0]?.trackingIds ?? [];
}

function newUsers(count: number, name: string) {
  return Array.from({ length: count }, (_, index) => ({
    emails: [`${name}${index}@acme.example`],
    displayName: `${name} ${index}`,
    licenses: { exactly: [LICENSE] },
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

  it('seats are checked before anything is sent, and again if Webex refuses', async () => {
    leaveSeats(0);
    const taker = world.webex.people.find(({ licenseNames }) => !licenseNames.includes(LICENSE));
    const input = { id: await idOf(world, 'user', taker?.id ?? ''), add: [{ license: LICENSE }] };
    const noSeats = {
      outcome: 'NOT_APPLIED',
      error: {
        __typename: 'NoSeatsLeft',
        code: 'NO_SEATS_LEFT',
        retryable: false,
        license: { name: LICENSE },
        availableUnits: 0,
      },
    };
    expect(await change(world, 'updateUserLicenses', input)).toMatchObject({ ...noSeats, changes: [] });
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
    const refused = await change(world, 'updateUserLicenses', input);
    expect(refused).toMatchObject(noSeats);
    expect(refused.changes.map(({ field, applied }) => [field, applied])).toContainEqual(['licenses', false]);
    expect(await trackingIds()).toHaveLength(1);
  });

  it('are counted over a list: as many are served as there are seats, and the others are left alone', async () => {
    leaveSeats(3);
    const users = newUsers(5, 'seat');
    const results = await changeAll(world, 'createUsers', { connector: await connectorId(), users });
    expect(namesOf(results).toSorted()).toEqual([
      ...Array(3).fill('APPLIED'),
      ...Array(2).fill('NO_SEATS_LEFT'),
    ]);
    expect(world.webex.requests.count('POST /people')).toBe(3);
    expect(world.webex.license(LICENSE)).toMatchObject({
      consumedUnits: world.webex.license(LICENSE)?.totalUnits,
    });
  });

  it('are not what stands in the way of users who are there already', async () => {
    const there = newUsers(3, `there${ORGANIZATIONS.indexOf(whose)}x`);
    const input = { connector: await connectorId(), users: there };
    leaveSeats(3);
    expect(namesOf(await changeAll(world, 'createUsers', input))).toEqual(Array(3).fill('APPLIED'));
    leaveSeats(0);
    expect(namesOf(await changeAll(world, 'createUsers', input))).toEqual(Array(3).fill('EMAIL_TAKEN'));
    leaveSeats(1);
    const [another] = newUsers(1, `another${ORGANIZATIONS.indexOf(whose)}x`);
    const users = [...there, another];
    expect(namesOf(await changeAll(world, 'createUsers', { ...input, users }))).toEqual([
      ...Array(3).fill('EMAIL_TAKEN'),
      'APPLIED',
    ]);
  });

  it('are counted over a list in a dry run too', async () => {
    leaveSeats(2);
    const list = { connector: await connectorId(), users: newUsers(4, 'dry'), dryRun: true };
    const results = await changeAll(world, 'createUsers', list);
    expect(namesOf(results).toSorted()).toEqual(['DRY_RUN', 'DRY_RUN', 'NO_SEATS_LEFT', 'NO_SEATS_LEFT']);
    expect(world.webex.requests.count('POST /people')).toBe(0);
  });
});
