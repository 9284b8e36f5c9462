import { canonicalEmail } from '../../datasources/webex/canonical.ts';
import { type ComparedPair, findManagers, type ManagerRow } from '../../store/sync/comparison.ts';
import type { DesiredUser } from '../words.ts';
import type { CompareContext } from './context.ts';
import type { FoundManager } from './differences.ts';

/** A manager of a record. */
export interface ResolvedManager extends FoundManager {
  /** Row of the manager's record, if the manager is to be created. */
  readonly row: number | null;
}

/** Who the managers of a page are. */
export interface PageManagers {
  /** Undefined: the record does not say, so the manager is left alone. UNKNOWN: nobody has that address or key. */
  of(desired: DesiredUser): ResolvedManager | 'UNKNOWN' | undefined;
}

/** Finds the managers that the records of a page name: users, and users who are to be created. */
export async function managersOf(
  pairs: readonly ComparedPair[],
  { db, plan, policy }: CompareContext,
): Promise<PageManagers> {
  const found = new Map<string, ManagerRow>();
  for (const by of ['EMAIL', 'KEY'] as const) {
    const values = pairs.flatMap(({ desired }) =>
      desired?.manager?.by === by ? [canonicalValue(desired.manager)] : [],
    );
    for (const row of await findManagers(db, plan, by, [...new Set(values)]))
      found.set(`${by} ${row.value}`, row);
  }
  const isCreated = ({ situation }: ManagerRow) =>
    (situation === 'ABSENT' || situation === 'MISSING') && policy.situations[situation].action === 'CREATE';
  return {
    of({ manager }) {
      if (manager === undefined) return undefined;
      if (manager === null) return { value: null, row: null };
      const row = found.get(`${manager.by} ${canonicalValue(manager)}`);
      if (row === undefined) return 'UNKNOWN';
      if (row.webexId !== null)
        return { value: row.webexId, row: null, ...(row.name === null ? {} : { name: row.name }) };
      return row.address !== null && isCreated(row) ? { value: row.address, row: row.rowNo } : 'UNKNOWN';
    },
  };
}

function canonicalValue({ by, value }: { readonly by: 'EMAIL' | 'KEY'; readonly value: string }): string {
  return by === 'EMAIL' ? canonicalEmail(value) : value;
}
