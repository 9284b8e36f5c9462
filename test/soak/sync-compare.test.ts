import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareStaged, outlineWith } from '../sync-compared.ts';
import { openStaged, type StagedWorld } from '../sync-staged.ts';

const PEOPLE = Number(process.env.SOAK_PEOPLE ?? 100_000);
const GROUPS = PEOPLE / 100;
const GROUPS_OF_EACH = 5;

let world: StagedWorld;
beforeAll(async () => {
  world = await openStaged();
});
afterAll(() => world.close());

const fieldsOf = (index: number, title: string) => ({
  displayName: `Given ${index} Family ${index}`,
  firstName: `Given ${index}`,
  lastName: `Family ${index}`,
  title,
  department: `Department ${index % 50}`,
});

/** Groups of one user: five of them, spread evenly. */
const groupsOf = (index: number) =>
  Array.from(
    { length: GROUPS_OF_EACH },
    (_, each) => `group ${(index * GROUPS_OF_EACH + each * 7) % GROUPS}`,
  );

/** As many records as users, two of a hundred with another title. */
function large() {
  const numbers = Array.from({ length: PEOPLE }, (_, index) => index);
  const members = new Map<string, string[]>();
  for (const index of numbers) {
    for (const group of groupsOf(index)) members.set(group, [...(members.get(group) ?? []), `id-${index}`]);
  }
  return {
    records: numbers.map((index) => ({
      ...{ key: `E${index}`, emails: [`user${index}@acme.example`], groups: groupsOf(index) },
      desired: { fields: fieldsOf(index, index % 50 === 0 ? 'Lead' : 'Engineer') },
    })),
    people: numbers.map((index) => ({
      ...{ id: `id-${index}`, emails: [`user${index}@acme.example`] },
      observed: { fields: fieldsOf(index, 'Engineer') },
    })),
    groups: [...members].map(([name, list]) => ({ name, members: list })),
    links: numbers.map((index) => ({ key: `E${index}`, id: `id-${index}` })),
    outline: outlineWith({
      fields: ['displayName', 'firstName', 'lastName', 'title', 'department'],
      groups: { mode: 'EXACT', managed: { prefix: 'group ' }, create: false },
    }),
  };
}

test('a comparison of as many records, users and memberships as it is built for finds what differs, in flat memory', async () => {
  const given = large();
  let [started, cpu, memory, worstGap] = [0, process.cpuUsage(), 0, 0];
  let last = performance.now();
  const timer = setInterval(() => {
    memory = Math.max(memory, process.memoryUsage().rss);
    if (started > 0) worstGap = Math.max(worstGap, performance.now() - last - 5);
    last = performance.now();
  }, 5);
  const { drafts, unstored } = await compareStaged(world, {
    ...given,
    onStart: () => {
      [started, cpu, last] = [performance.now(), process.cpuUsage(), performance.now()];
    },
    onEnd: () => {
      const { user, system } = process.cpuUsage(cpu);
      const seconds = (performance.now() - started) / 1_000;
      clearInterval(timer);
      process.stdout.write(
        `${world.database.kind}: ${seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} CPU s, ${(memory / 2 ** 20).toFixed(0)} MiB at most, longest pause ${worstGap.toFixed(0)} ms\n`,
      );
    },
  });
  expect(drafts).toHaveLength(PEOPLE / 50);
  expect(unstored).toEqual([
    { kind: 'USER', situation: 'CONFIRMED', action: 'NONE', withheld: null, count: PEOPLE - PEOPLE / 50 },
  ]);
}, 600_000);
