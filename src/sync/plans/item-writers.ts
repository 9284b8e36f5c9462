import type { SyncItemRow, SyncPlanRow } from '../../store/sync/tables.ts';
import { csvRow } from './csv-cells.ts';
import type { ItemWriter } from './export.ts';
import { changesText, outcomeOf } from './item-texts.ts';

const COLUMNS = [
  ...['seq', 'wave', 'kind', 'action', 'withheld', 'situation', 'name', 'at', 'sourceKey', 'webexId'],
  ...['changes', 'reason', 'outcome', 'errorCode', 'errorMessage', 'settledAt'],
];

/** Items as CSV, one row each. */
export const csvWriter: ItemWriter = {
  head: csvRow(COLUMNS),
  write: (item) =>
    csvRow([
      ...[String(item.seq), String(item.wave), item.kind, item.action, item.withheld ?? '', item.situation],
      ...[item.name, item.at ?? '', item.source_key ?? '', item.target_id ?? '', changesText(item.changes)],
      ...[item.reason ?? '', outcomeOf(item) ?? '', item.error?.code ?? '', item.error?.message ?? ''],
      item.settled_at?.toISOString() ?? '',
    ]),
};

/** Characters that Markdown reads as something else, in a table or at its beginning. */
const SPECIAL = /[\\`*_{}[\]<>|#~$&@]/g;

/** A plan with its items as a page of Markdown, for a review. */
export function markdownWriter(plan: SyncPlanRow, connectorName: string): ItemWriter {
  return {
    head: [...overview(plan, connectorName), ...counts(plan), ...verdicts(plan), ...itemsHead].join('\n'),
    write: (item) =>
      `| ${[
        ...[String(item.seq), item.action, plain(item.name), plain(changesText(item.changes))],
        ...[noteOf(item), outcomeOf(item) ?? ''],
      ].join(' | ')} |\n`,
  };
}

function overview(plan: SyncPlanRow, connectorName: string): string[] {
  return [
    `# Plan for ${plain(connectorName)}`,
    '',
    `- State: ${plan.state}`,
    `- Digest: ${plan.digest?.toString('hex') ?? '(none)'}`,
    `- Mapping: ${plain(plan.mapping_name ?? '')}, version ${plan.mapping_version ?? 0}`,
    `- Requested by ${plain(plan.requested_by)} at ${plan.requested_at.toISOString()}`,
    ...(plan.approved_by === null
      ? []
      : [`- Approved by ${plain(plan.approved_by)}: ${plain(plan.approval_reason ?? '')}`]),
    '',
  ];
}

function counts({ counts: all }: SyncPlanRow): string[] {
  if (all === null || all.length === 0) return [];
  const rows = all.map(({ kind, situation, action, withheld, count }) =>
    row([kind, situation, action, withheld ?? '', String(count)]),
  );
  return ['| Kind | Situation | Action | Withheld | Number |', '|---|---|---|---|---:|', ...rows, ''];
}

function verdicts({ verdicts: all }: SyncPlanRow): string[] {
  const exceeded = (all ?? []).filter(({ outcome }) => outcome !== 'PASSED');
  if (exceeded.length === 0) return [];
  const rows = exceeded.map(({ limit, value, threshold, outcome, message }) =>
    row([limit, String(value), String(threshold), outcome, plain(message)]),
  );
  return ['| Limit | Value | Threshold | Outcome | |', '|---|---:|---:|---|---|', ...rows, ''];
}

const itemsHead = ['| # | Action | Name | Changes | Note | Outcome |', '|---:|---|---|---|---|---|', ''];

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function noteOf({ withheld, reason, error, situation }: SyncItemRow): string {
  const parts = [
    withheld === null ? '' : `withheld: ${withheld}`,
    situation,
    reason ?? '',
    error?.message ?? '',
  ];
  return parts
    .filter((part) => part !== '')
    .map(plain)
    .join('. ');
}

/** A text on one line, without meaning for Markdown. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(SPECIAL, String.raw`\$&`);
}
