import { exportUsers, timedQuery, USER_BY_EMAIL } from '../queries.ts';
import { atMost, duration, median, type Question, times } from '../question.ts';
import { LATENCY_MS, startGateway } from '../sides.ts';

const BACKGROUND = { 'webex-lane': 'background' };

/** How much longer does a user at a screen wait while an export runs in the background? */
export const backgroundExport: Question = {
  name: 'background-export',
  async measure({ quick }) {
    const users = quick ? 20_000 : 100_000;
    await using gateway = await startGateway({ users });
    const emails = (await gateway.webex.people()).map(({ email }) => email);
    let asked = 0;
    const once = async () => {
      asked += 1;
      const email = emails[(asked * 37) % emails.length] ?? '';
      return (await timedQuery(gateway, USER_BY_EMAIL, { email }, () => '')).ms;
    };
    const several = async (count: number) => {
      const taken: number[] = [];
      while (taken.length < count) taken.push(await once());
      return taken;
    };
    await several(10);
    const alone = await several(30);
    let running = true;
    const exporting = exportUsers(gateway, { groups: true, headers: BACKGROUND }).finally(() => {
      running = false;
    });
    const beside: number[] = [];
    while (running) beside.push(await once());
    const content = await exporting;
    if (!content.startsWith(`${users} users`)) throw new Error(`Not everybody was exported: ${content}.`);
    alone.push(...(await several(30)));
    const [without, withExport] = [median(alone), median(beside)];
    const worst = Math.max(...beside);
    return [
      {
        what: `one user by address while ${users.toLocaleString('en')} users are exported in the background; floor: without`,
        gateway: `${duration(withExport)} (worst ${duration(worst)})`,
        floor: duration(without),
        ratio: times(withExport / without),
        runs: beside.length,
        goals: [atMost('longer by', (withExport - without) / LATENCY_MS, 2, ' × latency')],
      },
    ];
  },
};
