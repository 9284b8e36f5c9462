import { latencyRow } from '../latency-row.ts';
import { contentOfUser, timedQuery, USER_BY_EMAIL } from '../queries.ts';
import type { Question } from '../question.ts';
import { LATENCY_MS, type Server } from '../sides.ts';

const PRACTICE = 200;

/** How long does one user by address take, with licenses, roles and groups? */
export const oneUser: Question = {
  name: 'one-user',
  async measure({ runs }, sides) {
    const { gateway, handWritten, naive, floor } = await sides();
    const email = (await floor.webex.people())[5_000]?.email ?? '';
    const ask = (server: Server) => () => timedQuery(server, USER_BY_EMAIL, { email }, contentOfUser);
    return [
      await latencyRow({
        what: 'one user by address with licenses, roles and groups, catalogues kept',
        gateway: { side: gateway, run: ask(gateway), practice: PRACTICE },
        handWritten: { side: handWritten, run: ask(handWritten), practice: PRACTICE },
        naive: { side: naive, run: ask(naive) },
        floor: { side: floor, run: () => floor.ask('person', { email }), practice: PRACTICE },
        ...{ warmUps: 5, runs },
        // The groups are found by the id, which comes first.
        idealMs: () => 2 * LATENCY_MS,
        share: 0.97,
      }),
    ];
  },
};
