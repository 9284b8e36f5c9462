import { Forbidden } from '../../errors/access.ts';
import { NoSeatsLeft, NotApplied, OutcomeUnknown, PartiallyApplied } from '../../errors/changes.ts';
import { AuthorizationFailed, NotConnected, ReconnectRequired } from '../../errors/connection.ts';
import { type FieldProblem, InvalidInput, NotFound } from '../../errors/request.ts';
import { RateLimited, type UpstreamCall, UpstreamError, UpstreamForbidden } from '../../errors/upstream.ts';
import { AccessScopeEnum } from '../base/access-scopes.ts';
import { builder } from '../base/builder.ts';
import { ObjectKindEnum } from '../base/object-kinds.ts';
import { LicenseRef } from '../base/refs.ts';
import { candidatesOf, connectorNamed, currentOf, openOf } from './behind.ts';
import type { Failure } from './failure.ts';
import { ERROR_CODES, type ErrorType } from './table.ts';

const ErrorCodeEnum = builder.enumType('ErrorCode', {
  description:
    'What went wrong, for programs. A code never changes its meaning. New codes may be added, so handle unknown ones by `retryable`.',
  values: ERROR_CODES,
});

/** Why a mutation failed. */
export const ErrorRef = builder.interfaceRef<Failure>('Error').implement({
  description:
    'Why a mutation failed. `code`, `message` and `retryable` are enough for most clients. Select `... on NoSeatsLeft { … }` and so on for details.',
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeEnum, description: 'What went wrong, for programs.' }),
    message: t.exposeString('message', {
      description: 'What went wrong and what to do about it, for people.',
    }),
    retryable: t.exposeBoolean('retryable', {
      description: 'Whether the same request may succeed later without any change.',
    }),
    retryAfter: t.exposeInt('retryAfter', {
      nullable: true,
      description: 'Seconds to wait before you try again. Null if that is not known.',
    }),
  }),
  resolveType: ({ type }) => type,
});

const errorRef = (name: ErrorType) => builder.objectRef<Failure>(name);

export const FieldProblemRef = builder.objectRef<FieldProblem>('FieldProblem').implement({
  description: 'One value of the input that is not valid.',
  fields: (t) => ({
    path: t.string({
      description: 'Path from the argument on, for example `input.users[3].emails[0]`.',
      resolve: ({ field }) => field,
    }),
    message: t.exposeString('message', { description: 'What is wrong with it.' }),
  }),
});

errorRef('InvalidInput').implement({
  description: 'A part of the input is not valid. Nothing was changed.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    problems: t.field({
      type: [FieldProblemRef],
      description:
        'The values that are not valid. Of groups, ids and times are checked before names and descriptions, and what depends on Webex is checked last, so fixing them may bring up more.',
      resolve: ({ error }) => (error instanceof InvalidInput ? [...error.problems] : []),
    }),
  }),
});

errorRef('NotFound').implement({
  description: 'An object does not exist, or you may not see it.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    kind: t.field({
      type: ObjectKindEnum,
      description: 'The kind of object.',
      resolve: ({ error }) => only(error, NotFound).objectKind,
    }),
    reference: t.string({
      description: 'The id or name that the gateway looked for.',
      resolve: ({ error }) => only(error, NotFound).reference,
    }),
  }),
});

errorRef('Ambiguous').implement({
  description:
    'A name belongs to several objects, or no connector is given and there are several. Nothing was changed.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    candidates: t.field({
      type: [builder.nodeInterfaceRef()],
      fallible: true,
      description: 'The objects that may be meant. Give the id of one of them.',
      resolve: candidatesOf,
    }),
  }),
});

errorRef('Conflict').implement({
  description:
    'Another object has the name or the address, the object was changed meanwhile, the plan is not the one that was reviewed, or the Idempotency-Key was used before. Nothing was changed.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    current: t.field({
      type: builder.nodeInterfaceRef(),
      nullable: true,
      description:
        'The object that is in the way, or the object as it is now. Null if you cannot see it, if it is an API key, and for IDEMPOTENCY_KEY_REUSED and PLAN_CHANGED.',
      resolve: currentOf,
    }),
  }),
});

errorRef('NoSeatsLeft').implement({
  description:
    'All seats of a license are taken. `outcome` of the payload says whether something was changed.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    license: t.field({
      type: LicenseRef,
      fallible: true,
      description: 'The license.',
      resolve: async (failure, _arguments, context) => ({
        webex: await openOf(failure, context),
        license: only(failure.error, NoSeatsLeft).license,
      }),
    }),
    totalUnits: t.int({
      nullable: true,
      description: 'Number of seats that the organization has. Null if it is not known.',
      resolve: ({ error }) => only(error, NoSeatsLeft).totalUnits,
    }),
    availableUnits: t.int({
      nullable: true,
      description:
        'Number of free seats. In a list of changes, seats for other items of the list are not free. Null if it is not known.',
      resolve: ({ error }) => only(error, NoSeatsLeft).availableUnits,
    }),
  }),
});

errorRef('NotAllowed').implement({
  description:
    'You, or this connector, may not make the change, or the state of the plan or run does not allow it. Nothing was changed.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    requiredScope: t.field({
      type: AccessScopeEnum,
      nullable: true,
      description: 'The scope that your API key or token lacks. Null if the cause is not a scope.',
      resolve: ({ error }) => (error instanceof Forbidden ? error.scope : null),
    }),
  }),
});

errorRef('NotConnected').implement({
  description:
    'The connector has no usable connection to Webex. `outcome` of the payload, if it has one, says whether something was changed.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    connector: t.field({
      type: builder.nodeInterfaceRef(),
      fallible: true,
      description: 'The connector to connect with the mutation `connect`.',
      resolve: ({ error }, _arguments, context) => {
        if (error instanceof NotConnected) return connectorNamed(error.connector, context);
        return connectorNamed(only(error, ReconnectRequired).connector, context);
      },
    }),
  }),
});

errorRef('WebexFailure').implement({
  description:
    'Webex refused the request, failed, or did not answer. `outcome` of the payload, if it has one, says whether something was changed.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    webexMessage: t.string({
      nullable: true,
      description: 'What Webex itself said. Null if it said nothing.',
      resolve: ({ error }) => callOf(error)?.said,
    }),
    trackingIds: t.stringList({
      description: 'Webex’s ids of the requests. Give them to Cisco’s support.',
      resolve: ({ error }) => {
        const trackingId = callOf(error)?.trackingId;
        return trackingId === undefined ? [] : [trackingId];
      },
    }),
    missingScopes: t.stringList({
      description: 'OAuth scopes of which one would allow the request. Empty if they are not known.',
      resolve: ({ error }) => (error instanceof UpstreamForbidden ? [...error.scopes] : []),
    }),
  }),
});

errorRef('Unavailable').implement({
  description:
    'Webex or the gateway cannot process the change at the moment. `outcome` of the payload, if it has one, says whether something was changed.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    throttledUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When Webex accepts requests again. Null unless the code is RATE_LIMITED.',
      resolve: ({ error }) => (error instanceof RateLimited ? error.throttledUntil : null),
    }),
  }),
});

const AuthorizationFailureReason = builder.enumType('AuthorizationFailureReason', {
  description: 'Why a connection was not made.',
  values: {
    DENIED: { description: 'It was denied on the Webex page, or Webex does not grant the scopes.' },
    STATE_UNKNOWN: { description: 'The gateway did not issue this state.' },
    STATE_EXPIRED: { description: 'The state is more than ten minutes old.' },
    STATE_USED: { description: 'The state was used before. Nothing was done again.' },
    CODE_REFUSED: { description: 'Webex did not accept the authorization code.' },
    GRANT_REFUSED: { description: 'Webex did not accept the refresh token.' },
    CLIENT_REFUSED: { description: 'Webex did not accept the client id and client secret.' },
    OTHER_ORGANIZATION: {
      description:
        'The account belongs to another organization than the connector is connected to, or than was expected. Nothing was changed. To connect the other one, confirm it with expectOrganization.',
    },
    RESPONSE_INVALID: { description: 'Webex sent an answer that cannot be used.' },
  },
});

errorRef('AuthorizationFailed').implement({
  description: 'The OAuth flow did not lead to a connection. Start it again with the mutation `connect`.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    reason: t.field({
      type: AuthorizationFailureReason,
      description: 'The step that failed.',
      resolve: ({ error }) => only(error, AuthorizationFailed).reason,
    }),
  }),
});

/** The error as one of this class; the table of errors ensures that it is. */
function only<E extends Error>(error: Error, ErrorClass: abstract new (...values: never[]) => E): E {
  if (error instanceof ErrorClass) return error;
  throw new Error(`${error.name} is in the table of errors under a wrong type.`);
}

/** The call to Webex that counts for an error; undefined if none was sent. */
function callOf(error: Error): UpstreamCall | undefined {
  const hasCall =
    error instanceof UpstreamError ||
    error instanceof PartiallyApplied ||
    error instanceof NotApplied ||
    error instanceof OutcomeUnknown;
  return hasCall ? error.call : undefined;
}
