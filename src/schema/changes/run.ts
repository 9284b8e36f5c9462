import type { GraphQLResolveInfo } from 'graphql';
import type { OpenOrganization } from '../../connectors/organizations.ts';
import { ChangeError, OutcomeUnknown, PartiallyApplied, RecordBusy } from '../../errors/changes.ts';
import type { GatewayError } from '../../errors/gateway-error.ts';
import { Refusals } from '../../provisioning/changes/audit-thinning.ts';
import {
  type ChangeOutcome,
  ChangeReport,
  type FailedMember,
  type ReportedChange,
  reportedChanges,
} from '../../provisioning/changes/change-report.ts';
import type { ChangeRequest, Target } from '../../provisioning/changes/change-request.ts';
import type { Outcome, SeatNeed } from '../../provisioning/changes/outcome.ts';
import { outcomeOf } from '../../provisioning/changes/outcome-of.ts';
import { Seats } from '../../provisioning/changes/seats.ts';
import { connectorOf } from '../base/chosen-connector.ts';
import type { Context } from '../base/context.ts';
import { readObjectId } from '../base/global-ids.ts';
import { type Failure, failureOf } from '../errors/failure.ts';
import { entryOf } from '../errors/table.ts';

/** One change that a field asks for, or one item of its list. */
export interface Change {
  /** Which item it is; undefined if the field asks for one change. */
  readonly index?: number;
  /** The path of the input in the caller's request. Default: `input`. */
  readonly at?: string;
  /** What is to be changed. Rejects with InvalidInput, NotFound, Ambiguous. */
  readonly subject: () => Promise<Subject>;
  /** @param at where the input stands in the caller's request */
  readonly make: (
    organization: OpenOrganization,
    request: ChangeRequest,
    at: string,
  ) => Promise<Outcome<object>>;
}

/** What a change is about, as far as that is known before anything is read. */
export interface Subject {
  readonly connectorId: string;
  readonly target: Target;
}

/**
 * The subject of a change of something that exists.
 * @param given the input's connector, by id or name
 * @param field where the id stands in the caller's request
 * Rejects with InvalidInput, NotFound, and Ambiguous for an id of Webex if there are several connectors.
 */
export async function existing(
  context: Context,
  type: 'User' | 'Group',
  given: string | null | undefined,
  text: string,
  field: string,
): Promise<Subject> {
  const id = readObjectId(text, type, field);
  const connectorId = await connectorOf(context, given, type, id);
  return { connectorId, target: { type, id: id.webexId, name: null } };
}

/** What the audit trail names a new user by, before Webex has them. */
export function newUser(user: {
  readonly emails?: readonly string[] | null | undefined;
  readonly displayName?: string | null | undefined;
}): Target {
  return { type: 'User', id: null, name: user.emails?.[0] ?? user.displayName ?? null };
}

/** What all the changes of a field have in common. */
export interface Request {
  readonly context: Context;
  readonly info: GraphQLResolveInfo;
  readonly dryRun: boolean | null | undefined;
}

/** What came of a change, for its payload. */
export interface ChangeResult {
  /** Empty if the caller named none that could be read. */
  readonly connectorId: string;
  readonly outcome: ChangeOutcome;
  readonly changes: readonly ReportedChange[];
  readonly seats: readonly SeatNeed[];
  readonly failure: Failure | null;
  readonly auditEventId: string | null;
  /** Whether this is the answer to an earlier request. */
  readonly replayed: boolean;
  /** The record as it is now; after a deletion and for a dry run as it was before. */
  readonly record: unknown;
  /** Webex's id of what was to be changed; null for a creation. */
  readonly targetWebexId: string | null;
  readonly failedMembers: readonly FailedMember[];
}

/**
 * Makes changes side by side, as far as the connector's connections allow; one that fails costs no other. What
 * this request has read of the organizations before is forgotten.
 */
export async function makeChanges(
  request: Request,
  changes: readonly Change[],
): Promise<readonly ChangeResult[]> {
  const { context } = request;
  const shared = { seats: new Seats(true), refusals: new Refusals() };
  const results = await Promise.all(changes.map((change) => makeOne(request, change, shared, asUnknown)));
  await shared.refusals.tellCounted();
  for (const connectorId of new Set(results.map((each) => each.connectorId))) context.forget(connectorId);
  return results;
}

/** As `makeChanges` for one. Throws what a mutation does not answer with: a bug. */
export async function makeChange(request: Request, change: Change): Promise<ChangeResult> {
  const shared = { seats: new Seats(false), refusals: new Refusals() };
  const result = await makeOne(request, change, shared, (error) => {
    throw error;
  });
  request.context.forget(result.connectorId);
  return result;
}

/** What the changes of a list have in common. */
type Shared = Pick<ChangeRequest, 'seats' | 'refusals'>;

/** A bug may have struck before or after Webex made the change, and must not cost the other items their answer. */
function asUnknown(_error: unknown, connectorId: string): GatewayError {
  return new OutcomeUnknown(connectorId, null, undefined);
}

/** @param onBug what stands for an error that mutations do not answer with */
async function makeOne(
  request: Request,
  change: Change,
  shared: Shared,
  onBug: (error: unknown, connectorId: string) => GatewayError,
): Promise<ChangeResult> {
  const { context } = request;
  const changeRequest = changeRequestOf(request, change, shared);
  const { report } = changeRequest;
  let subject: Subject | undefined;
  const resultOf = (outcome: ChangeOutcome, record: unknown, error?: unknown): ChangeResult => ({
    ...{ outcome, record, failure: null, connectorId: subject?.connectorId ?? '' },
    ...{ seats: report.seats, failedMembers: report.failedMembers, replayed: report.isReplayed },
    changes: reportedChanges(report, outcome, error),
    auditEventId: report.auditEventId ?? null,
    targetWebexId: subject?.target.id ?? null,
  });
  try {
    subject = await change.subject();
    const { kind, record } = await tryOne(context, change, subject, changeRequest);
    return resultOf(kind, record);
  } catch (thrown) {
    const connectorId = subject?.connectorId;
    const error = entryOf(thrown) === undefined ? onBug(thrown, connectorId ?? '') : thrown;
    const own = error instanceof PartiallyApplied ? error.failure : undefined;
    const failure = failureOf(own ?? error, context, {
      connectorId,
      retryable: isRetryable(error, changeRequest),
    });
    if (failure === undefined) throw error;
    const record = error instanceof ChangeError ? error.record : null;
    const outcome = report.isAnswerUnreadable ? 'UNKNOWN' : outcomeOf(error);
    return { ...resultOf(outcome, record, error), failure };
  }
}

/** Whether the same request may succeed later; undefined for what the error itself says. */
function isRetryable(error: unknown, { idempotencyKey }: ChangeRequest): boolean | undefined {
  // Without a key it could be made twice; with one the gateway finds out first.
  if (error instanceof OutcomeUnknown) return idempotencyKey !== undefined;
  // The same request would not make the rest: with its key it is answered the same, and a creation finds what it made.
  return outcomeOf(error) === 'PARTIALLY_APPLIED' ? false : undefined;
}

/** Makes a change, or has it recorded why not. */
async function tryOne(
  context: Context,
  { make, at = 'input' }: Change,
  { connectorId, target }: Subject,
  request: ChangeRequest,
): Promise<Outcome<object>> {
  const connector = await context.seen(connectorId);
  try {
    context.connectors.allowed(connector);
    return await make(await context.organization(connector), request, at);
  } catch (error) {
    await context.provisioning.noteRefusal(request, connector, target, error);
    throw error;
  }
}

/** After which it is worth another try if others wait in front: most changes take a second or two. */
const WAIT_SECONDS = 5;

/** What a key is good for is one item of one field of one request. */
function changeRequestOf(
  { context, info, dryRun }: Request,
  { index }: Change,
  shared: Shared,
): ChangeRequest {
  const { principal, requestId, idempotencyKey } = context.caller;
  const place = index === undefined ? String(info.path.key) : `${info.path.key}[${index}]`;
  return {
    operation: info.fieldName,
    actor: principal.actor,
    requestId,
    dryRun: dryRun ?? false,
    patience: context.caller.deadline.patience(() => new RecordBusy('waiting', WAIT_SECONDS)),
    idempotencyKey: idempotencyKey === undefined ? undefined : { key: idempotencyKey, place },
    ...shared,
    report: new ChangeReport(),
  };
}
