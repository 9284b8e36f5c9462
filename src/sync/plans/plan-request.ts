import { InvalidInput, NotFound } from '../../errors/request.ts';
import type { PlanRequest } from '../../store/sync/documents.ts';
import type { SyncStore } from '../../store/sync/sync-store.ts';
import type { SyncPlanRow } from '../../store/sync/tables.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { assertMay, type Mappings, readText } from '../mapping/mappings.ts';
import { readMapping } from '../mapping/read-mapping.ts';
import { MOST_ROWS } from '../sources/inline-source.ts';
import type { AskedPlan } from './asked-plan.ts';
import { readRetry } from './retry.ts';

/** What a plan is made of, checked. */
export interface CheckedRequest {
  readonly request: PlanRequest;
  readonly mappingName: string;
  /** 0 for a mapping that came with the request. */
  readonly mappingVersion: number;
}

/** What is looked up for it. */
export interface RequestTools {
  readonly store: Pick<SyncStore, 'files' | 'runs' | 'plans' | 'items'>;
  readonly mappings: Pick<Mappings, 'get'>;
}

/**
 * Checks what a plan is asked for with, before anything is stored.
 * Throws InvalidInput, NotFound, Forbidden and StoreUnavailable.
 */
export async function checkRequest(tools: RequestTools, asked: AskedPlan): Promise<CheckedRequest> {
  requireOneSource(asked);
  const extent = extentOf(asked);
  const { sourceId, retryOf, note, byAdmin, onBehalfOf } = asked;
  const retry = retryOf === undefined ? undefined : await readRetry(tools.store, asked, retryOf);
  const { fileId, rows, narrow } = retry === undefined ? asked : { ...retry.plan.request, ...retry };
  const chosen = await (retry === undefined ? chooseMapping(tools, asked) : mappingOfPlan(tools, retry.plan));
  assertMay(chosen.mapping, byAdmin);
  await requireSource(tools, { ...asked, fileId, rows }, chosen.mapping);
  const optional = { fileId, rows, sourceId, retryOf, narrow, note, onBehalfOf };
  return {
    request: { mapping: chosen.reference, extent, byAdmin, ...given(optional) },
    mappingName: chosen.mapping.outline.name,
    mappingVersion: chosen.version,
  };
}

const SOURCES = ['fileId', 'rows', 'sourceId', 'retryOf'] as const;
const INPUT_OF = { fileId: 'file', rows: 'rows', sourceId: 'source', retryOf: 'retryOf' } as const;

function requireOneSource(asked: AskedPlan): void {
  const [, second] = SOURCES.filter((name) => asked[name] !== undefined);
  if (second !== undefined)
    throw new InvalidInput(`input.${INPUT_OF[second]}`, 'Give only one of file, rows, source and retryOf.');
}

function extentOf({ fileId, rows, retryOf, extent }: AskedPlan): 'ALL' | 'CHANGES' {
  if (fileId !== undefined && extent === 'CHANGES')
    throw new InvalidInput('input.extent', 'must be ALL for a file: a file does not tell what has changed.');
  const isPart = rows !== undefined || retryOf !== undefined;
  if (isPart && extent === 'ALL')
    throw new InvalidInput('input.extent', 'must be CHANGES: rows and retries are never the whole source.');
  return isPart ? 'CHANGES' : (extent ?? 'ALL');
}

interface ChosenMapping {
  readonly mapping: Mapping;
  readonly version: number;
  readonly reference: PlanRequest['mapping'];
}

async function chooseMapping(tools: RequestTools, asked: AskedPlan): Promise<ChosenMapping> {
  const { mapping } = asked;
  if (mapping === undefined) throw new InvalidInput('input.mapping', 'is required without retryOf.');
  if ('text' in mapping) {
    const read = readText(mapping.text, 'input.mapping.text');
    await requireSameKey(tools, read);
    return { mapping: read, version: 0, reference: { text: mapping.text } };
  }
  const found = await tools.mappings.get(mapping.name, mapping.version);
  if (found === null) throw new NotFound('mapping', nameOf(mapping));
  const { name, version } = found;
  return { mapping: readText(found.text, 'input.mapping'), version, reference: { name, version } };
}

/** A retry has the mapping of the plan whose run is retried, in the same version. */
async function mappingOfPlan({ mappings }: RequestTools, plan: SyncPlanRow): Promise<ChosenMapping> {
  const { mapping } = plan.request;
  const text = 'text' in mapping ? mapping.text : (await mappings.get(mapping.name, mapping.version))?.text;
  if (text === undefined) throw new NotFound('mapping', plan.mapping_name ?? '');
  return { mapping: readText(text, 'input.retryOf'), version: plan.mapping_version ?? 0, reference: mapping };
}

function nameOf({ name, version }: { readonly name: string; readonly version: number | undefined }): string {
  return version === undefined ? name : `${name} version ${version}`;
}

/** Links are found by keys, so the key of a mapping's source never changes under the same name. */
async function requireSameKey({ mappings }: RequestTools, { outline }: Mapping): Promise<void> {
  const stored = await mappings.get(outline.name);
  const read = stored && readMapping(stored.text);
  if (read === null || !('mapping' in read)) return;
  if (read.mapping.outline.source.key === outline.source.key) return;
  throw new InvalidInput(
    'input.mapping.text',
    `source.key must be the same as in the stored mapping ${JSON.stringify(outline.name)}, because its links are found by that key. Choose another name for the mapping.`,
  );
}

async function requireSource(tools: RequestTools, asked: AskedPlan, { outline }: Mapping): Promise<void> {
  if (asked.rows !== undefined) return requireRows(asked.rows);
  if (asked.fileId !== undefined) return requireFile(tools, asked, asked.fileId);
  if (asked.sourceId !== undefined)
    throw new InvalidInput('input.source', 'is not available: no other kind of source can be read yet.');
  throw new InvalidInput(
    'input',
    `has no source. Give ${outline.source.kind === 'FILE' ? 'file' : 'rows'}: the mapping does not name where its records are.`,
  );
}

function requireRows(rows: readonly unknown[]): void {
  if (rows.length === 0) throw new InvalidInput('input.rows', 'must have at least one row.');
  if (rows.length > MOST_ROWS)
    throw new InvalidInput('input.rows', `must have at most ${MOST_ROWS} rows. Upload a file instead.`);
}

/** Files belong to who has uploaded them. A schedule plans with files of the caller who has put it. */
async function requireFile(
  { store }: RequestTools,
  { actor, onBehalfOf = actor, byAdmin }: AskedPlan,
  fileId: string,
): Promise<void> {
  const file = await store.files.find(fileId);
  if (file === undefined || (file.uploadedBy !== onBehalfOf && !byAdmin)) throw new NotFound('file', fileId);
}

/** Without what is undefined. */
function given<T extends object>(values: T): { readonly [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const found: { [Name in keyof T]?: Exclude<T[Name], undefined> } = {};
  for (const name of keysOf(values)) {
    const value = values[name];
    if (isGiven(value)) found[name] = value;
  }
  return found;
}

function isGiven<T>(value: T): value is Exclude<T, undefined> {
  return value !== undefined;
}

function keysOf<T extends object>(values: T): (keyof T)[] {
  const names: (keyof T)[] = [];
  for (const name in values) names.push(name);
  return names;
}
