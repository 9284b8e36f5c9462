import { parseArgs } from 'node:util';
import { COMMANDS, type Flags } from './sync/commands.ts';
import { Ending, EXIT } from './sync/ending.ts';
import { GatewayClient } from './sync/gateway.ts';
import { Output } from './sync/output.ts';

// npm run sync -- …: plans, reviews and applies synchronizations through a running gateway.

const HELP = `npm run sync -- COMMAND [options]

  plan FILE --mapping M          compares a CSV, JSON Lines or JSON file with Webex and shows the plan. M: the name of a
                                 stored mapping (staff, staff@3), or a mapping file (staff.yaml)
    --connector NAME             which Webex organization; needed if there are several
    --only EMAIL                 only this user; may be repeated
    --note TEXT                  shown with the plan
  show PLAN [--markdown|--csv|--json]
  approve PLAN --reason TEXT     allows a plan that exceeds a limit; not by the caller who requested it
  apply PLAN                     makes the changes of the plan, after asking
    --yes                        does not ask; required without a terminal
    --digest D                   only if the plan still has this digest
    --stop-after N               pauses after so many changes
  status RUN                     shows a run, and waits until it ends
  pause RUN | resume RUN | cancel RUN-OR-PLAN
  retry RUN                      plans again what the run has not applied
  mapping check FILE | mapping put FILE | mapping preview FILE --data DATAFILE
  schedules [--connector NAME]

  --json                         JSON lines instead of text; the last one is the summary
  --help                         this text

Environment: GATEWAY_URL (default: http://localhost:4000), GATEWAY_KEY (an API key).
Exit codes: 0 nothing to do or all applied, 2 the plan has changes, 3 blocked, 4 items were not applied,
5 wrong file, mapping or arguments, 1 any other failure, 130 interrupted.
`;

const flags = readArguments();
const output = new Output(flags.json && flags.name !== 'show');

process.on('SIGINT', () => {
  output.print(`\nInterrupted.${output.afterInterrupt}`);
  output.end({}, EXIT.interrupted);
  process.exit();
});
// A reader such as head may close its end early.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

if (flags.help) {
  process.stdout.write(HELP);
} else {
  try {
    const command = COMMANDS[flags.name];
    if (command === undefined)
      throw new Ending(
        flags.name === '' ? HELP : `There is no command ${flags.name}. Try --help.`,
        EXIT.misuse,
      );
    const { GATEWAY_URL = 'http://localhost:4000', GATEWAY_KEY } = process.env;
    await command(new GatewayClient(GATEWAY_URL, GATEWAY_KEY), flags, output);
  } catch (error) {
    if (!(error instanceof Ending)) throw error;
    process.stderr.write(`${error.message}\n`);
    output.end({ error: error.message }, error.exitCode);
  }
}

function readArguments(): Flags & { readonly help: boolean } {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        mapping: { type: 'string' },
        connector: { type: 'string' },
        only: { type: 'string', multiple: true, default: [] },
        note: { type: 'string' },
        reason: { type: 'string' },
        digest: { type: 'string' },
        yes: { type: 'boolean', default: false },
        'stop-after': { type: 'string' },
        data: { type: 'string' },
        markdown: { type: 'boolean', default: false },
        csv: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const [name = '', ...rest] = positionals;
    return { ...values, name, positionals: rest };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : ''}\n\n${HELP}`);
    process.exit(EXIT.misuse);
  }
}
