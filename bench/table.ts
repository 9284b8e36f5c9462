import type { Goal, Row } from './question.ts';

const HEAD = [
  ...['', 'gateway', 'hand-written', 'naive', 'floor', 'gateway : floor'],
  ...['requests', 'CPU', 'runs', 'goal'],
];

/** Rows as lines of text in columns. */
export function printed(rows: readonly Row[]): string {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Rows as a table of Markdown. */
export function markdown(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(HEAD), line(HEAD.map(() => '---')), ...rows.map((row) => line(cellsOf(row)))].join('\n');
}

/** A goal, what was found, and whether that will do. */
export function verdict({ text, found, met }: Goal): string {
  return `${text}: ${found} ${met ? '✓' : '✗'}`;
}

function cellsOf(row: Row): string[] {
  const { what, gateway, handWritten, naive, floor, ratio, requests, cpu, runs, goals = [] } = row;
  const figures = [handWritten, naive, floor, ratio, requests, cpu].map((figure) => figure ?? '–');
  return [what, gateway, ...figures, String(runs), goals.map(verdict).join('; ') || '–'];
}
