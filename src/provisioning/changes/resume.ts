import { ModifiedMeanwhile } from '../../errors/changes.ts';
import type { FieldChange, Outcome } from './outcome.ts';
import type { Step } from './recorded-change.ts';
import type { Standing } from './visible-state.ts';

/**
 * The outcome, if an earlier attempt of the same change has made the change; undefined if it is to be made now.
 * Changes of the record since then came after the earlier attempt, and are left alone.
 * @param record as it is now
 * @param standingOf how much of the earlier attempt is visible in it
 * Throws PartiallyApplied if the earlier attempt made a part, ModifiedMeanwhile if others have changed what it was
 * to change.
 */
export async function resumed<Record extends { readonly lastModified: Date | undefined }>(
  connectorId: string,
  step: Step,
  record: Record,
  standingOf: (changes: readonly FieldChange[]) => Standing | Promise<Standing>,
): Promise<Outcome<Record> | undefined> {
  const { earlier } = step;
  if (earlier === undefined) return undefined;
  const standing = await standingOf(earlier.changes);
  if (earlier.isDone || standing.missing.length === 0) return step.recall(record, standing);
  if (standing.isForeign) throw new ModifiedMeanwhile(connectorId, record, record.lastModified);
  return undefined;
}
