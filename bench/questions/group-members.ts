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
    const { gateway, naive, floor } = await sides();
    const variables = { groups: GROUPS, each: EACH };
    const ask = (server: Server) => () => timedQuery(server, MEMBERS, variables, contentOfMembers);
    return [
      await latencyRow({
        what: `${GROUPS} groups with ${EACH} members each`,
        gateway: { webex: gateway.webex, run: ask(gateway), practice: PRACTICE },
        naive: { webex: naive.webex, run: ask(naive) },
        floor: { webex: floor.webex, run: () => floor.ask('members', variables), practice: PRACTICE },
        ...{ warmUps: 2, runs },
        // The members come behind the groups, 85 by id in a request.
        idealMs: (requests) => LATENCY_MS * (1 + Math.ceil((requests - 1) / CONNECTIONS)),
        goal: { of: 'floor', atMost: 1.15 },
      }),
    ];
  },
};
