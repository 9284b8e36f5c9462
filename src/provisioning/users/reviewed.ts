import type { Person } from '../../datasources/webex/people/person.ts';
import { Drifted } from '../../errors/changes.ts';
import { driftBeforeDeletion, driftOf, type Reviewed } from '../changes/reviewed.ts';
import { personRecord } from './fields.ts';

/** A change of a user as it was reviewed. */
export interface ReviewedUser extends Reviewed {
  /** Throws if the user may not be changed so, as they are now. */
  readonly assertAllowed?: ((user: Person) => void) | undefined;
}

/**
 * Throws Drifted if a user is not as reviewed, and what `assertAllowed` throws.
 * @param isDeletion whether the user is to be deleted
 */
export function assertReviewed(
  connectorId: string,
  user: Person,
  reviewed: ReviewedUser,
  isDeletion: boolean,
): void {
  const drift = (isDeletion ? driftBeforeDeletion : driftOf)(reviewed, personRecord(user));
  if (drift.length > 0) throw new Drifted(connectorId, user, drift);
  reviewed.assertAllowed?.(user);
}
