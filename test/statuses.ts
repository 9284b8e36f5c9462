import { expect } from 'vitest';
import type { Fault, Route } from '../src/sandbox/index.ts';
import { type Changed, change, idOf } from './changes.ts';
import type { World } from './world.ts';

/** A write, asked for through a mutation, and whether it is so in the sandbox. */
export interface StatusCase {
  readonly mutation: string;
  readonly write: Route;
  readonly make: (world: World, round: number) => Promise<{ input: object; isSo: () => boolean }>;
}

function someUser({ webex }: World, round: number) {
  const people = webex.people.filter(({ email }) => email !== webex.adminEmail);
  const person = people[round % people.length];
  if (person === undefined) throw new Error('There is nobody.');
  return person;
}

async function newGroup(world: World, displayName: string): Promise<string> {
  await change(world, 'createGroup', { connector: world.connectorId, displayName });
  return idOf(world, 'group', world.webex.group(displayName)?.id ?? '');
}

/** Every write that the gateway sends. */
export const WRITES: readonly StatusCase[] = [
  {
    mutation: 'createUser',
    write: 'POST /people',
    make: async ({ webex, connectorId }, round) => {
      const email = `new${round}@${webex.org.domain}`;
      return {
        input: { connector: connectorId, user: { emails: [email], displayName: `New ${round}` } },
        isSo: () => webex.person(email) !== undefined,
      };
    },
  },
  {
    mutation: 'updateUser',
    write: 'PUT /people/:id',
    make: async (world, round) => {
      const { id } = someUser(world, round);
      return {
        input: { id: await idOf(world, 'user', id), user: { title: `Title ${round}` } },
        isSo: () => world.webex.person(id)?.title === `Title ${round}`,
      };
    },
  },
  {
    mutation: 'deleteUser',
    write: 'DELETE /people/:id',
    make: async (world, round) => {
      const email = `doomed${round}@${world.webex.org.domain}`;
      await change(world, 'createUser', {
        connector: world.connectorId,
        user: { emails: [email], displayName: `Doomed ${round}` },
      });
      const id = world.webex.person(email)?.id ?? '';
      return {
        input: { id: await idOf(world, 'user', id) },
        isSo: () => world.webex.person(id) === undefined,
      };
    },
  },
  {
    mutation: 'updateUserLicenses',
    write: 'PATCH /licenses/users',
    make: async (world, round) => {
      const license = 'Advanced Space Meetings';
      const { id, licenseNames } = someUser(world, round);
      const holds = licenseNames.includes(license);
      const change = holds ? { remove: [license] } : { add: [{ license }] };
      return {
        input: { id: await idOf(world, 'user', id), ...change },
        isSo: () => world.webex.person(id)?.licenseNames.includes(license) === !holds,
      };
    },
  },
  {
    mutation: 'createGroup',
    write: 'POST /groups',
    make: async ({ webex, connectorId }, round) => ({
      input: { connector: connectorId, displayName: `New ${round}` },
      isSo: () => webex.group(`New ${round}`) !== undefined,
    }),
  },
  {
    mutation: 'updateGroupMembers',
    write: 'PATCH /groups/:id',
    make: async (world, round) => {
      const displayName = `Members ${round}`;
      const { id } = someUser(world, round);
      return {
        input: { id: await newGroup(world, displayName), add: [id] },
        isSo: () => world.webex.group(displayName)?.memberIds.includes(id) === true,
      };
    },
  },
  {
    mutation: 'deleteGroup',
    write: 'DELETE /groups/:id',
    make: async (world, round) => {
      const displayName = `Doomed ${round}`;
      return {
        input: { id: await newGroup(world, displayName) },
        isSo: () => world.webex.group(displayName) === undefined,
      };
    },
  },
];

/** An answer of any status, byte for byte, as no HTTP server would send some of them. */
function answerOf(status: number, applied: boolean): Fault {
  if (status === 429) return { kind: 'status', status, retryAfter: 1, applied };
  return { kind: 'raw', answer: `HTTP/1.1 ${status} Status\r\ncontent-length: 0\r\n\r\n`, applied };
}

/** What an answer claims of the change: made, not made, or nothing. */
function claimOf({ outcome }: Changed): boolean | undefined {
  if (outcome === 'APPLIED' || outcome === 'NOTHING_CHANGED') return true;
  return outcome === 'UNKNOWN' || outcome === 'PARTIALLY_APPLIED' ? undefined : false;
}

/** Whether each field of an answer says of itself what the outcome says of all. */
function areAppliedAs({ outcome, changes }: Changed): boolean {
  const told = changes.map(({ applied }) => applied);
  if (outcome === 'APPLIED') return told.every((applied) => applied === true);
  if (outcome === 'NOT_APPLIED') return told.every((applied) => applied === false);
  if (outcome === 'UNKNOWN') return told.every((applied) => applied === null);
  return told.includes(false);
}

/**
 * Whether no server that has made the change answers so: a 409 to a creation says that there was one before. Webex tells
 * its time to the second, so the record that is found then looks like one that was created just before.
 */
function contradictsItself(write: Route, status: number): boolean {
  return status === 409 && write.startsWith('POST');
}

/** Sends a change that is answered with a status, once carried out and once not, and compares what is told with what is so. */
export async function expectTruth(
  world: World,
  { mutation, write, make }: StatusCase,
  status: number,
  applied: boolean,
  round: number,
): Promise<void> {
  if (applied && contradictsItself(write, status)) return;
  const { input, isSo } = await make(world, round);
  world.webex.fail({ route: write, fault: answerOf(status, applied) });
  const outcome = await change(world, mutation, input);
  world.webex.clearFaults();
  const scene = JSON.stringify({ mutation, status, applied, outcome });
  const claimed = claimOf(outcome);
  if (claimed !== undefined) expect(isSo(), scene).toBe(claimed);
  expect(areAppliedAs(outcome), scene).toBe(true);
  expect(outcome.error === null, scene).toBe(outcome.outcome === 'APPLIED');
  const { auditEvents } = await world.ask<{ auditEvents: { nodes: { id: string; outcome: string }[] } }>(
    '{ auditEvents(first: 1) { nodes { id outcome } } }',
  );
  expect(auditEvents.nodes[0]?.id, scene).toBe(outcome.auditEventId);
  const noted = auditEvents.nodes[0]?.outcome;
  // What nobody knew may have been found out since.
  if (outcome.outcome !== 'UNKNOWN') expect(noted, scene).toBe(outcome.outcome);
  if (noted === 'APPLIED') expect(isSo(), scene).toBe(true);
  if (noted === 'NOT_APPLIED') expect(isSo(), scene).toBe(false);
  expect(noted, scene).not.toBe('PENDING');
}
