import { describe, expect, it } from 'vitest';
import { change, idOf } from '../changes.ts';
import { startWorld, type World } from '../world.ts';
import { ROUNDS, random } from './rounds.ts';

const FIELDS = ['title', 'department', 'managerName'] as const;
/** Seconds. */
const GRACE = 0.5;

interface Undone {
  readonly changes: readonly { readonly field: string; readonly before: unknown }[];
}

async function undoneOf(world: World, target: string): Promise<readonly Undone[]> {
  const { auditEvents } = await world.ask<{ auditEvents: { nodes: readonly Undone[] } }>(
    'query ($target: ID!) { auditEvents(first: 100, filter: { target: $target, outcomes: [UNDONE] }) { nodes { changes { field before } } } }',
    { target },
  );
  return auditEvents.nodes;
}

describe('writes that Webex applies late', () => {
  it(`lose no acknowledged change without a word, in ${ROUNDS} rounds through two gateways`, async () => {
    await using world = await startWorld({ sandbox: { users: 30 }, lateWriteGrace: GRACE });
    const other = await world.restart();
    const people = world.webex.people.filter(({ email }) => email !== world.webex.adminEmail);
    for (let round = 0; round < ROUNDS; round += 1) {
      const person = people[Math.floor(random() * people.length)];
      if (person === undefined) throw new Error('nobody');
      const id = await idOf(world, 'user', person.id);
      // From at once to long after the time in which it is waited for.
      world.webex.fail({
        route: 'PUT /people/:id',
        fault: { kind: 'late', after: random() * 1_600 * GRACE },
        times: 1 + Math.floor(random() * 2),
      });
      const acknowledged = new Map<string, string>();
      for (let step = 0; step < 4; step += 1) {
        const field = FIELDS[Math.floor(random() * FIELDS.length)] ?? 'title';
        const value = `${field} ${round}.${step}`;
        const outcome = await change(step % 2 === 0 ? world : other, 'updateUser', {
          id,
          user: { [field]: value },
        });
        if (outcome.outcome === 'APPLIED') acknowledged.set(field, value);
        else expect(outcome.error?.code).toBe('OUTCOME_UNKNOWN');
        // What was not answered may stand over what was acknowledged before it.
        if (outcome.error?.code === 'OUTCOME_UNKNOWN') acknowledged.delete(field);
      }
      world.webex.clearFaults();
      await expect.poll(() => world.store.undecidedWrites.nextDue(), { timeout: 30_000 }).toBeUndefined();
      const stands = world.webex.person(person.id);
      const told = (await undoneOf(world, person.id)).flatMap(({ changes }) => changes);
      for (const [field, value] of acknowledged) {
        const isSo =
          stands !== undefined && [stands.title, stands.department, stands.manager].includes(value);
        const isTold = told.some(({ before }) => before === value);
        expect({ round, field, value, isSoOrTold: isSo || isTold }).toMatchObject({ isSoOrTold: true });
      }
    }
    await other.gateway.close();
  }, 600_000);
});
