import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { secondLook } from '../../src/sync/observe/second-look.ts';
import { altered, idLike, type ObservedWorld, startObservedWorld } from '../observed-world.ts';

const ALWAYS = Number.POSITIVE_INFINITY;
const NEVER = new AbortController().signal;

let world: ObservedWorld;
beforeAll(async () => {
  world = await startObservedWorld({ users: 90 });
});
afterEach(() => world.webex.clearFaults());
afterAll(() => world[Symbol.asyncDispose]());

describe('the second look', () => {
  const people = () => world.webex.people;
  const seen = (person: (typeof world.webex.people)[number] | undefined) => ({
    webexId: person?.id,
    emails: [person?.email.toLowerCase()],
  });

  it('finds users by id, in chunks of 85', async () => {
    const looked = await secondLook(world.open(), { ids: people().map(({ id }) => id) }, NEVER);
    expect(looked.requests).toBe(2);
    expect(looked.tooMany).toBe(false);
    expect([...looked.byId]).toEqual(people().map((person) => [person.id, seen(person)]));
  });

  it('finds users by exact address, fewer than 50', async () => {
    const [first] = people();
    const emails = [first?.email.toUpperCase() ?? '', 'nobody@acme.example'];
    const looked = await secondLook(world.open(), { emails }, NEVER);
    expect([...looked.byEmail]).toEqual([
      [first?.email.toLowerCase(), seen(first)],
      ['nobody@acme.example', 'GONE'],
    ]);
    const many = Array.from({ length: 50 }, (_, number) => `p${number}@acme.example`);
    expect(await secondLook(world.open(), { emails: many }, NEVER)).toMatchObject({
      requests: 0,
      byEmail: new Map(),
    });
  });

  it('says that a user is gone only if Webex says so', async () => {
    const [first] = people();
    const gone = idLike(first?.id ?? '');
    const { byId } = await secondLook(world.open(), { ids: [gone] }, NEVER);
    expect(byId.get(gone)).toBe('GONE');
    const silent = altered((body) => Object.assign(body, { items: [], notFoundIds: [] }));
    world.webex.fail({ route: 'GET /people', fault: silent });
    expect(
      (await secondLook(world.open(), { ids: [first?.id ?? ''] }, NEVER)).byId.get(first?.id ?? ''),
    ).toEqual(seen(first));
    world.webex.fail({ route: '*', fault: { kind: 'status', status: 500 }, times: ALWAYS });
    expect((await secondLook(world.open(), { ids: [gone] }, NEVER)).byId.get(gone)).toBe('UNKNOWN');
    expect(
      (await secondLook(world.open(), { emails: ['a@acme.example'] }, NEVER)).byEmail.get('a@acme.example'),
    ).toBe('UNKNOWN');
  });

  it('asks for nobody if more than 1,000 users are missing', async () => {
    const many = Array.from({ length: 1_001 }, (_, number) => `id-${number}`);
    expect(await secondLook(world.open(), { ids: many }, NEVER)).toMatchObject({
      tooMany: true,
      requests: 0,
      byId: new Map(),
    });
  });
});
