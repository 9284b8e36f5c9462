import { setTimeout as sleep } from 'node:timers/promises';
import { APPLY_SYNC, CANCEL_SYNC, PAUSE_SYNC, READ_RUN, RESUME_SYNC, type Run } from './documents.ts';
import { Ending, EXIT, type ExitCode } from './ending.ts';
import type { ApiError, GatewayClient } from './gateway.ts';
import type { Output } from './output.ts';
import { assertDone, runItems } from './plans.ts';
import { itemLines, printable } from './text.ts';

const POLL_MS = 500;
const UNDER_WAY = new Set(['QUEUED', 'RUNNING']);
const NOT_APPLIED = ['DRIFTED', 'FAILED', 'UNKNOWN', 'PARTIALLY_APPLIED', 'SKIPPED'];

/** The answer of a mutation that is about a run. */
type RunAnswer<Field extends string> = {
  readonly [Name in Field]: { readonly run: Run | null; readonly error: ApiError | null } | null;
};

/** Applies a plan. @param input as `ApplySyncInput`. Throws Ending. */
export async function applyPlan(gateway: GatewayClient, input: object): Promise<Run> {
  const { applySync } = await gateway.ask<RunAnswer<'applySync'>>(APPLY_SYNC, { input });
  return assertDone(applySync?.run, applySync?.error ?? null);
}

/** Pauses a run. Throws Ending. */
export async function pauseRun(gateway: GatewayClient, id: string): Promise<Run> {
  const { pauseSync } = await gateway.ask<RunAnswer<'pauseSync'>>(PAUSE_SYNC, { input: { id } });
  return assertDone(pauseSync?.run, pauseSync?.error ?? null);
}

/** Lets a paused run go on. Throws Ending. */
export async function resumeRun(gateway: GatewayClient, id: string): Promise<Run> {
  const { resumeSync } = await gateway.ask<RunAnswer<'resumeSync'>>(RESUME_SYNC, { input: { id } });
  return assertDone(resumeSync?.run, resumeSync?.error ?? null);
}

/** Cancels a run, or a plan. Resolves with the state that it has now. Throws Ending. */
export async function cancel(gateway: GatewayClient, id: string): Promise<string> {
  const { cancelSync } = await gateway.ask<{
    cancelSync: { run: Run | null; plan: { state: string } | null; error: ApiError | null } | null;
  }>(CANCEL_SYNC, { input: { id } });
  return assertDone(cancelSync?.run ?? cancelSync?.plan, cancelSync?.error ?? null).state;
}

/** A run by its id. Throws Ending if it does not exist. */
export async function readRun(gateway: GatewayClient, id: string): Promise<Run> {
  const { node } = await gateway.ask<{ node: Partial<Run> | null }>(READ_RUN, { id });
  if (!isRun(node)) throw new Ending(`${printable(id)} is not the id of a run.`, EXIT.misuse);
  return node;
}

function isRun(node: Partial<Run> | null): node is Run {
  return node?.settled !== undefined;
}

/** Waits until a run ends or pauses, and shows how far it is. */
export async function waitForRun(gateway: GatewayClient, run: Run, output: Output): Promise<Run> {
  let current = run;
  output.afterInterrupt = ` The run goes on. Watch it: npm run sync -- status ${run.id}`;
  while (UNDER_WAY.has(current.state)) {
    output.progress(labelOf(current), current.settled, current.total);
    output.emit('run', current);
    await sleep(POLL_MS);
    current = await readRun(gateway, run.id);
  }
  return current;
}

function labelOf({ state, secondsLeft, throttledUntil }: Run): string {
  if (throttledUntil !== null) return `waiting for Webex until ${throttledUntil}`;
  if (secondsLeft !== null) return `${state.toLowerCase()}, about ${secondsLeft} s left`;
  return state.toLowerCase();
}

/** Prints how a run ended, and the items that were not applied. Resolves with the exit code. */
export async function showRun(gateway: GatewayClient, run: Run, output: Output): Promise<ExitCode> {
  output.emit('run', run);
  const outcomes = run.counts.map(({ action, outcome, count }) => `${action} ${outcome} ${count}`);
  output.print(
    `Run ${run.id}: ${run.state}, ${run.settled} of ${run.total} items, ${run.requests} requests.`,
  );
  if (outcomes.length > 0) output.print(`  ${outcomes.join(', ')}`);
  if (run.message !== null) output.print(`  ${printable(run.message)}`);
  if (run.counts.some(({ outcome }) => NOT_APPLIED.includes(outcome)))
    for (const item of await runItems(gateway, run.id, NOT_APPLIED))
      for (const line of itemLines(item)) output.print(line);
  if (run.state === 'PAUSED') output.print(`It is paused. Go on: npm run sync -- resume ${run.id}`);
  return exitCodeOf(run);
}

function exitCodeOf({ state }: Run): ExitCode {
  if (state === 'COMPLETED' || UNDER_WAY.has(state)) return EXIT.done;
  return state === 'FAILED' ? EXIT.failed : EXIT.incomplete;
}
