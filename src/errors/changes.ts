import type { License } from '../datasources/webex/records.ts';
import type { FieldChange } from '../store/audit-events.ts';
import { GatewayError } from './gateway-error.ts';
import { type UpstreamCall, UpstreamError } from './upstream.ts';

/** Another user, in this organization or outside, has the address. Nothing was changed. */
export class EmailTaken extends GatewayError {
  readonly code = 'EMAIL_TAKEN';
  readonly connectorId: string;
  readonly email: string;
  /** Webex's id of that user; undefined if that is unknown. */
  readonly userId: string | undefined;
  /** The call that Webex refused for it; undefined if nothing was sent. */
  readonly call: UpstreamCall | undefined;
  constructor(connectorId: string, email: string, userId: string | undefined, call?: UpstreamCall) {
    super(
      userId === undefined
        ? `The address ${email} is already in use in Webex, perhaps in another organization. Choose another address, or claim the user in Control Hub.`
        : `A user of this organization has the address ${email} already. Change that user, or choose another address.`,
    );
    this.connectorId = connectorId;
    this.email = email;
    this.userId = userId;
    this.call = call;
  }
  override facts() {
    return { email: this.email };
  }
}

/** All seats of a license are taken, or are by others of the same request. Nothing was changed. */
export class NoSeatsLeft extends GatewayError {
  readonly code = 'NO_SEATS_LEFT';
  readonly license: License;
  readonly totalUnits: number;
  /** Seats that others of the same request do not take; 0 or below if there are none. */
  readonly availableUnits: number;
  /** The call that Webex refused for it; undefined if nothing was sent. */
  readonly call: UpstreamCall | undefined;
  constructor(license: License, totalUnits: number, availableUnits: number, call?: UpstreamCall) {
    super(
      `All ${totalUnits} seats of ${JSON.stringify(license.name)} are taken. Remove the license from a user, or buy more seats.`,
    );
    this.license = license;
    this.totalUnits = totalUnits;
    this.availableUnits = availableUnits;
    this.call = call;
  }
  override facts() {
    return { license: this.license.name, totalUnits: this.totalUnits };
  }
}

/** People come from a directory, and change only there. */
export class DirectorySynchronized extends UpstreamError {
  readonly code = 'DIRECTORY_SYNCHRONIZED';
  constructor(call: UpstreamCall) {
    super(
      'The organization takes its users from a directory (Cisco Directory Connector). Make this change in the directory.',
      call,
    );
  }
}

/** The store does not answer, so the change could not be recorded and was not sent. */
export class NotRecorded extends GatewayError {
  readonly code = 'NOT_RECORDED';
  override readonly retryable = true;
  constructor() {
    super(
      'The gateway cannot reach its database just now, so this was not written to the audit trail and not sent. Try again later.',
    );
  }
}

/** Other changes of the same user or group are not over yet. Nothing was sent. */
export class RecordBusy extends GatewayError {
  readonly code = 'RECORD_BUSY';
  override readonly retryable = true;
  /** Seconds until it is worth another try. */
  override readonly retryAfter: number;
  /** @param reason whether others wait in front, or Webex may still apply an earlier change that it did not answer */
  constructor(reason: 'waiting' | 'undecided', retryAfter: number) {
    super(
      reason === 'undecided'
        ? `Webex did not answer an earlier change of this, and may still apply it. This change was not sent, because the earlier one could undo it. Try again in ${retryAfter} seconds.`
        : `Other changes of this are under way. This change was not sent. Try again in ${retryAfter} seconds.`,
    );
    this.retryAfter = retryAfter;
  }
  override facts() {
    return { retryable: this.retryable, retryAfter: this.retryAfter };
  }
}

/** A change of one record that did not go as asked, or of which nobody knows how it went. */
export abstract class ChangeError<Record> extends GatewayError {
  readonly connectorId: string;
  /** The record as it stands, if it could be read. */
  readonly record: Record | null;
  constructor(sentence: string, connectorId: string, record: Record | null) {
    super(sentence);
    this.connectorId = connectorId;
    this.record = record;
  }
}

/** The record was changed after `ifUnmodifiedSince`. Nothing was changed. */
export class ModifiedMeanwhile<Record = unknown> extends ChangeError<Record> {
  readonly code = 'MODIFIED_MEANWHILE';
  constructor(connectorId: string, record: Record | null, lastModified: Date | undefined) {
    const at = lastModified === undefined ? '' : ` at ${lastModified.toISOString()}`;
    super(
      `This was changed${at}, after the time you gave. Nothing was changed. Read it again, and then decide.`,
      connectorId,
      record,
    );
  }
}

/** The record is not as it was when the change was reviewed. Nothing was changed. */
export class Drifted<Record = unknown> extends ChangeError<Record> {
  readonly code = 'DRIFTED';
  /** What differs: as it was reviewed, and as it is now. */
  readonly drift: readonly FieldChange[];
  constructor(connectorId: string, record: Record | null, drift: readonly FieldChange[]) {
    const fields = drift.length === 0 ? 'The record' : listed(drift.map(({ field }) => field));
    super(
      `${fields} changed after the change was reviewed. Nothing was sent. Make a new plan and review it.`,
      connectorId,
      record,
    );
    this.drift = drift;
  }
  override facts() {
    return { fields: this.drift.map(({ field }) => field) };
  }
}

/** One thing that was asked for, and whether it is so. */
export interface Part {
  /** The field of the change that it belongs to. */
  readonly field: string;
  /** What people call it: the field, a license by name, or a member. */
  readonly name: string;
  readonly isApplied: boolean;
}

/** Webex did a part of what was asked. */
export class PartiallyApplied<Record = unknown> extends ChangeError<Record> {
  readonly code = 'PARTIALLY_APPLIED';
  readonly parts: readonly Part[];
  readonly applied: readonly string[];
  readonly notApplied: readonly string[];
  /** Webex's own error, if it gave one. */
  readonly failure: GatewayError | undefined;
  /** The call that counts for the whole, if one was sent. */
  readonly call: UpstreamCall | undefined;
  constructor(
    connectorId: string,
    record: Record | null,
    parts: readonly Part[],
    failure: GatewayError | undefined,
    call: UpstreamCall | undefined,
  ) {
    const applied = parts.filter(({ isApplied }) => isApplied).map(({ name }) => name);
    const notApplied = parts.filter(({ isApplied }) => !isApplied).map(({ name }) => name);
    const done =
      applied.length === 0
        ? `${listed(notApplied)} has changed, but is not as asked for.`
        : `Done: ${listed(applied)}. Not done: ${listed(notApplied)}.`;
    super(
      `Webex made a part of the change. ${done} The payload shows the record as it is now. Fix the cause, then request the rest again.`,
      connectorId,
      record,
    );
    this.parts = parts;
    this.failure = failure;
    this.applied = applied;
    this.notApplied = notApplied;
    this.call = call;
  }
  override facts() {
    return { applied: this.applied, notApplied: this.notApplied };
  }
}

/** Webex took the request, and nothing of it is to be seen. */
export class NotApplied<Record = unknown> extends ChangeError<Record> {
  readonly code = 'NOT_APPLIED';
  readonly notApplied: readonly string[];
  readonly call: UpstreamCall | undefined;
  constructor(
    connectorId: string,
    record: Record | null,
    notApplied: readonly string[],
    call: UpstreamCall | undefined,
  ) {
    super(
      `Webex accepted the request and did not do it: ${listed(notApplied)} is as before. Webex gives no reason; for a license, see whether it suits the others that the user holds.`,
      connectorId,
      record,
    );
    this.notApplied = notApplied;
    this.call = call;
  }
  override facts() {
    return { notApplied: this.notApplied };
  }
}

/** The change was sent, and neither its answer nor a look afterwards tells what became of it. */
export class OutcomeUnknown<Record = unknown> extends ChangeError<Record> {
  readonly code = 'OUTCOME_UNKNOWN';
  readonly call: UpstreamCall | undefined;
  /** What of the change was visible when it was looked for, and what was not; undefined if that could not be seen. */
  readonly seen: { readonly visible: readonly string[]; readonly notVisible: readonly string[] } | undefined;
  constructor(
    connectorId: string,
    record: Record | null,
    call: UpstreamCall | undefined,
    seen?: OutcomeUnknown['seen'],
  ) {
    super(
      `The change was sent, and it is not known whether Webex made it.${seen === undefined ? '' : sentenceOf(seen)} If the request had an Idempotency-Key, send it again with the same key: the gateway then finds out, and does nothing twice. Without a key, read the record before you send the change again.`,
      connectorId,
      record,
    );
    this.call = call;
    this.seen = seen;
  }
}

function sentenceOf({ visible, notVisible }: NonNullable<OutcomeUnknown['seen']>): string {
  const so = visible.length === 0 ? '' : ` Already as requested: ${listed(visible)}.`;
  return notVisible.length === 0 ? so : `${so} Not yet as requested: ${listed(notVisible)}.`;
}

/** Names that a message tells; the payload tells all of them. */
const MOST_LISTED = 10;

function listed(names: readonly string[]): string {
  const rest = names.length - MOST_LISTED;
  return rest <= 1 ? names.join(', ') : `${names.slice(0, MOST_LISTED).join(', ')} and ${rest} more`;
}
