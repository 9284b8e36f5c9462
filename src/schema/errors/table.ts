import { Forbidden } from '../../errors/access.ts';
import {
  DirectorySynchronized,
  Drifted,
  EmailTaken,
  ModifiedMeanwhile,
  NoSeatsLeft,
  NotApplied,
  NotRecorded,
  OutcomeUnknown,
  PartiallyApplied,
  RecordBusy,
} from '../../errors/changes.ts';
import {
  AuthorizationFailed,
  NotConnected,
  ReconnectRequired,
  UpstreamAddressRefused,
} from '../../errors/connection.ts';
import type { GatewayError } from '../../errors/gateway-error.ts';
import {
  Ambiguous,
  DeclaredConnector,
  IdempotencyKeyReused,
  InvalidInput,
  NameTaken,
  NotFound,
  ReadOnlyConnector,
  SettingsConflict,
} from '../../errors/request.ts';
import { FileIncomplete } from '../../errors/source.ts';
import { SecretKeyMismatch, StoreUnavailable } from '../../errors/start.ts';
import {
  AlreadyEnded,
  ConnectorInUse,
  MappingInUse,
  MappingModified,
  PlanChanged,
  PlanNotApplicable,
  SelfApproval,
} from '../../errors/sync.ts';
import {
  OtherOrganization,
  RateLimited,
  UpstreamBusy,
  UpstreamForbidden,
  UpstreamInvalid,
  UpstreamNotFound,
  UpstreamRedirected,
  UpstreamRejected,
  UpstreamTimeout,
  UpstreamUnavailable,
} from '../../errors/upstream.ts';

/** The types of errors that a mutation answers with. */
export type ErrorType =
  | 'InvalidInput'
  | 'NotFound'
  | 'Ambiguous'
  | 'Conflict'
  | 'NoSeatsLeft'
  | 'NotAllowed'
  | 'NotConnected'
  | 'WebexFailure'
  | 'Unavailable'
  | 'AuthorizationFailed';

/** The codes of errors that a mutation answers with. docs/errors.md says more of each. */
export const ERROR_CODES = {
  INVALID_INPUT: { description: 'A value of the input is not valid. Fix it and send the request again.' },
  NOT_FOUND: { description: 'The object does not exist, or you may not see it.' },
  AMBIGUOUS: { description: 'A name belongs to several objects, or several connectors are possible.' },
  EMAIL_TAKEN: { description: 'Another user has the email address.' },
  NAME_TAKEN: { description: 'Another object has the name.' },
  MODIFIED_MEANWHILE: { description: 'The object was changed after you read it.' },
  MAPPING_IN_USE: { description: 'A schedule, a plan or a run uses the mapping.' },
  IDEMPOTENCY_KEY_REUSED: {
    description: 'The Idempotency-Key was used for another request within the last 24 hours.',
  },
  DRIFTED: { description: 'The user or group was changed after the plan was reviewed.' },
  PLAN_CHANGED: { description: 'The digest is not that of the plan. Review the plan, then send its digest.' },
  FILE_INCOMPLETE: { description: 'A part of the file is missing. Upload it again.' },
  NO_SEATS_LEFT: { description: 'All seats of a license are taken.' },
  FORBIDDEN: { description: 'Your API key or token lacks the scope that this takes.' },
  READ_ONLY: { description: 'The connector is read-only.' },
  DECLARED: { description: 'The connector is declared in the connectors file. Change it there.' },
  DIRECTORY_SYNCHRONIZED: { description: 'Users come from a directory. Make the change in the directory.' },
  PLAN_NOT_APPLICABLE: { description: 'The plan is in a state in which this is not possible.' },
  SELF_APPROVAL: { description: 'You asked for the plan, so another administrator has to approve it.' },
  CONNECTOR_IN_USE: { description: 'A run of the connector has not ended.' },
  ALREADY_ENDED: { description: 'The plan or the run has ended.' },
  NOT_CONNECTED: { description: 'The connector is not connected to Webex yet.' },
  RECONNECT_REQUIRED: {
    description: 'Webex no longer accepts the connection. An administrator has to connect it again.',
  },
  AUTHORIZATION_FAILED: { description: 'The OAuth flow did not lead to a connection.' },
  RATE_LIMITED: { description: 'Webex limits the rate of requests.' },
  RECORD_BUSY: { description: 'Other changes of the same user or group are not finished.' },
  UPSTREAM_BUSY: { description: 'Too many requests are waiting for this Webex organization.' },
  UPSTREAM_REJECTED: { description: 'Webex refused the request.' },
  UPSTREAM_FORBIDDEN: { description: 'The connected account may not do this in Webex.' },
  UPSTREAM_NOT_FOUND: { description: 'Webex does not know the object.' },
  UPSTREAM_TIMEOUT: { description: 'Webex did not answer in time.' },
  UPSTREAM_UNAVAILABLE: { description: 'Webex could not be reached, or failed.' },
  UPSTREAM_INVALID: { description: 'Webex sent an answer that makes no sense.' },
  UPSTREAM_REDIRECTED: { description: 'The address of Webex answered with a redirect.' },
  UPSTREAM_ADDRESS_REFUSED: {
    description: 'The gateway is not configured to send requests to an address of the connector.',
  },
  OTHER_ORGANIZATION: { description: 'Webex answered for another organization than the connector’s.' },
  PARTIALLY_APPLIED: { description: 'Webex made a part of the change.' },
  NOT_APPLIED: { description: 'Webex accepted the change and did not make it.' },
  OUTCOME_UNKNOWN: { description: 'The change was sent, and it is not known whether Webex made it.' },
  NOT_RECORDED: { description: 'The change could not be recorded, so it was not sent.' },
  STORE_UNAVAILABLE: { description: 'The gateway cannot reach its database.' },
  SECRET_UNREADABLE: { description: 'The gateway cannot decrypt a secret that it has stored.' },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

type ErrorClass = abstract new (...values: never[]) => GatewayError;

interface Entry {
  readonly class: ErrorClass;
  readonly type: ErrorType;
  readonly code: ErrorCode;
}

/** Every class of errors that a mutation answers with, and as what. Subclasses are as their class. */
export const DATA_ERRORS: readonly Entry[] = [
  { class: InvalidInput, type: 'InvalidInput', code: 'INVALID_INPUT' },
  { class: NotFound, type: 'NotFound', code: 'NOT_FOUND' },
  { class: Ambiguous, type: 'Ambiguous', code: 'AMBIGUOUS' },
  { class: EmailTaken, type: 'Conflict', code: 'EMAIL_TAKEN' },
  { class: NameTaken, type: 'Conflict', code: 'NAME_TAKEN' },
  { class: ModifiedMeanwhile, type: 'Conflict', code: 'MODIFIED_MEANWHILE' },
  { class: SettingsConflict, type: 'Conflict', code: 'MODIFIED_MEANWHILE' },
  { class: MappingModified, type: 'Conflict', code: 'MODIFIED_MEANWHILE' },
  { class: MappingInUse, type: 'Conflict', code: 'MAPPING_IN_USE' },
  { class: IdempotencyKeyReused, type: 'Conflict', code: 'IDEMPOTENCY_KEY_REUSED' },
  { class: Drifted, type: 'Conflict', code: 'DRIFTED' },
  { class: PlanChanged, type: 'Conflict', code: 'PLAN_CHANGED' },
  { class: FileIncomplete, type: 'InvalidInput', code: 'FILE_INCOMPLETE' },
  { class: NoSeatsLeft, type: 'NoSeatsLeft', code: 'NO_SEATS_LEFT' },
  { class: Forbidden, type: 'NotAllowed', code: 'FORBIDDEN' },
  { class: ReadOnlyConnector, type: 'NotAllowed', code: 'READ_ONLY' },
  { class: DeclaredConnector, type: 'NotAllowed', code: 'DECLARED' },
  { class: DirectorySynchronized, type: 'NotAllowed', code: 'DIRECTORY_SYNCHRONIZED' },
  { class: PlanNotApplicable, type: 'NotAllowed', code: 'PLAN_NOT_APPLICABLE' },
  { class: SelfApproval, type: 'NotAllowed', code: 'SELF_APPROVAL' },
  { class: ConnectorInUse, type: 'NotAllowed', code: 'CONNECTOR_IN_USE' },
  { class: AlreadyEnded, type: 'NotAllowed', code: 'ALREADY_ENDED' },
  { class: NotConnected, type: 'NotConnected', code: 'NOT_CONNECTED' },
  { class: ReconnectRequired, type: 'NotConnected', code: 'RECONNECT_REQUIRED' },
  { class: AuthorizationFailed, type: 'AuthorizationFailed', code: 'AUTHORIZATION_FAILED' },
  { class: RateLimited, type: 'Unavailable', code: 'RATE_LIMITED' },
  { class: RecordBusy, type: 'Unavailable', code: 'RECORD_BUSY' },
  { class: UpstreamBusy, type: 'Unavailable', code: 'UPSTREAM_BUSY' },
  { class: NotRecorded, type: 'Unavailable', code: 'NOT_RECORDED' },
  { class: StoreUnavailable, type: 'Unavailable', code: 'STORE_UNAVAILABLE' },
  { class: SecretKeyMismatch, type: 'Unavailable', code: 'SECRET_UNREADABLE' },
  { class: UpstreamRejected, type: 'WebexFailure', code: 'UPSTREAM_REJECTED' },
  { class: UpstreamForbidden, type: 'WebexFailure', code: 'UPSTREAM_FORBIDDEN' },
  { class: UpstreamNotFound, type: 'WebexFailure', code: 'UPSTREAM_NOT_FOUND' },
  { class: UpstreamTimeout, type: 'WebexFailure', code: 'UPSTREAM_TIMEOUT' },
  { class: UpstreamUnavailable, type: 'WebexFailure', code: 'UPSTREAM_UNAVAILABLE' },
  { class: UpstreamInvalid, type: 'WebexFailure', code: 'UPSTREAM_INVALID' },
  { class: UpstreamRedirected, type: 'WebexFailure', code: 'UPSTREAM_REDIRECTED' },
  { class: UpstreamAddressRefused, type: 'WebexFailure', code: 'UPSTREAM_ADDRESS_REFUSED' },
  { class: OtherOrganization, type: 'WebexFailure', code: 'OTHER_ORGANIZATION' },
  { class: PartiallyApplied, type: 'WebexFailure', code: 'PARTIALLY_APPLIED' },
  { class: NotApplied, type: 'WebexFailure', code: 'NOT_APPLIED' },
  { class: OutcomeUnknown, type: 'WebexFailure', code: 'OUTCOME_UNKNOWN' },
];

/** As what a mutation answers with an error; undefined for what ends the operation: limits, deadlines, bugs. */
export function entryOf(error: unknown): Entry | undefined {
  return DATA_ERRORS.find((entry) => error instanceof entry.class);
}
