import { request } from 'undici';
import {
  emptyFolder,
  type FreshDatabase,
  freshDatabase,
  gatewayEnvironment,
  hasServer,
} from '../databases.ts';
import { cpuMs, freePort, heldMemory, type Program, startProgram } from '../processes.ts';
import { atMost, duration, type Goal, median, type Question, type Row, times } from '../question.ts';

/** As on a machine where it has never run. */
const NOTHING_COMPILED = { NODE_DISABLE_COMPILE_CACHE: '1' };

/** What a start takes. CPU and memory are not a number if the system does not say. */
interface Start {
  readonly ms: number;
  readonly cpuMs: number;
  /** Held once /ready has answered, in MB. */
  readonly memory: number;
}

/** How long does a gateway take to start, until /ready answers? */
export const startUp: Question = {
  name: 'start-up',
  async measure({ quick }) {
    const rounds = quick ? 1 : 5;
    const found: { first: Start; again: Start; bare: Start }[] = [];
    for (let round = quick ? 0 : -1; round < rounds; round += 1) {
      await using database = await emptyDatabase();
      const first = await startGateway(database, NOTHING_COMPILED);
      const again = await startGateway(database);
      const bare = await startBare();
      if (round >= 0) found.push({ first, again, bare });
    }
    const middle = (which: 'first' | 'again' | 'bare', what: keyof Start) =>
      median(found.map((each) => each[which][what]));
    return (['first', 'again'] as const).map((which): Row => {
      const [ours, bare] = [middle(which, 'ms'), middle('bare', 'ms')];
      const [cpu, memory] = [middle(which, 'cpuMs'), middle(which, 'memory')];
      const told = Number.isNaN(cpu) ? '' : `, ${memory.toFixed(0)} MB`;
      return {
        what: `start until /ready answers, ${which === 'first' ? 'with a new database and nothing compiled' : 'once more'}; floor: node:http`,
        ...{ gateway: `${duration(ours)}${told}`, floor: duration(bare), ratio: times(ours / bare) },
        ...(told !== '' && { cpu: `${duration(cpu)} / – / ${duration(middle('bare', 'cpuMs'))}` }),
        runs: rounds,
        goals: told === '' ? [] : goalsOf(which, cpu, memory),
      };
    });
  },
};

function goalsOf(which: 'first' | 'again', cpu: number, memory: number): Goal[] {
  const most = hasServer() ? { first: 3, again: 1, memory: 130 } : { first: 3, again: 2, memory: 230 };
  return [
    atMost('CPU', Math.round(cpu) / 1_000, most[which], ' s'),
    atMost('memory', Math.round(memory), most.memory, ' MB'),
  ];
}

/** Where a gateway that has never run keeps its data. */
async function emptyDatabase(): Promise<FreshDatabase> {
  if (hasServer()) return freshDatabase();
  const folder = await emptyFolder();
  return { environment: { DATA_DIR: folder }, [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function startGateway(
  { environment }: FreshDatabase,
  more: Readonly<Record<string, string>> = {},
): Promise<Start> {
  const port = await freePort();
  const told = { ...gatewayEnvironment(port, environment), ...more };
  return startAndEnd(
    () => startProgram('src/server.ts', { environment: told }),
    () => port,
  );
}

function startBare(): Promise<Start> {
  return startAndEnd(
    () => startProgram('bench/baselines/bare-server.ts', { input: { headers: {}, body: 'ready' } }),
    ({ greeting }) => {
      const { port }: { port: number } = JSON.parse(greeting);
      return port;
    },
  );
}

/** What it takes from before the process is made until it has answered. */
async function startAndEnd(
  start: () => Promise<Program>,
  portOf: (program: Program) => number,
): Promise<Start> {
  const began = performance.now();
  await using program = await start();
  const { statusCode, body } = await request(`http://127.0.0.1:${portOf(program)}/ready`, { reset: true });
  await body.dump();
  if (statusCode !== 200) throw new Error(`/ready answered ${statusCode}.`);
  const ms = performance.now() - began;
  const [cpu, memory] = await Promise.all([cpuMs(program.pid), heldMemory(program.pid)]);
  return { ms, cpuMs: cpu ?? Number.NaN, memory: memory ?? Number.NaN };
}
