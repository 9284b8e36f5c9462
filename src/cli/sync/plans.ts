import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  APPROVE_SYNC,
  type Item,
  PLAN_SYNC,
  type Plan,
  READ_ITEMS,
  READ_PLAN,
  READ_RUN_ITEMS,
} from './documents.ts';
import { Ending, EXIT, type ExitCode } from './ending.ts';
import { type ApiError, type GatewayClient, isMisuse } from './gateway.ts';
import type { Output } from './output.ts';
import { ACTIONS_BY_DANGER, countsLine, itemLines, printable } from './text.ts';

const POLL_MS = 500;
const BEING_MADE = new Set(['QUEUED', 'READING', 'OBSERVING', 'COMPARING']);
/** Items shown of each action; an export has all. */
const SHOWN_ITEMS = 10;
const PAGE = 500;

/** Throws Ending with what a mutation answered, if it failed. */
export function assertDone<Made>(made: Made | null | undefined, error: ApiError | null): Made {
  if (error === null && made != null) return made;
  const problems = (error?.problems ?? []).map(({ path, message }) => `\n  ${path} ${message}`);
  const text = `${error?.message ?? 'The gateway answered without a result.'}${problems.join('')}`;
  throw new Ending(text, exitCodeOf(error?.code));
}

function exitCodeOf(code: string | undefined): ExitCode {
  if (code === 'PLAN_NOT_APPLICABLE' || code === 'SELF_APPROVAL') return EXIT.blocked;
  return isMisuse(code) || code === 'PLAN_CHANGED' ? EXIT.misuse : EXIT.failed;
}

/** Asks for a plan. Repeats of the same request within this call make one plan. Throws Ending. */
export async function requestPlan(gateway: GatewayClient, input: object): Promise<Plan> {
  const { planSync } = await gateway.ask<{
    planSync: { plan: Plan | null; error: ApiError | null } | null;
  }>(PLAN_SYNC, { input }, { 'idempotency-key': randomUUID() });
  return assertDone(planSync?.plan, planSync?.error ?? null);
}

/** A plan by its id. Throws Ending if it does not exist. */
export async function readPlan(gateway: GatewayClient, id: string): Promise<Plan> {
  const { node } = await gateway.ask<{ node: Partial<Plan> | null }>(READ_PLAN, { id });
  if (!isPlan(node)) throw new Ending(`${printable(id)} is not the id of a plan.`, EXIT.misuse);
  return node;
}

function isPlan(node: Partial<Plan> | null): node is Plan {
  return node?.counts !== undefined;
}

/** Waits until a plan is made, and shows how far it is. */
export async function waitForPlan(gateway: GatewayClient, plan: Plan, output: Output): Promise<Plan> {
  let current = plan;
  output.afterInterrupt = ` The gateway goes on. See the plan: npm run sync -- show ${plan.id}`;
  while (BEING_MADE.has(current.state)) {
    const { sourceRecords = 0, people = 0 } = current.progress ?? {};
    output.progress(`${current.state.toLowerCase()}: ${sourceRecords} records, users`, people, undefined);
    await sleep(POLL_MS);
    current = await readPlan(gateway, plan.id);
  }
  return current;
}

/** Prints a plan: incomplete lists, the changes by action, limits, seats, counts. */
export async function showPlan(gateway: GatewayClient, plan: Plan, output: Output): Promise<void> {
  output.emit('plan', plan);
  for (const list of plan.lists)
    if (!list.complete) output.print(`Incomplete: ${list.name}. ${printable(list.reason ?? '')}`);
  for (const action of ACTIONS_BY_DANGER) {
    const sum = plan.counts
      .filter((count) => count.action === action && isListed(count))
      .reduce((total, { count }) => total + count, 0);
    if (sum === 0) continue;
    output.print(`\n${action} (${sum})`);
    await showItems(gateway, plan, action, sum, output);
  }
  for (const verdict of plan.verdicts.filter(({ outcome }) => outcome !== 'PASSED')) {
    output.print(`\n${verdict.outcome}: ${printable(verdict.message)}`);
    for (const { name } of verdict.examples) output.print(`    ${printable(name)}`);
  }
  for (const { license, taken, freed, after, lacking } of plan.seats.filter((each) => each.lacking > 0))
    output.print(
      `\nSeats of ${printable(license?.name ?? 'a license')}: ${taken} taken, ${freed} freed, ${after ?? 'unlimited'} after. Lacking: ${lacking}.`,
    );
  output.print(`\n${summaryOf(plan)}`);
  output.print(`Every item: npm run sync -- show ${plan.id} --markdown`);
}

/** Links and items of NONE are only counted, except those with a problem. */
function isListed({ action, situation }: { readonly action: string; readonly situation: string }): boolean {
  if (action === 'LINK') return false;
  return (
    action !== 'NONE' ||
    situation === 'INVALID' ||
    situation === 'AMBIGUOUS' ||
    situation === 'DUPLICATE_SOURCE'
  );
}

async function showItems(gateway: GatewayClient, plan: Plan, action: string, sum: number, output: Output) {
  const filter = { actions: [action] };
  if (output.isJson) {
    for await (const item of itemsOf(gateway, plan.id, filter)) output.emit('item', item);
    return;
  }
  const { nodes } = await itemsPage(gateway, READ_ITEMS, { id: plan.id, first: SHOWN_ITEMS, filter });
  for (const item of nodes) for (const line of itemLines(item)) output.print(line);
  if (sum > nodes.length) output.print(`  … and ${sum - nodes.length} more`);
}

interface ItemsPage {
  readonly nodes: readonly Item[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

async function itemsPage(gateway: GatewayClient, document: string, variables: object): Promise<ItemsPage> {
  const { node } = await gateway.ask<{ node: { items?: ItemsPage | null } | null }>(document, variables);
  if (node?.items == null) throw new Ending('The items of the plan cannot be read.');
  return node.items;
}

/** All items of a plan that fit, page by page. */
async function* itemsOf(gateway: GatewayClient, id: string, filter: object): AsyncGenerator<Item> {
  let after: string | null = null;
  do {
    const page: ItemsPage = await itemsPage(gateway, READ_ITEMS, { id, first: PAGE, after, filter });
    yield* page.nodes;
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
}

/** The first items of a run that have one of these outcomes. */
export async function runItems(gateway: GatewayClient, id: string, outcomes: readonly string[]) {
  const { nodes } = await itemsPage(gateway, READ_RUN_ITEMS, {
    id,
    first: SHOWN_ITEMS,
    filter: { outcomes },
  });
  return nodes;
}

function summaryOf(plan: Plan): string {
  const open = plan.counts.filter(
    ({ action, withheld }) => withheld === null && action !== 'NONE' && action !== 'REPORT',
  );
  const withheld = plan.counts.filter(({ withheld: why }) => why !== null);
  const reported = plan.counts.filter(({ action, withheld: why }) => action === 'REPORT' && why === null);
  const parts = [
    plan.hasChanges ? `Changes: ${countsLine(open)}.` : 'No changes.',
    withheld.length > 0 ? `Withheld: ${countsLine(withheld)}.` : '',
    reported.length > 0 ? countsLine(reported).replace('REPORT', 'Reported only:').concat('.') : '',
    plan.hasChanges && plan.estimate !== null
      ? `About ${plan.estimate.requests} requests, ${plan.estimate.seconds} seconds.`
      : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** Says how a plan ended, and with which exit code. */
export function endOfPlan(plan: Plan): { readonly text: string; readonly exitCode: ExitCode } {
  const at = `Plan ${plan.id}`;
  if (plan.state === 'FAILED') {
    const { code, message } = plan.error ?? { code: 'UNKNOWN', message: 'The plan failed.' };
    return {
      text: `${at} failed: ${printable(message)}`,
      exitCode: isMisuse(code) ? EXIT.misuse : EXIT.failed,
    };
  }
  if (plan.state === 'BLOCKED') {
    const isForbidden = plan.verdicts.some(({ outcome }) => outcome === 'FORBIDDEN');
    const next = isForbidden
      ? 'No approval helps: correct the source or the mapping.'
      : `Another administrator can approve it: npm run sync -- approve ${plan.id} --reason "…"`;
    return { text: `${at} is blocked. ${next}`, exitCode: EXIT.blocked };
  }
  if (plan.state === 'READY')
    return { text: `${at} is ready. Apply it: npm run sync -- apply ${plan.id}`, exitCode: EXIT.changes };
  if (plan.state === 'UNCHANGED')
    return { text: `${at}: Webex is as the source says. There is nothing to apply.`, exitCode: EXIT.done };
  const exitCode = plan.state === 'APPLIED' ? EXIT.done : EXIT.failed;
  return { text: `${at} is ${plan.state.toLowerCase()}.`, exitCode };
}

/** Approves a plan as it is stored now. Throws Ending. */
export async function approvePlan(
  gateway: GatewayClient,
  id: string,
  digest: string,
  reason: string,
): Promise<Plan> {
  const { approveSync } = await gateway.ask<{
    approveSync: { plan: Plan | null; error: ApiError | null } | null;
  }>(APPROVE_SYNC, { input: { id, digest, reason } });
  return assertDone(approveSync?.plan, approveSync?.error ?? null);
}
