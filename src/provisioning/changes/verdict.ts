import { isUndecided, wasNotCarriedOut } from '../../datasources/webex/failures.ts';
import { NotApplied, OutcomeUnknown, type Part, PartiallyApplied } from '../../errors/changes.ts';
import type { GatewayError } from '../../errors/gateway-error.ts';
import { type UpstreamCall, UpstreamError } from '../../errors/upstream.ts';

/** What was asked of a record, what of it is there to be seen now, and what Webex answered. */
export interface Evidence<Record> {
  readonly connectorId: string;
  /** The record as it was read after the change. */
  readonly record: Record | null;
  /** Everything that was asked for. */
  readonly parts: readonly Part[];
  /** Whether anything has moved without being as asked for, as a license list of which a part was granted. */
  readonly moved: boolean;
  /** Undefined if Webex answered that it was done. */
  readonly failure: GatewayError | undefined;
  readonly call: UpstreamCall | undefined;
}

/**
 * What a change came to, going by what can be seen and not by what was answered: undefined if all is as
 * asked for, else the error that says how far it went. Pure.
 *
 * A change that nobody has answered may still be made after we have looked, so that what is not visible yet may be
 * visible later, also if a part of it is.
 */
export function judge<Record>(evidence: Evidence<Record>): GatewayError | undefined {
  const { connectorId, record, parts, moved, failure, call } = evidence;
  const namesOf = (isApplied: boolean) =>
    parts.filter((part) => part.isApplied === isApplied).map(({ name }) => name);
  const [applied, missing] = [namesOf(true), namesOf(false)];
  if (missing.length === 0) return undefined;
  if (isUndecided(failure))
    return new OutcomeUnknown(connectorId, record, call, { visible: applied, notVisible: missing });
  if (applied.length > 0 || moved) return new PartiallyApplied(connectorId, record, parts, failure, call);
  return failure ?? new NotApplied(connectorId, record, missing, call);
}

/**
 * Of several failures of one change the one that counts for the whole: one that leaves it undecided, then one after
 * which a part may be done, then the first. Undefined without failures. Pure.
 */
export function decisiveFailure(failures: readonly GatewayError[]): GatewayError | undefined {
  return failures.find(isUndecided) ?? failures.find((each) => !wasNotCarriedOut(each)) ?? failures[0];
}

/** The call behind an error, if there is one. */
export function callBehind(error: unknown): UpstreamCall | undefined {
  return error instanceof UpstreamError ? error.call : undefined;
}

/** What of a change is as asked for and what is not, by names: fields, or members as `add ID` and `remove ID`. Pure. */
export function partsOf(applied: readonly string[], missing: readonly string[]): Part[] {
  const part = (isApplied: boolean) => (name: string) => ({
    field: /^(add|remove) /.test(name) ? 'members' : name,
    name,
    isApplied,
  });
  return [...applied.filter((name) => !missing.includes(name)).map(part(true)), ...missing.map(part(false))];
}
