import { InvalidInput } from '../../errors/request.ts';
import type { FieldChange } from '../../provisioning/changes/audit-trail.ts';

/** The digest of a plan, as a caller gives it. Throws InvalidInput. */
export function readDigest(given: string): string {
  const isDigest = given.length === 64 && /^[\da-f]{64}$/.test(given);
  if (!isDigest)
    throw new InvalidInput('input.digest', 'must be the digest of the plan: 64 digits and letters a to f.');
  return given;
}

/** A fact about a mutation of a plan or run, for the audit trail. */
export function noted(field: string, after: FieldChange['after']): FieldChange {
  return { field, before: null, after };
}
