import { request } from 'undici';
import { type HostileRequest, hostileRequests } from '../../test/hostile-requests.ts';
import { busyMs } from '../processes.ts';
import { atLeast, atMost, duration, median, type Question } from '../question.ts';

const SEED = 1;

/** What does it cost to refuse requests that are made to cost? */
export const hostileDocuments: Question = {
  name: 'hostile-documents',
  async measure({ quick }, sides) {
    const { gateway } = await sides();
    const count = quick ? 140 : 500;
    for (const hostile of hostileRequests(SEED + 1, count)) await send(gateway.port, hostile);
    const spent: number[] = [];
    let refused = 0;
    for (const hostile of hostileRequests(SEED, count)) {
      const before = await busyMs(gateway.pid);
      if (await send(gateway.port, hostile)) refused += 1;
      const after = await busyMs(gateway.pid);
      if (before !== undefined && after !== undefined) spent.push(after - before);
    }
    const worst = Math.max(...spent);
    const measured = spent.length > 0;
    return [
      {
        what: `${count} hostile requests, one after the other: processor time to refuse one`,
        gateway: measured ? `${duration(median(spent))} (worst ${duration(worst)})` : '–',
        runs: count,
        goals: [atLeast('refused', refused, count), ...(measured ? [atMost('worst', worst, 50, ' ms')] : [])],
      },
    ];
  },
};

/** Whether it was refused, for one of the reasons that it gives. */
async function send(port: number, { body, codes }: HostileRequest): Promise<boolean> {
  // The connection may end before a body that is too large has been sent.
  const mayBreak = codes.includes('BODY_TOO_LARGE');
  const answer = await request(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    reset: mayBreak,
  }).catch((error: unknown) => {
    if (!mayBreak) throw error;
  });
  if (answer === undefined) return true;
  const { errors = [] }: { errors?: { extensions: { code: string } }[] } = JSON.parse(
    await answer.body.text(),
  );
  return errors.length > 0 && errors.every(({ extensions }) => codes.includes(extensions.code));
}
