import { createHash } from 'node:crypto';
import { Forbidden } from '../../errors/access.ts';
import { InvalidInput, NotFound } from '../../errors/request.ts';
import { MappingInUse, MappingModified } from '../../errors/sync.ts';
import type { SyncMappingRepository } from '../../store/sync/mappings.ts';
import type { SyncMappingRow } from '../../store/sync/tables.ts';
import { BUILT_IN } from './built-in.ts';
import { adminPartsOf } from './limit-defaults.ts';
import type { Mapping } from './mapping.ts';
import { readMapping } from './read-mapping.ts';
import { type NameCatalogue, type NameProblem, resolveNames } from './resolve-names.ts';

export type { SyncMappingRow };

/** A mapping that a caller wants to store. */
export interface AskedMapping {
  readonly text: string;
  /** The version that has to be the newest; null: there must be none. Undefined: no condition. */
  readonly ifVersion: number | null | undefined;
  /** As the audit trail names the caller. */
  readonly actor: string;
  /** Whether the caller has the scope admin for all connectors. */
  readonly byAdmin: boolean;
  /** What the names of the mapping are looked up in; undefined: they are not. */
  readonly names?: NameCatalogue | undefined;
}

/** A stored mapping, and what was there before. */
export interface StoredMapping {
  readonly mapping: SyncMappingRow;
  readonly isNew: boolean;
  readonly before: SyncMappingRow | null;
  /** Names that are not in the catalogue. */
  readonly warnings: readonly NameProblem[];
}

/** The mappings of this gateway. All methods throw StoreUnavailable. */
export class Mappings {
  readonly #rows: SyncMappingRepository;

  constructor(rows: SyncMappingRepository) {
    this.#rows = rows;
  }

  /**
   * A mapping by name.
   * @param version undefined: the newest. Versions of deleted mappings are found as long as a plan shows them
   * @returns null if it does not exist
   */
  async get(name: string, version?: number): Promise<SyncMappingRow | null> {
    const builtIn = builtInRow(name);
    if (builtIn !== undefined) return version === undefined || version === builtIn.version ? builtIn : null;
    return version === undefined ? this.#rows.newest(name) : this.#rows.version(name, version);
  }

  /** The newest version of each mapping, by name, those that come with the gateway included. */
  async list(): Promise<SyncMappingRow[]> {
    const builtIn = [...BUILT_IN.keys()].flatMap((name) => builtInRow(name) ?? []);
    const rows = [...builtIn, ...(await this.#rows.list())];
    return rows.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /**
   * Stores a version of a mapping. The same text as that of the newest version is that version.
   * Throws InvalidInput with all problems, Forbidden if it takes an administrator, and MappingModified.
   */
  async put({ text, ifVersion, actor, byAdmin, names }: AskedMapping): Promise<StoredMapping> {
    const mapping = readText(text, 'input.text');
    const { name } = mapping.outline;
    if (BUILT_IN.has(name))
      throw new InvalidInput('input.text', `name: ${name} comes with the gateway. Choose another name.`);
    assertMay(mapping, byAdmin);
    const newest = await this.#rows.newest(name);
    if (newest !== null) assertSameKey(mapping, newest);
    const put = await this.#rows.put({ name, text, createdBy: actor, ifVersion });
    if (!('mapping' in put)) throw new MappingModified(name, put.newest);
    const warnings = names === undefined ? [] : resolveNames(mapping, names).problems;
    return { ...put, warnings };
  }

  /** Deletes a mapping with its links, and returns its newest version. Throws NotFound, InvalidInput, MappingInUse. */
  async delete(name: string): Promise<SyncMappingRow> {
    if (BUILT_IN.has(name))
      throw new InvalidInput('input.name', 'is a mapping that comes with the gateway. It cannot be deleted.');
    const deleted = await this.#rows.delete(name);
    if (deleted === null) throw new NotFound('mapping', name);
    if ('usedBy' in deleted) throw new MappingInUse(name, deleted.usedBy);
    return deleted;
  }

  /** Deletes versions of deleted mappings that no plan shows any more. */
  forgetOld(): Promise<void> {
    return this.#rows.forgetOld();
  }
}

/**
 * The mapping that a text holds.
 * @param field where the text stands in the caller's request
 * Throws InvalidInput with all problems, each with line and column.
 */
export function readText(text: string, field: string): Mapping {
  const read = readMapping(text);
  if ('mapping' in read) return read.mapping;
  const [first, ...others] = read.problems.map(({ path, line, column, message }) => ({
    field,
    message: `Line ${line}, column ${column}: ${path === '' ? 'the text' : path} ${message}`,
  }));
  throw new InvalidInput(field, first?.message ?? 'is not a mapping.', others);
}

/** Throws Forbidden if a mapping requires the scope admin and the caller does not have it. */
export function assertMay({ outline }: Mapping, byAdmin: boolean): void {
  const { limits, roles } = adminPartsOf(outline);
  if (!byAdmin && (limits.length > 0 || roles)) throw new Forbidden('admin');
}

/** Links are found by key, so another key would make leavers of everybody. Throws InvalidInput. */
function assertSameKey({ outline }: Mapping, newest: SyncMappingRow): void {
  const stored = readMapping(newest.text);
  if (!('mapping' in stored)) return;
  const { key } = stored.mapping.outline.source;
  if (key === outline.source.key) return;
  const before = key === undefined ? 'is not set' : `is ${JSON.stringify(key)}`;
  throw new InvalidInput(
    'input.text',
    `source.key ${before} in version ${newest.version} and cannot change, because users are linked by it. Give the mapping another name.`,
  );
}

function builtInRow(name: string): SyncMappingRow | undefined {
  const text = BUILT_IN.get(name);
  if (text === undefined) return undefined;
  const digest = createHash('sha256').update(text).digest();
  return { name, version: 1, text, digest, created_by: 'gateway', created_at: new Date(0), deleted_at: null };
}
