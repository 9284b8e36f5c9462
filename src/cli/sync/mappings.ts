import { readFile } from 'node:fs/promises';
import { PREVIEW_MAPPING, PUT_MAPPING } from './documents.ts';
import { Ending, EXIT } from './ending.ts';
import type { ApiError, GatewayClient } from './gateway.ts';
import type { Output } from './output.ts';
import { assertDone } from './plans.ts';
import { printable } from './text.ts';

/** Stores a new version of a mapping. Throws Ending. */
export async function putMapping(
  gateway: GatewayClient,
  text: string,
  connector: string | undefined,
  output: Output,
) {
  const { putSyncMapping } = await gateway.ask<{
    putSyncMapping: {
      mapping: {
        name: string;
        version: number;
        warnings: readonly { path: string; message: string }[];
      } | null;
      error: ApiError | null;
    } | null;
  }>(PUT_MAPPING, { input: { text, connector } });
  const mapping = assertDone(putSyncMapping?.mapping, putSyncMapping?.error ?? null);
  for (const { path, message } of mapping.warnings) output.print(`Warning: ${path} ${printable(message)}`);
  output.finish(
    { text: `Stored ${mapping.name}, version ${mapping.version}.`, exitCode: EXIT.done },
    mapping,
  );
}

interface PreviewRecord {
  readonly at: string;
  readonly qualifies: boolean;
  readonly key: string | null;
  readonly fields: readonly { readonly field: string; readonly after: unknown }[];
  readonly problems: readonly { readonly path: string; readonly message: string }[];
}

/** Checks a mapping, and shows what it makes of the records of a JSON file, if one is named. */
export async function previewMapping(
  gateway: GatewayClient,
  text: string,
  data: string | undefined,
  connector: string | undefined,
  output: Output,
): Promise<void> {
  const rows = data === undefined ? [] : readRows(await readFile(data, 'utf8'), data);
  const { previewSyncMapping } = await gateway.ask<{
    previewSyncMapping: {
      preview: { records: readonly PreviewRecord[] } | null;
      error: ApiError | null;
    } | null;
  }>(PREVIEW_MAPPING, { input: { mapping: { text }, connector, rows } });
  const { records } = assertDone(previewSyncMapping?.preview, previewSyncMapping?.error ?? null);
  for (const record of records) {
    output.emit('record', record);
    output.print(
      `${printable(record.at)}: ${record.qualifies ? (record.key ?? 'no key') : 'does not qualify'}`,
    );
    for (const { field, after } of record.fields)
      output.print(`    ${field}: ${printable(JSON.stringify(after))}`);
    for (const { path, message } of record.problems) output.print(`    ${path} ${printable(message)}`);
  }
  const isWrong = records.some(({ problems }) => problems.length > 0);
  output.finish(
    { text: 'The mapping is valid.', exitCode: isWrong ? EXIT.misuse : EXIT.done },
    { records: records.length },
  );
}

function readRows(text: string, path: string): readonly unknown[] {
  try {
    const rows: unknown = JSON.parse(text);
    if (Array.isArray(rows)) return rows;
  } catch {
    // The sentence below says what is wrong.
  }
  throw new Ending(`${path} must hold a JSON array of records.`, EXIT.misuse);
}
