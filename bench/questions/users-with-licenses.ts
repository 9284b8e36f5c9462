import { latencyRow } from '../latency-row.ts';
import { contentOfUsers, timedQuery, usersQuery } from '../queries.ts';
import type { Question, Row } from '../question.ts';
import { LATENCY_MS, type Server, startGateway } from '../sides.ts';

const COUNT = 100;
const PRACTICE = 500;

/** Licenses and roles are read with every page. */
const KEEPS_NOTHING = { CATALOGUE_LIFETIME: '0.001' };

/** How long do a hundred users with licenses and roles take? */
export const usersWithLicenses: Question = {
  name: 'users-with-licenses',
  async measure({ runs }, sides) {
    const { organization, gateway, handWritten, naive, floor } = await sides();
    await using forgetful = await startGateway(organization, KEEPS_NOTHING);
    const ask = (server: Server) => () => timedQuery(server, usersQuery(), { first: COUNT }, contentOfUsers);
    const rows: Row[] = [];
    for (const warm of [true, false]) {
      const ours = warm ? gateway : forgetful;
      rows.push(
        await latencyRow({
          what: `${COUNT} users with licenses and roles, catalogues ${warm ? 'kept' : 'read again'}`,
          gateway: { side: ours, run: ask(ours), practice: PRACTICE },
          // It keeps catalogues, so there is nothing to compare where they are read again.
          ...(warm && { handWritten: { side: handWritten, run: ask(handWritten), practice: PRACTICE } }),
          naive: { side: naive, run: ask(naive) },
          floor: {
            side: floor,
            run: () => floor.ask('users', { count: COUNT, warm }),
            practice: PRACTICE,
          },
          ...{ warmUps: 5, runs, telling: warm },
          // Page and catalogues do not need each other.
          idealMs: () => LATENCY_MS,
          share: 0.95,
        }),
      );
    }
    return rows;
  },
};
