import type { Resealing } from './reseal.ts';

/** The result of re-sealing, in lines for people: what there was, what was done, what is left. */
export function reportResealing({ keyId, before, resealed, remaining }: Resealing): string[] {
  const left = remaining.length === 0 ? 'nothing' : perKey(remaining).join('; ');
  return [
    `Before: ${perKey(before).join('; ') || 'nothing sealed'}.`,
    `Re-sealed with "${keyId}": ${perTable(resealed) || 'nothing'}.`,
    `Left with another key: ${left}.`,
  ];
}

/** What there is to say of a key file that was rotated. */
export function reportRotation(resealing: Resealing): string[] {
  const done = `Done: everything is sealed with "${resealing.keyId}", the only key in the key file. A backup from before needs the key file that was saved with it.`;
  return [...reportResealing(resealing), done];
}

/** Why a gateway that serves a data folder cannot be given a new key. */
export const KEYS_ARE_CONFIGURED =
  'Nothing was done: the gateway has SECRET_KEYS, reads them when it starts, and seals with the first of them. Put the new key first and the old one after it, and restart the gateway. Its start re-seals everything.';

/** How many values were re-sealed. */
export function countResealed({ resealed }: Resealing): number {
  return resealed.reduce((sum, { values }) => sum + values, 0);
}

interface Count {
  readonly table: string;
  readonly keyId: string | null;
  readonly values: number;
}

function perKey(counts: readonly Count[]): string[] {
  const byKey = Map.groupBy(counts, ({ keyId }) => keyId);
  return [...byKey].map(
    ([keyId, ofKey]) => `${perTable(ofKey)} ${keyId === null ? 'not sealed at all' : `with "${keyId}"`}`,
  );
}

/** `connectors 2, grants 4`, without tables that have none. */
function perTable(counts: readonly Count[]): string {
  const byTable = Map.groupBy(counts, ({ table }) => table);
  return [...byTable]
    .map(([table, ofTable]) => ({ table, values: ofTable.reduce((sum, { values }) => sum + values, 0) }))
    .filter(({ values }) => values > 0)
    .map(({ table, values }) => `${table} ${values}`)
    .join(', ');
}
