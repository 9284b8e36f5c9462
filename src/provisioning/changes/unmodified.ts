import { ModifiedMeanwhile } from '../../errors/changes.ts';
import type { Step } from './recorded-change.ts';

/**
 * Throws ModifiedMeanwhile for a record that was changed after a moment. An earlier attempt of the same
 * change may have been the one to modify, and is told apart by what it wanted.
 */
export function assertUnmodified(
  connectorId: string,
  { earlier }: Step,
  record: { readonly lastModified: Date | undefined },
  since: Date | null | undefined,
): void {
  const { lastModified } = record;
  if (since == null || lastModified === undefined || lastModified <= since || earlier !== undefined) return;
  throw new ModifiedMeanwhile(connectorId, record, lastModified);
}
