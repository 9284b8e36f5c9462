import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { Ending, EXIT } from './ending.ts';
import type { GatewayClient, UploadAnswer } from './gateway.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.tsv': 'text/csv',
  '.txt': 'text/csv',
  '.jsonl': 'application/x-ndjson',
  '.ndjson': 'application/x-ndjson',
  '.json': 'application/json',
};
const MAPPING_FILE = /\.(ya?ml|json)$/i;
/** The gateway accepts less, and says how much. */
const LONGEST_MAPPING_BYTES = 1_048_576;

/** A mapping as the API takes it. */
export type MappingChoice = { readonly name: string; readonly version?: number } | { readonly text: string };

/**
 * Sends a file to the gateway as it is on disk. Its name says what it is: .csv, .jsonl or .json, with .gz if compressed.
 * Throws Ending if the file cannot be read, or the gateway refuses it.
 */
export async function uploadFile(gateway: GatewayClient, path: string): Promise<UploadAnswer> {
  const isCompressed = extname(path).toLowerCase() === '.gz';
  const name = basename(isCompressed ? path.slice(0, -3) : path);
  const type = CONTENT_TYPES[extname(name).toLowerCase()];
  if (type === undefined)
    throw new Ending(
      `${path}: the name must end in .csv, .jsonl or .json, or in one of these with .gz.`,
      EXIT.misuse,
    );
  await assertReadable(path);
  const headers = { 'content-type': type, ...(isCompressed ? { 'content-encoding': 'gzip' } : {}) };
  return gateway.upload(`/sync/files?name=${encodeURIComponent(name)}`, headers, createReadStream(path));
}

/**
 * The mapping that an argument names: a stored one as `staff` or `staff@3`, or a file as `staff.yaml`.
 * Throws Ending if the file cannot be read.
 */
export async function chooseMapping(argument: string): Promise<MappingChoice> {
  if (MAPPING_FILE.test(argument)) return { text: await readMappingFile(argument) };
  const [name = '', version] = argument.split('@');
  if (version === undefined) return { name };
  if (!/^\d{1,9}$/.test(version))
    throw new Ending(`--mapping ${argument}: the version after @ must be a number.`, EXIT.misuse);
  return { name, version: Number(version) };
}

/** The text of a mapping file. Throws Ending if it cannot be read. */
export async function readMappingFile(path: string): Promise<string> {
  const { size } = await assertReadable(path);
  if (size > LONGEST_MAPPING_BYTES) throw new Ending(`${path} is too large for a mapping.`, EXIT.misuse);
  return readFile(path, 'utf8');
}

async function assertReadable(path: string) {
  try {
    const found = await stat(path);
    if (found.isFile()) return found;
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    throw new Ending(`${path} cannot be read${reason}.`, EXIT.misuse);
  }
  throw new Ending(`${path} is not a file.`, EXIT.misuse);
}
