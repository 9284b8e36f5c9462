import { isUndecided } from '../../datasources/webex/failures.ts';
import type { UpstreamCall } from '../../errors/upstream.ts';
import type { FailedMember } from './change-report.ts';
import { callBehind } from './verdict.ts';

/** What was found out about a change while it was made. */
export class Notes {
  readonly trackingIds = new Set<string>();
  /** Whether a call was given up that Webex may still carry out. */
  isUndecided = false;
  /** What was created, as Webex has shown it. */
  created: { readonly id: string } | undefined;
  /** Members who could not be added to a group, or removed from it. */
  failedMembers: readonly FailedMember[] = [];

  /** Webex's id of what was created. */
  get targetId(): string | undefined {
    return this.created?.id;
  }

  /** Remembers a call to Webex, so that Cisco can be asked about it. */
  called(call: UpstreamCall | undefined): void {
    if (call?.trackingId !== undefined) this.trackingIds.add(call.trackingId);
  }

  /** Remembers a call to Webex that failed. */
  failed(error: unknown): void {
    this.called(callBehind(error));
    this.isUndecided ||= isUndecided(error);
  }
}
