import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';

const activity = z.object({ items: z.array(z.object({ lastActivity: z.string().optional() })) });
const page = z.object({ items: z.array(z.object({ id: z.string(), emails: z.array(z.string()) })) });

/** When people were last active, in milliseconds since 1970; nothing of those who never signed in. */
async function activityIn(sandbox: Sandbox): Promise<number[]> {
  const headers = { authorization: 'Bearer admin' };
  const response = await fetch(`${sandbox.serviceUri}/people?max=1000`, { headers });
  const { items } = activity.parse(await response.json());
  return items.flatMap(({ lastActivity }) => (lastActivity === undefined ? [] : [Date.parse(lastActivity)]));
}

describe('the data', () => {
  it('are the same for the same seed, and others for another', async () => {
    await using one = await startSandbox({ seed: 5, users: 100 });
    await using same = await startSandbox({ seed: 5, users: 100 });
    await using other = await startSandbox({ seed: 6, users: 100 });
    expect(same.people).toEqual(one.people);
    expect(same.groups).toEqual(one.groups);
    expect(same.licenses).toEqual(one.licenses);
    expect(other.people[0]?.id).not.toBe(one.people[0]?.id);
  });

  it('have one domain, unique addresses, managers who exist, and people without this or that', async () => {
    await using sandbox = await startSandbox();
    const { people, org } = sandbox;
    expect(people).toHaveLength(250);
    expect(new Set(people.map((person) => person.email)).size).toBe(250);
    expect(people.every((person) => person.email.endsWith(`@${org.domain}`))).toBe(true);
    for (const { managerId } of people) {
      if (managerId !== undefined) expect(sandbox.person(managerId)).toBeDefined();
    }
    expect(people.some((person) => person.managerId === undefined)).toBe(true);
    expect(people.some((person) => person.licenseIds.length === 0)).toBe(true);
    expect(people.some((person) => person.invitePending)).toBe(true);
    expect(people.some((person) => !person.loginEnabled)).toBe(true);
    expect(sandbox.person(sandbox.adminEmail)?.roleNames).toEqual(['Full Administrator']);
  });

  it('tell of activity up to today: of most people in the last week, of some not for months', async () => {
    await using one = await startSandbox({ users: 200, token: 'admin' });
    await using same = await startSandbox({ users: 200, token: 'admin' });
    const [shown, again] = await Promise.all([activityIn(one), activityIn(same)]);
    expect(again).toEqual(shown);
    const days = shown.map((moment) => (Date.now() - moment) / 86_400_000);
    expect(Math.min(...days)).toBeGreaterThanOrEqual(0);
    const share = (most: number) => days.filter((each) => each < most).length / days.length;
    expect(share(8)).toBeGreaterThan(0.6);
    expect(share(8)).toBeLessThan(0.9);
    expect(share(180)).toBeLessThan(1);
  });

  it('are seeded again by a reset, with settings, faults, records, tokens and clock', async () => {
    await using sandbox = await startSandbox({
      users: 20,
      token: 'admin',
      settings: { peoplePageDefault: 7 },
    });
    const before = sandbox.people;
    const headers = { authorization: 'Bearer admin' };
    const issued = sandbox.issueToken();
    await fetch(`${sandbox.serviceUri}/people/${before[9]?.id}`, { method: 'DELETE', headers });
    sandbox.settings.peoplePageDefault = 3;
    sandbox.clock.advance(1_000_000);
    sandbox.fail({ route: '*', fault: { kind: 'status', status: 500 }, times: Number.POSITIVE_INFINITY });
    sandbox.reset();
    expect(sandbox.people).toEqual(before);
    expect(sandbox.requests.count()).toBe(0);
    const response = await fetch(`${sandbox.serviceUri}/people`, { headers });
    expect(page.parse(await response.json()).items).toHaveLength(7);
    const stale = await fetch(`${sandbox.serviceUri}/people`, {
      headers: { authorization: `Bearer ${issued}` },
    });
    expect(stale.status).toBe(401);
  });

  it('may be 100,000 people', async () => {
    await using sandbox = await startSandbox({ users: 100_000, token: 'admin' });
    const headers = { authorization: 'Bearer admin' };
    const response = await fetch(`${sandbox.serviceUri}/people?max=1000`, { headers });
    const { items } = page.parse(await response.json());
    expect(items).toHaveLength(1_000);
    expect(response.headers.get('link')).toContain('rel="next"');
    expect(sandbox.groups.filter((group) => group.memberIds.length > 500).length).toBeGreaterThan(10);
  });
});
