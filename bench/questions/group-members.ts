import { latencyRow } from '../latency-row.ts';
import { contentOfMembers, MEMBERS, timedQuery } from '../queries.ts';
import type { Question } from '../question.ts';
import { CONNECTIONS, LATENCY_MS, type Server } from '../sides.ts';

const GROUPS = 50;
const EACH = 20;
const PRACTICE = 80;

/** How long do names and addresses of the members of fifty groups take? */
export const groupMembers: Question = {
  name: 'group-members',
  async measure({ runs }, sides) {
    const { gateway, handWritten, naive, floor } = await sides();
    const variables = { groups: GROUPS, each: EACH };
    const ask = (server: Server) => () => timedQuery(server, MEMBERS, variables, contentOfMembers);
    return [
      await latencyRow({
        what: `${GROUPS} groups with ${EACH} members each`,
        gateway: { side: gateway, run: ask(gateway), practice: PRACTICE },
        handWritten: { side: handWritten, run: ask(handWritten), practice: PRACTICE },
        naive: { side: naive, run: ask(naive) },
        floor: { side: floor, run: () => floor.ask('members', variables), practice: PRACTICE },
        ...{ warmUps: 2, runs },
        // The members come behind the groups, 85 by id in a request.
        idealMs: (requests) => LATENCY_MS * (1 + Math.ceil((requests - 1) / CONNECTIONS)),
        share: 0.95,
      }),
    ];
  },
};
