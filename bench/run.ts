import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { removeFolders, useServer } from './databases.ts';
import { killAll } from './processes.ts';
import type { Question, Row, Scale } from './question.ts';
import { questions } from './questions/index.ts';
import { machine, writeResults } from './results.ts';
import { type Sides, startSides } from './sides.ts';
import { printed, verdict } from './table.ts';

const HELP = `Speed and memory of the gateway, as ratios to what is measured beside it.

  npm run bench -- [options] [question…]

  --quick           smaller numbers and fewer runs; the same checks
  --database <url>  gateways keep their data on this PostgreSQL server, in databases of their own. Default: embedded
  --write           puts the results of a whole run into bench/README.md and the README
  --help            this text

Questions: ${questions.map(({ name }) => name).join(', ')}. Default: all.
Ends with exit code 1 when a goal is missed.
`;

/** The fewest users of a sandbox that has fifty groups. */
const USERS = 11_000;

const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean' },
    database: { type: 'string' },
    write: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
const print = (text: string) => process.stdout.write(`${text}\n`);
const isQuick = flags.quick === true;
useServer(flags.database);
const scale: Scale = { quick: isQuick, runs: isQuick ? 5 : 15 };

// Whatever ends the bench, nothing of it is left.
process.on('exit', () => {
  killAll();
  removeFolders();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

const unknown = names.find((name) => questions.every((question) => question.name !== name));
if (flags.help === true) print(HELP);
else if (unknown !== undefined) refuse(`There is no question "${unknown}".`);
else if (flags.write === true && (isQuick || names.length > 0))
  refuse('Only the results of a whole run are written.');
else await bench();

function refuse(reason: string): void {
  print(`${reason} Try --help.`);
  process.exitCode = 1;
}

async function bench(): Promise<void> {
  print(await machine());
  const rows = await measure();
  print(printed(rows));
  if (flags.write === true) await writeResults(rows);
  const missed = rows.flatMap(({ what, goals = [] }) =>
    goals.filter(({ met }) => !met).map((goal) => `Missed: ${what}: ${verdict(goal)}`),
  );
  for (const sentence of missed) print(sentence);
  if (missed.length > 0) process.exitCode = 1;
}

/** Asks one question after the other; those who can share a gateway do. */
async function measure(): Promise<Row[]> {
  await using resources = new AsyncDisposableStack();
  let shared: Promise<Sides> | undefined;
  const sides = () => {
    shared ??= startSides({ users: USERS }).then((started) => resources.use(started));
    return shared;
  };
  const rows: Row[] = [];
  for (const question of questions) {
    if (names.length > 0 && !names.includes(question.name)) continue;
    const began = performance.now();
    rows.push(...(await question.measure(scale, sides).catch((error: unknown) => failed(question, error))));
    const seconds = Math.round((performance.now() - began) / 1_000);
    process.stderr.write(`${question.name}: ${seconds} s, load ${loadavg()[0]?.toFixed(1)}\n`);
  }
  return rows;
}

/** What could not be measured is a goal that was missed; the other questions are asked all the same. */
function failed({ name }: Question, error: unknown): Row[] {
  const found = error instanceof Error ? error.message : String(error);
  return [{ what: name, gateway: '–', runs: 0, goals: [{ text: 'is measured', found, met: false }] }];
}
