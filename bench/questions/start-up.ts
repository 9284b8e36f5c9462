import { request } from 'undici';
import { emptyFolder, gatewayEnvironment } from '../folders.ts';
import { freePort, type Program, startProgram } from '../processes.ts';
import { duration, median, type Question, times } from '../question.ts';

/** As on a machine where it has never run. */
const NOTHING_COMPILED = { NODE_DISABLE_COMPILE_CACHE: '1' };

/** How long does a gateway take to start, until /ready answers? */
export const startUp: Question = {
  name: 'start-up',
  async measure({ quick }) {
    const rounds = quick ? 1 : 5;
    const found: { first: number; again: number; bare: number }[] = [];
    for (let round = quick ? 0 : -1; round < rounds; round += 1) {
      const folder = await emptyFolder();
      const first = await startGateway(folder, NOTHING_COMPILED);
      const again = await startGateway(folder);
      const bare = await startBare();
      if (round >= 0) found.push({ first, again, bare });
    }
    const bare = median(found.map((each) => each.bare));
    return (['first', 'again'] as const).map((which) => {
      const ours = median(found.map((each) => each[which]));
      return {
        what: `start until /ready answers, ${which === 'first' ? 'with a new database and nothing compiled' : 'once more'}; floor: node:http`,
        ...{ gateway: duration(ours), floor: duration(bare), ratio: times(ours / bare), runs: rounds },
      };
    });
  },
};

async function startGateway(folder: string, more: Readonly<Record<string, string>> = {}): Promise<number> {
  const port = await freePort();
  return startAndEnd(
    () => startProgram('src/server.ts', { environment: { ...gatewayEnvironment(port, folder), ...more } }),
    () => port,
  );
}

function startBare(): Promise<number> {
  return startAndEnd(
    () => startProgram('bench/baselines/bare-server.ts', { input: { headers: {}, body: 'ready' } }),
    ({ greeting }) => {
      const { port }: { port: number } = JSON.parse(greeting);
      return port;
    },
  );
}

/** Milliseconds from before the process is made until it has answered. */
async function startAndEnd(
  start: () => Promise<Program>,
  portOf: (program: Program) => number,
): Promise<number> {
  const began = performance.now();
  await using program = await start();
  const { statusCode, body } = await request(`http://127.0.0.1:${portOf(program)}/ready`, { reset: true });
  await body.dump();
  if (statusCode !== 200) throw new Error(`/ready answered ${statusCode}.`);
  return performance.now() - began;
}
