import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault, Route } from '../src/sandbox/index.ts';
import { alteredPeople } from './observed-world.ts';
import { synchronize } from './sync-api.ts';
import { applied, itemsOf, type MadePlan, planOf, STAFF, type StaffRecord, staffOf } from './sync-plans.ts';
import { startWorld, type World } from './world.ts';

const ALWAYS = Number.POSITIVE_INFINITY;
/** Deletes users whom the source lacks, and users who were never in it. */
const REMOVING = `${STAFF}
policy: { situations: { SOURCE_MISSING: DELETE, UNASSIGNED: DELETE, MISSING: CREATE } }`;
const REMOVALS = ['DELETE', 'DISABLE', 'REMOVE_LICENSES', 'DISABLE_AND_REMOVE_LICENSES'];

/**
 * Tests that no user is removed or created on the strength of what was not seen.
 * @param variants of broken sources and lists; few: every other one
 */
export function describeNothingUnseen(variants: 'few' | 'all'): void {
  const some = <T>(all: readonly T[]) => all.filter((_, at) => variants === 'all' || at % 2 === 0);
  let world: World;
  let staff: readonly StaffRecord[];
  /** A user who may be deleted: without an administrator role. */
  let leaver: StaffRecord;
  beforeAll(async () => {
    world = await startWorld({ sandbox: { users: 60 }, sync: { worker: true } });
    world.webex.settings.peoplePageCeiling = 10;
    staff = staffOf(world);
    await applied(world, await plan(staff));
    const ordinary = staff.find(({ mail }) => world.webex.person(mail)?.roleIds.length === 0);
    if (ordinary === undefined) throw new Error('Everybody is an administrator');
    leaver = ordinary;
  });
  afterEach(() => world.webex.clearFaults());
  afterAll(() => world[Symbol.asyncDispose]());

  const plan = (records: readonly StaffRecord[]) => planOf(world, records, { mapping: { text: REMOVING } });
  const withoutLeaver = () => staff.filter(({ id }) => id !== leaver.id);

  /** Items that take something away and are not withheld. */
  async function removalsOf({ id }: MadePlan) {
    const items = await itemsOf(world, id);
    return items.filter(({ action, withheld }) => REMOVALS.includes(action) && withheld === null);
  }

  async function creationsOf({ id }: MadePlan) {
    const items = await itemsOf(world, id);
    return items.filter(({ action, withheld }) => action === 'CREATE' && withheld === null);
  }

  describe('a plan of a source that lacks a user', () => {
    it('deletes the user if everything was seen', async () => {
      const made = await plan(withoutLeaver());
      expect(made.state).toBe('READY');
      expect((await removalsOf(made)).map(({ name }) => name)).toEqual([leaver.mail]);
    });

    const LATER = ({ query }: { query: URLSearchParams }) => query.has('after');
    const BREAKS: readonly (readonly [string, Fault])[] = [
      ['a page of people is lost in the middle', { kind: 'status', status: 500 }],
      ['a page of people is cut', { kind: 'broken-json' }],
      ['a page of people is of a proxy', { kind: 'html', status: 200 }],
      ['the cursor of the people has expired', { kind: 'status', status: 404 }],
      ['the cursor of the people is refused', { kind: 'status', status: 400 }],
      ['the next link of the people leads back', { kind: 'next-link', how: 'looping' }],
      ['pages of people are empty', { kind: 'empty-page' }],
      ['people come without an id', alteredPeople((items) => delete items[1]?.id)],
      [
        'people come twice with different content',
        alteredPeople((items) => items.push({ ...items[0], title: 'x' })),
      ],
    ];
    it.each(some(BREAKS))('removes and creates nobody if %s', async (_case, fault) => {
      world.webex.fail({ route: 'GET /people', after: 2, times: ALWAYS, where: LATER, fault });
      const made = await plan(withoutLeaver());
      expect(made.lists).toContainEqual(expect.objectContaining({ name: 'people', complete: false }));
      expect(await removalsOf(made)).toEqual([]);
      expect(await creationsOf(made)).toEqual([]);
    });

    const FAILURES: readonly (readonly [string, Route, Fault])[] = [
      ['the people', 'GET /people', { kind: 'status', status: 500 }],
      ['the licenses', 'GET /licenses', { kind: 'broken-json', body: '{}' }],
      ['the people for the account', 'GET /people', { kind: 'status', status: 403 }],
    ];
    it.each(some(FAILURES))('fails if Webex does not show %s', async (_case, route, fault) => {
      world.webex.fail({ route, times: ALWAYS, fault });
      const made = await plan(withoutLeaver());
      expect(made).toMatchObject({ state: 'FAILED', error: { code: expect.stringMatching(/^UPSTREAM_/) } });
      expect(await removalsOf(made)).toEqual([]);
    });

    it('creates nobody whom the list of people leaves out, and Webex knows by id or address', async () => {
      const hidden = staff.slice(20, 25).map(({ mail }) => mail);
      const isHidden = ({ emails }: Record<string, unknown>) =>
        Array.isArray(emails) && hidden.includes(String(emails[0]));
      const fault = alteredPeople((items) =>
        items.splice(0, items.length, ...items.filter((item) => !isHidden(item))),
      );
      const where = ({ query }: { query: URLSearchParams }) => !query.has('id') && !query.has('email');
      world.webex.fail({ route: 'GET /people', times: ALWAYS, where, fault });
      const made = await plan(staff);
      expect(await creationsOf(made)).toEqual([]);
      expect(await removalsOf(made)).toEqual([]);
    });
  });

  describe('a plan of a source that lost many records', () => {
    const SHRUNK: readonly (readonly [string, () => readonly StaffRecord[]])[] = [
      ['half of its records', () => staff.slice(0, 30)],
      ['most of its records', () => staff.slice(0, 3)],
      ['its keys', () => staff.map((record) => ({ ...record, id: '' }))],
      ['the zeros of its keys', () => staff.map((record) => ({ ...record, id: `0${record.id}` }))],
      ['its addresses', () => staff.map((record) => ({ ...record, mail: '' }))],
    ];
    it.each(some(SHRUNK))('removes nobody without an approval if it lost %s', async (_case, records) => {
      const before = world.webex.people.length;
      const made = await plan(records());
      if (made.state === 'BLOCKED') {
        const { error } = await synchronize(world, 'applySync', { id: made.id, digest: made.digest });
        expect(error?.code).toBe('PLAN_NOT_APPLICABLE');
      } else expect(await removalsOf(made)).toEqual([]);
      expect(world.webex.people.length).toBe(before);
    });

    it('is refused for good if the source is empty', async () => {
      const made = await plan([]);
      expect(['BLOCKED', 'FAILED']).toContain(made.state);
      if (made.state === 'BLOCKED') {
        expect(made.verdicts).toContainEqual(
          expect.objectContaining({ limit: 'SOURCE_EMPTY', outcome: 'FORBIDDEN' }),
        );
      }
      const { error } = await synchronize(world, 'applySync', {
        id: made.id,
        digest: made.digest ?? '0'.repeat(64),
      });
      expect(error?.code).toBe('PLAN_NOT_APPLICABLE');
    });
  });
}
