import { hasServer } from '../databases.ts';
import { peakMemory } from '../processes.ts';
import { exportUsers } from '../queries.ts';
import { atMost, median, type Question } from '../question.ts';
import { startGateway } from '../sides.ts';

/** How much more memory does an export take when the organization is ten times as large? */
export const exportMemory: Question = {
  name: 'export-memory',
  async measure({ quick, runs }) {
    const [few, many] = quick ? [5_000, 50_000] : [10_000, 100_000];
    const rounds = Math.ceil(runs / 8);
    const peaks: { few: number; many: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const small = await peakOfExport(few);
      const large = await peakOfExport(many);
      if (small !== undefined && large !== undefined) peaks.push({ few: small, many: large });
    }
    const what = `peak memory of an export of ${many.toLocaleString('en')} users; floor: of ${few.toLocaleString('en')}`;
    // Only Linux says how much a process has held at most.
    if (peaks.length === 0) return [{ what, gateway: 'not measured on this system', runs: 0 }];
    const [small, large] = [median(peaks.map((peak) => peak.few)), median(peaks.map((peak) => peak.many))];
    return [
      {
        what,
        gateway: `${large.toFixed(0)} MB`,
        floor: `${small.toFixed(0)} MB`,
        ratio: `+ ${(large - small).toFixed(0)} MB`,
        runs: rounds,
        goals: [
          atMost('more memory', Math.round(large - small), 100, ' MB'),
          atMost('peak', Math.round(large), hasServer() ? 420 : 480, ' MB'),
        ],
      },
    ];
  },
};

/**
 * How many users are read first, in one export or in several: the start takes more memory than an export and
 * gives it back only then, and the heap grows to where it is at ease, however large the organization is.
 */
const WARM_UP = 30_000;

/** The most memory that a gateway holds while it gives out all users, in MB. */
async function peakOfExport(users: number): Promise<number | undefined> {
  await using gateway = await startGateway({ users });
  for (let left = WARM_UP; left > 0; left -= users) await exportUsers(gateway, { count: left });
  return await peakMemory(gateway.pid, async () => {
    const content = await exportUsers(gateway, {});
    if (!content.startsWith(`${users} users`)) throw new Error(`Not everybody was exported: ${content}.`);
  });
}
