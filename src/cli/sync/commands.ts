import { createInterface } from 'node:readline/promises';
import { pipeline } from 'node:stream/promises';
import { READ_SCHEDULES } from './documents.ts';
import { Ending, EXIT } from './ending.ts';
import { chooseMapping, readMappingFile, uploadFile } from './files.ts';
import type { GatewayClient } from './gateway.ts';
import { previewMapping, putMapping } from './mappings.ts';
import type { Output } from './output.ts';
import { approvePlan, endOfPlan, readPlan, requestPlan, showPlan, waitForPlan } from './plans.ts';
import { applyPlan, cancel, pauseRun, readRun, resumeRun, showRun, waitForRun } from './runs.ts';
import { printable } from './text.ts';

/** The arguments of the command. */
export interface Flags {
  /** The command. */
  readonly name: string;
  /** What follows the command. */
  readonly positionals: readonly string[];
  readonly mapping?: string | undefined;
  readonly connector?: string | undefined;
  readonly only: readonly string[];
  readonly note?: string | undefined;
  readonly reason?: string | undefined;
  readonly digest?: string | undefined;
  readonly yes: boolean;
  readonly 'stop-after'?: string | undefined;
  readonly data?: string | undefined;
  readonly markdown: boolean;
  readonly csv: boolean;
  readonly json: boolean;
}

/** Does what the arguments say, and ends the output. Throws Ending. */
type Command = (gateway: GatewayClient, flags: Flags, output: Output) => Promise<void>;

/** The commands by name. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  plan: async (gateway, flags, output) => {
    const file = argumentOf(flags, 'FILE');
    if (flags.mapping === undefined)
      throw new Ending('--mapping is missing: the name of a stored mapping, or a mapping file.', EXIT.misuse);
    const mapping = await chooseMapping(flags.mapping);
    const uploaded = await uploadFile(gateway, file);
    output.emit('file', uploaded);
    output.print(`${file}: ${uploaded.rows} records, ${uploaded.problemCount} of them unreadable.`);
    for (const { at, message } of uploaded.problems)
      output.print(`  ${printable(at)}: ${printable(message)}`);
    const { connector, note, only } = flags;
    const narrow = only.length > 0 ? { narrow: { emails: only } } : {};
    await planAndShow(gateway, { connector, note, file: uploaded.id, mapping, ...narrow }, output);
  },

  show: async (gateway, flags, output) => {
    const plan = await readPlan(gateway, argumentOf(flags, 'PLAN'));
    const url = exportOf(flags, plan.exports);
    if (url !== undefined) {
      await pipeline(await gateway.download(url), process.stdout, { end: false });
      return;
    }
    await showPlan(gateway, plan, output);
    output.finish(endOfPlan(plan), plan);
  },

  approve: async (gateway, flags, output) => {
    const plan = await readPlan(gateway, argumentOf(flags, 'PLAN'));
    if (flags.reason === undefined) throw new Ending('--reason is missing.', EXIT.misuse);
    const approved = await approvePlan(gateway, plan.id, flags.digest ?? plan.digest ?? '', flags.reason);
    output.finish(endOfPlan(approved), approved);
  },

  apply: async (gateway, flags, output) => {
    const plan = await readPlan(gateway, argumentOf(flags, 'PLAN'));
    if (plan.state === 'BLOCKED' || plan.state === 'UNCHANGED' || plan.state === 'FAILED') {
      output.finish(endOfPlan(plan), plan);
      return;
    }
    if (!flags.yes && plan.run === null) {
      if (process.stdin.isTTY !== true)
        throw new Ending('There is no terminal to ask on. Add --yes to apply the plan.', EXIT.misuse);
      await showPlan(gateway, plan, output);
      if (!(await isConfirmed())) throw new Ending('Nothing was applied.', EXIT.failed);
    }
    const stopAfter = readStopAfter(flags);
    const digest = flags.digest ?? plan.digest ?? '';
    const run = await applyPlan(gateway, {
      ...{ id: plan.id, digest },
      ...(stopAfter === undefined ? {} : { stopAfter }),
    });
    await follow(gateway, run.id, output);
  },

  status: (gateway, flags, output) => follow(gateway, argumentOf(flags, 'RUN'), output),

  pause: async (gateway, flags, output) => {
    const run = await pauseRun(gateway, argumentOf(flags, 'RUN'));
    output.finish({ text: `Run ${run.id} pauses after the items under way.`, exitCode: EXIT.done }, run);
  },

  resume: async (gateway, flags, output) => {
    const run = await resumeRun(gateway, argumentOf(flags, 'RUN'));
    await follow(gateway, run.id, output);
  },

  cancel: async (gateway, flags, output) => {
    const state = await cancel(gateway, argumentOf(flags, 'RUN or PLAN'));
    output.finish({ text: `Canceled. State: ${state}.`, exitCode: EXIT.done }, { state });
  },

  retry: async (gateway, flags, output) => {
    const { connector, note } = flags;
    await planAndShow(gateway, { connector, note, retryOf: argumentOf(flags, 'RUN') }, output);
  },

  mapping: async (gateway, flags, output) => {
    const [verb, path] = flags.positionals;
    if (path === undefined || verb === undefined || !['put', 'check', 'preview'].includes(verb))
      throw new Ending(
        'mapping check FILE | mapping put FILE | mapping preview FILE --data DATAFILE',
        EXIT.misuse,
      );
    const text = await readMappingFile(path);
    if (verb === 'put') await putMapping(gateway, text, flags.connector, output);
    else
      await previewMapping(gateway, text, verb === 'check' ? undefined : flags.data, flags.connector, output);
  },

  schedules: async (gateway, flags, output) => {
    const { connector } = await gateway.ask<{
      connector: { syncSchedules: readonly Schedule[] | null } | null;
    }>(READ_SCHEDULES, { name: flags.connector });
    for (const schedule of connector?.syncSchedules ?? []) {
      output.emit('schedule', schedule);
      const { name, cron, timeZone, mode, enabled, next, lastOutcome } = schedule;
      const when = enabled ? `next ${next[0] ?? 'never'}` : 'disabled';
      output.print(
        [name, `${cron} (${timeZone})`, mode, when, lastOutcome ?? 'never ran'].map(printable).join('\t'),
      );
    }
    output.end({}, EXIT.done);
  },
};

interface Schedule {
  readonly name: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly mode: string;
  readonly enabled: boolean;
  readonly next: readonly string[];
  readonly lastOutcome: string | null;
}

function argumentOf({ name, positionals: [first] }: Flags, noun: string): string {
  if (first === undefined) throw new Ending(`${name} needs ${noun}. Try --help.`, EXIT.misuse);
  return first;
}

async function planAndShow(gateway: GatewayClient, input: object, output: Output): Promise<void> {
  const plan = await waitForPlan(gateway, await requestPlan(gateway, input), output);
  await showPlan(gateway, plan, output);
  output.finish(endOfPlan(plan), plan);
}

async function follow(gateway: GatewayClient, id: string, output: Output): Promise<void> {
  const run = await waitForRun(gateway, await readRun(gateway, id), output);
  output.end(run, await showRun(gateway, run, output));
}

function exportOf(
  flags: Flags,
  exports: { readonly jsonLines: string; readonly csv: string; readonly markdown: string },
) {
  if (flags.markdown) return exports.markdown;
  if (flags.csv) return exports.csv;
  return flags.json ? exports.jsonLines : undefined;
}

async function isConfirmed(): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await lines.question('Apply these changes? Type yes: ');
  lines.close();
  return answer.trim().toLowerCase() === 'yes';
}

function readStopAfter(flags: Flags): number | undefined {
  const text = flags['stop-after'];
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Ending('--stop-after must be a number above 0.', EXIT.misuse);
  return Number(text);
}
