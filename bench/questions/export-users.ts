import { latencyRow } from '../latency-row.ts';
import { contentOfUsers, EXPORT_PAGE, timedExport, timedQuery, usersQuery } from '../queries.ts';
import { duration, type Question, type Row } from '../question.ts';
import { LATENCY_MS } from '../sides.ts';

/** Whole exports. */
const PRACTICE = 10;

/** How long does it take to read a large organization, page by page? */
export const exportOfUsers: Question = {
  name: 'export',
  async measure({ quick, runs }, sides) {
    const { gateway, handWritten, naive, floor } = await sides();
    const count = quick ? 3_000 : 10_000;
    const rows: Row[] = [];
    for (const groups of [false, true]) {
      rows.push(
        await latencyRow({
          what: groups
            ? 'the same with groups, nothing kept'
            : `${count.toLocaleString('en')} users with licenses and roles, ${EXPORT_PAGE} a page, catalogues kept`,
          gateway: {
            side: gateway,
            run: () => timedExport(gateway, { count, groups }),
            practice: PRACTICE,
            ...(groups && { prepare: gateway.useNewConnector }),
          },
          // It keeps the groups of users, so there is nothing to compare where they are read again.
          ...(!groups && {
            handWritten: {
              side: handWritten,
              run: () => timedExport(handWritten, { count, groups }),
              practice: PRACTICE,
            },
          }),
          floor: {
            side: floor,
            run: () => floor.ask('exportUsers', { count, groups, warm: !groups }),
            practice: PRACTICE,
          },
          ...{ warmUps: 2, runs: Math.ceil(runs / 3) },
          ...(!groups && {
            // A page leads to the next one.
            idealMs: (requests: number) => LATENCY_MS * requests,
            share: 0.8,
          }),
        }),
      );
    }
    const few = quick ? 100 : 1_000;
    await naive.webex.clear();
    const { ms } = await timedQuery(naive, usersQuery(true), { first: few }, contentOfUsers);
    const { requests } = await naive.webex.report();
    rows.push({
      what: `${few.toLocaleString('en')} users with licenses, roles and groups, by the naive gateway`,
      ...{ gateway: '–', naive: duration(ms), requests: `– / ${requests} / –`, runs: 1 },
    });
    return rows;
  },
};
